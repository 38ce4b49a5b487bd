/**
 * The data files of the embedded PostgreSQL: created once by initdb, and owned by the user that PostgreSQL runs as. The
 * running server is in server.ts.
 */
import {
  chmod,
  chown,
  lchown,
  mkdir,
  mkdtemp,
  open,
  readdir,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { systemClock } from '../lib/clock.ts';
import type { Binaries } from './binaries.ts';

/** The one role of the embedded server. */
export const CLUSTER_USER = 'pgw';
/** initdb takes seconds, so an unfinished folder older than this was left by a killed process. */
const ABANDONED_AFTER_MS = 10 * 60_000;

/** A cluster: its programs, its folder (a real path) and the password of its role. */
export interface ClusterPlace {
  readonly binaries: Binaries;
  readonly folder: string;
  readonly password: string;
  /** False trades durability for speed. */
  readonly isDurable: boolean;
}

/** Creates the cluster unless it exists, and makes sure that PostgreSQL owns it. */
export async function ensureCluster(place: ClusterPlace): Promise<void> {
  if (!(await isCluster(place.folder))) {
    await removeAbandoned(place.folder);
    await createCluster(place);
  }
  await ensureOwner(place.binaries.owner, place.folder);
}

/** Creates the cluster under a temporary name and renames it when complete, so that a kill leaves no partial cluster. */
async function createCluster({ binaries, folder, password, isDurable }: ClusterPlace): Promise<void> {
  const temporary = await mkdtemp(`${folder}-new-`);
  try {
    const passwordFile = join(temporary, 'password');
    const data = join(temporary, 'data');
    await writeFile(passwordFile, password, { mode: 0o600 });
    await mkdir(data, { mode: 0o700 });
    await giveTo(binaries.owner, temporary, passwordFile, data);
    await binaries.run('initdb', data, [
      `--username=${CLUSTER_USER}`,
      '--pwfile=../password',
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
      ...(isDurable ? [] : ['--no-sync']),
    ]);
    await place(data, folder);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** If another process has created a cluster meanwhile, renaming fails and that one is used. */
async function place(data: string, folder: string): Promise<void> {
  try {
    await rename(data, folder);
  } catch (cause) {
    if (await isCluster(folder)) {
      return;
    }
    throw new Error(
      `${folder} exists but is not a PostgreSQL cluster: move it away, or choose another DATA_DIR`,
      { cause },
    );
  }
  // Without this a power cut could undo the rename, and with it lose everything committed since.
  const parent = await open(dirname(folder));
  try {
    await parent.sync();
  } finally {
    await parent.close();
  }
}

async function isCluster(folder: string): Promise<boolean> {
  return stat(join(folder, 'PG_VERSION')).then(
    () => true,
    () => false,
  );
}

async function removeAbandoned(folder: string): Promise<void> {
  for (const name of await readdir(dirname(folder))) {
    if (!name.startsWith(`${basename(folder)}-new-`)) {
      continue;
    }
    const path = join(dirname(folder), name);
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }));
    if (systemClock.now().getTime() - mtimeMs < ABANDONED_AFTER_MS) {
      continue;
    }
    await rm(path, { recursive: true, force: true });
  }
}

/** The data may belong to another user, for example if the project was not run as root before. */
async function ensureOwner(owner: Binaries['owner'], folder: string): Promise<void> {
  const { uid } = await stat(folder);
  const expected = owner?.uid ?? process.getuid?.();
  if (expected === undefined || uid === expected) {
    return;
  }
  if (!owner) {
    throw new Error(
      `${folder} belongs to another user (uid ${uid}): run as that user, choose another DATA_DIR, or set DATABASE_URL`,
    );
  }
  // The folder itself last: its owner shows that all files have been changed.
  for (const entry of await readdir(folder, { recursive: true })) {
    await lchown(join(folder, entry), owner.uid, owner.gid).catch(() => undefined);
  }
  await chmod(folder, 0o700);
  await giveTo(owner, folder);
}

async function giveTo(owner: Binaries['owner'], ...paths: string[]): Promise<void> {
  if (owner) {
    for (const path of paths) {
      await chown(path, owner.uid, owner.gid);
    }
  }
}
