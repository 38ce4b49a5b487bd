/**
 * The files of the embedded PostgreSQL: made once, by initdb, and owned by whom PostgreSQL runs as. Not the running
 * server: that is embedded-server.ts.
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
/** initdb takes seconds; a folder of an unfinished one that is older than this is what a killed process left behind. */
const LEFT_BEHIND_MS = 10 * 60_000;

/** Which cluster: the programs, its folder (a real path), the password of its role. */
export interface ClusterPlace {
  readonly binaries: Binaries;
  readonly folder: string;
  readonly password: string;
  /** False gives up safety for speed. */
  readonly isDurable: boolean;
}

/** Makes the cluster unless there is one, and sees to it that PostgreSQL may use it. */
export async function ensureCluster(place: ClusterPlace): Promise<void> {
  if (!(await isCluster(place.folder))) {
    await removeLeftBehind(place.folder);
    await makeCluster(place);
  }
  await ensureOwner(place.binaries.owner, place.folder);
}

/** A cluster is made aside and renamed when it is whole: a kill in the middle leaves nothing that looks like one. */
async function makeCluster({ binaries, folder, password, isDurable }: ClusterPlace): Promise<void> {
  const making = await mkdtemp(`${folder}-new-`);
  try {
    const passwordFile = join(making, 'password');
    const data = join(making, 'data');
    await writeFile(passwordFile, password, { mode: 0o600 });
    await mkdir(data, { mode: 0o700 });
    await giveTo(binaries.owner, making, passwordFile, data);
    await binaries.run('initdb', [
      `--pgdata=${data}`,
      `--username=${CLUSTER_USER}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
      ...(isDurable ? [] : ['--no-sync']),
    ]);
    await place(data, folder);
  } finally {
    await rm(making, { recursive: true, force: true });
  }
}

/** Renaming onto a cluster that another process has made meanwhile fails, and theirs is used. */
async function place(data: string, folder: string): Promise<void> {
  try {
    await rename(data, folder);
  } catch (cause) {
    if (await isCluster(folder)) {
      return;
    }
    throw new Error(
      `${folder} holds something that is not a PostgreSQL cluster: move it away, or choose another DATA_DIR`,
      { cause },
    );
  }
  // Without this a power cut could undo the renaming, and with it hide everything committed since.
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

async function removeLeftBehind(folder: string): Promise<void> {
  for (const name of await readdir(dirname(folder))) {
    if (!name.startsWith(`${basename(folder)}-new-`)) {
      continue;
    }
    const path = join(dirname(folder), name);
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }));
    if (systemClock.now().getTime() - mtimeMs < LEFT_BEHIND_MS) {
      continue;
    }
    await rm(path, { recursive: true, force: true });
  }
}

/** The data may have been made by another user, for example before the project was run as root. */
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
  // The folder itself last: its owner says that all of it has been handed over.
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
