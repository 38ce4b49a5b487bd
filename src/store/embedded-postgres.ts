/**
 * A real PostgreSQL of our own, for machines that have only Node: its programs come with an npm package. The server is
 * detached from this process, so after a kill of the gateway it is found still running, and after a kill of both its
 * stale files are found; either way the next start simply works.
 */
import { randomBytes } from 'node:crypto';
import {
  chmod,
  chown,
  lchown,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  writeFile,
} from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import pg from 'pg';
import { systemClock } from '../clock.ts';
import { type Binaries, findBinaries } from './embedded-binaries.ts';

export interface EmbeddedPostgres {
  readonly url: string;
  /** False when a server was running already. */
  readonly isStartedHere: boolean;
  /** Stops the server; with `ifUnused`, only when this call started it and nobody else is connected. */
  stop(options?: { ifUnused?: boolean }): Promise<void>;
}

export interface EmbeddedOptions {
  readonly dataDir: string;
  /** False gives up safety for speed; for tests only. */
  readonly isDurable?: boolean;
}

const USER = 'pgw';
const DATABASE = 'pgw';
const START_TRIES = 5;
/** Another process may be stopping or starting the server right now; this is how long that may take. */
const RETRY_MS = 500;

/** Starts the server below `dataDir`, or finds it running. */
export async function openEmbeddedPostgres({
  dataDir,
  isDurable = true,
}: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const folder = resolve(dataDir, 'postgres');
  await mkdir(dirname(folder), { recursive: true });
  const password = await ensurePassword(resolve(dataDir, 'postgres-password'));
  const binaries = await findBinaries(folder);
  await ensureCluster(binaries, folder, password);
  const { port, isStartedHere } = await ensureRunning(binaries, folder, password, isDurable);
  const url = urlOf(password, port, DATABASE);
  await ensureDatabase(urlOf(password, port, 'postgres'));
  return {
    url,
    isStartedHere,
    async stop({ ifUnused = false } = {}) {
      if (ifUnused && (!isStartedHere || (await countOthers(url)) > 0)) return;
      await binaries.run('pg_ctl', ['-D', folder, '-m', 'fast', '-w', 'stop']);
    },
  };
}

function urlOf(password: string, port: number, database: string): string {
  return `postgres://${USER}:${password}@127.0.0.1:${port}/${database}`;
}

async function ensurePassword(file: string): Promise<string> {
  await writeFile(file, randomBytes(24).toString('hex'), { mode: 0o600, flag: 'wx' }).catch(
    (error: unknown) => {
      if ((error as { code?: unknown }).code !== 'EEXIST') throw error;
    },
  );
  return (await readFile(file, 'utf8')).trim();
}

/** A cluster is made aside and renamed when it is whole: a kill in the middle leaves nothing that looks like one. */
async function ensureCluster(binaries: Binaries, folder: string, password: string): Promise<void> {
  if (await isCluster(folder)) return;
  const making = await mkdtemp(`${folder}-new-`);
  try {
    const passwordFile = join(making, 'password');
    const data = join(making, 'data');
    await writeFile(passwordFile, password, { mode: 0o600 });
    await mkdir(data, { mode: 0o700 });
    await giveTo(binaries.owner, making, passwordFile, data);
    await binaries.run('initdb', [
      `--pgdata=${data}`,
      `--username=${USER}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
    ]);
    // Renaming onto a cluster that somebody else has made meanwhile fails, and theirs is used.
    await rename(data, folder).catch(async (error: unknown) => {
      if (!(await isCluster(folder))) throw error;
    });
  } finally {
    await rm(making, { recursive: true, force: true });
  }
}

async function isCluster(folder: string): Promise<boolean> {
  return readFile(join(folder, 'PG_VERSION')).then(
    () => true,
    () => false,
  );
}

async function giveTo(owner: Binaries['owner'], ...paths: string[]): Promise<void> {
  if (owner) for (const path of paths) await chown(path, owner.uid, owner.gid);
}

async function ensureRunning(
  binaries: Binaries,
  folder: string,
  password: string,
  isDurable: boolean,
): Promise<{ port: number; isStartedHere: boolean }> {
  await ownAll(binaries.owner, folder);
  for (let tries = 1; ; tries += 1) {
    const running = await findRunning(folder, password);
    if (running !== undefined) return { port: running, isStartedHere: false };
    try {
      const port = await findFreePort();
      const log = join(folder, 'server.log');
      await binaries.run('pg_ctl', [
        '-D',
        folder,
        '-l',
        log,
        '-o',
        settings(port, isDurable),
        '-w',
        '-t',
        '60',
        'start',
      ]);
      return { port, isStartedHere: true };
    } catch (error) {
      if (tries >= START_TRIES) throw error;
      await systemClock.sleep(RETRY_MS);
    }
  }
}

/** The data may have been made by another user, for example before the project was run as root. */
async function ownAll(owner: Binaries['owner'], folder: string): Promise<void> {
  if (!owner) return;
  await chmod(folder, 0o700);
  await chown(folder, owner.uid, owner.gid);
  for (const entry of await readdir(folder, { recursive: true })) {
    await lchown(join(folder, entry), owner.uid, owner.gid).catch(() => undefined);
  }
}

function settings(port: number, isDurable: boolean): string {
  const values = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: 200,
    ...(isDurable ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
  };
  return Object.entries(values)
    .map(([name, value]) => `-c ${name}='${value}'`)
    .join(' ');
}

/** The port of the server that runs on this folder and takes our password; a stale pid file names nobody who does. */
async function findRunning(folder: string, password: string): Promise<number | undefined> {
  const lines = await readFile(join(folder, 'postmaster.pid'), 'utf8').then(
    (text) => text.split('\n'),
    () => [],
  );
  const port = Number(lines[3]);
  if (!Number.isInteger(port) || port <= 0) return undefined;
  const client = new pg.Client({
    connectionString: urlOf(password, port, 'postgres'),
    connectionTimeoutMillis: 5_000,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query("select current_setting('data_directory') as folder");
    return rows[0].folder === folder ? port : undefined;
  } catch {
    return undefined;
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function findFreePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}

async function ensureDatabase(adminUrl: string): Promise<void> {
  await withClient(adminUrl, async (client) => {
    const { rows } = await client.query('select 1 from pg_database where datname = $1', [DATABASE]);
    if (rows.length > 0) return;
    await client.query(`create database ${DATABASE}`).catch((error: { code?: string }) => {
      // 42P04, 23505: another process made it between our two statements.
      if (error.code !== '42P04' && error.code !== '23505') throw error;
    });
  });
}

async function countOthers(url: string): Promise<number> {
  return withClient(url, async (client) => {
    const { rows } = await client.query<{ others: number }>(
      `select count(*)::int as others from pg_stat_activity
       where backend_type = 'client backend' and pid <> pg_backend_pid()`,
    );
    return rows[0]?.others ?? 0;
  });
}

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
