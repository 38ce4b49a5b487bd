/**
 * The running server of the embedded PostgreSQL: joining the one that runs, starting one, stopping it. It outlives this
 * process, so every start may meet an old server, one that is just starting or stopping, or what a kill has left behind.
 * Not its files: they are in embedded-cluster.ts.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { systemClock } from '../lib/clock.ts';
import { findFreePort } from '../lib/free-port.ts';
import { CLUSTER_USER, type ClusterPlace } from './cluster.ts';
import { isRunningOn } from './process.ts';

/** Our part in a running server. While `presence` is connected nobody stops the server for want of users. */
export interface JoinedServer {
  readonly port: number;
  readonly isStartedHere: boolean;
  readonly keepAlive: pg.Client;
}

/** Any fixed number. Held shared by everybody who uses the server, exclusively by who stops it because nobody does. */
const IN_USE_LOCK_ID = 7_263_003;
/** Recovery after a crash and a shutdown both end well within this. */
const READY_TIMEOUT_MS = 120_000;
const RETRY_MS = 50;
/** A connection that was closed is on the server's list for a moment longer. */
const FAREWELL_MS = 2_000;
const CONNECT_TIMEOUT_MS = 5_000;
/** More than any pid can be, so that it names nobody. */
const NOBODY = 2_147_483_647;
/** Reasons not to start that pass: another process was faster, backends of a killed server are ending, a port was taken. */
const PASSING =
  /lock file "postmaster.pid" already exists|pre-existing shared memory block|could not create any TCP\/IP sockets|database system is (starting up|shutting down)/;

/** @returns the address of a database on the server, with its password */
export function urlOf({ password }: Pick<ClusterPlace, 'password'>, port: number, database: string): string {
  return `postgres://${CLUSTER_USER}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`;
}

/** Joins the server that runs on the folder, or starts one. */
export async function joinServer(place: ClusterPlace): Promise<JoinedServer> {
  const deadline = systemClock.now().getTime() + READY_TIMEOUT_MS;
  let isStartedHere = false;
  for (;;) {
    const found = await findServer(place);
    if (found.state === 'ready') {
      return { port: found.port, keepAlive: found.keepAlive, isStartedHere };
    }
    if (found.state === 'absent') {
      isStartedHere = await tryStart(place);
      if (isStartedHere) {
        continue;
      }
    }
    if (systemClock.now().getTime() > deadline) {
      throw new Error(`PostgreSQL on ${place.folder} does not get ready: see ${logOf(place)}`);
    }
    await systemClock.sleep(RETRY_MS);
  }
}

/** Stops the server, whoever uses it. That none runs is no fault. */
export async function stopServer({
  binaries,
  folder,
}: Pick<ClusterPlace, 'binaries' | 'folder'>): Promise<void> {
  // pg_ctl signals whatever has the pid in the file; it must still be the server's.
  const { pid } = await readPidFile(folder);
  if (pid === undefined || !(await isRunningOn(pid, folder))) {
    return;
  }
  try {
    // pg_ctl's own waiting takes a new server, which another process may start at once, for the old one.
    await binaries.run('pg_ctl', ['-D', folder, '-m', 'fast', '-W', 'stop']);
  } catch (error) {
    if (await isRunningOn(pid, folder)) {
      throw error;
    }
  }
  const deadline = systemClock.now().getTime() + READY_TIMEOUT_MS;
  while (await isRunningOn(pid, folder)) {
    if (systemClock.now().getTime() > deadline) {
      throw new Error(`PostgreSQL on ${folder} does not stop`);
    }
    await systemClock.sleep(RETRY_MS);
  }
}

/** Whether nobody else uses the server. If so, nobody can join it any more until `presence` is closed. */
export async function claimUnused(keepAlive: pg.Client): Promise<boolean> {
  await keepAlive.query(`select pg_advisory_unlock_shared(${IN_USE_LOCK_ID})`);
  const { rows } = await keepAlive.query(`select pg_try_advisory_lock(${IN_USE_LOCK_ID}) as is_claimed`);
  if (!rows[0].is_claimed) {
    return false;
  }
  const deadline = systemClock.now().getTime() + FAREWELL_MS;
  while (await hasOtherClients(keepAlive)) {
    if (systemClock.now().getTime() > deadline) {
      return false;
    }
    await systemClock.sleep(RETRY_MS);
  }
  return true;
}

async function hasOtherClients(keepAlive: pg.Client): Promise<boolean> {
  const { rows } = await keepAlive.query(
    `select exists (
       select from pg_stat_activity a
       where backend_type = 'client backend' and pid <> pg_backend_pid()
         -- Who waits to join is not using anything yet, and simply starts a new server.
         and not exists (select from pg_locks l where l.pid = a.pid and not granted and objid = ${IN_USE_LOCK_ID})
     ) as has_others`,
  );
  return rows[0].has_others;
}

type Found =
  | { readonly state: 'ready'; readonly port: number; readonly keepAlive: pg.Client }
  /** A server is there but takes no connections: it is starting or stopping. */
  | { readonly state: 'busy' }
  | { readonly state: 'absent' };

async function findServer(place: ClusterPlace): Promise<Found> {
  const { pid, port, text } = await readPidFile(place.folder);
  if (pid === undefined) {
    return { state: 'absent' };
  }
  if (!(await isRunningOn(pid, place.folder))) {
    disownPid(place.folder, text);
    return { state: 'absent' };
  }
  if (port === undefined) {
    return { state: 'busy' };
  }
  const keepAlive = await openKeepAliveConnection(place, port);
  return keepAlive ? { state: 'ready', port, keepAlive } : { state: 'busy' };
}

/** @returns undefined when the server is starting or stopping */
async function openKeepAliveConnection(place: ClusterPlace, port: number): Promise<pg.Client | undefined> {
  const keepAlive = new pg.Client({
    connectionString: urlOf(place, port, 'postgres'),
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: 'mpac-pgw presence',
    keepAlive: true,
  });
  keepAlive.on('error', () => undefined);
  try {
    await keepAlive.connect();
    // Waits while somebody stops the server, and then fails with it.
    await keepAlive.query(`select pg_advisory_lock_shared(${IN_USE_LOCK_ID})`);
    return keepAlive;
  } catch (cause) {
    await keepAlive.end().catch(() => undefined);
    if ((cause as { code?: unknown }).code !== '28P01') {
      return undefined;
    }
    throw new Error(
      `The PostgreSQL on ${place.folder} does not take the password kept beside it: put back the file ` +
        'postgres-password that was made with it',
      { cause },
    );
  }
}

/** The lines of postmaster.pid: pid, folder, start time, port, socket folder, address, shared memory, status. */
async function readPidFile(folder: string) {
  const text = await readFile(pidFileOf(folder), 'utf8').catch((error: { code?: unknown }) => {
    if (error.code === 'ENOENT') {
      return '';
    }
    throw error;
  });
  const [pid, , , port] = text.split('\n').map((line) => (/^\d+$/.test(line) ? Number(line) : undefined));
  return { text, pid, port };
}

/**
 * PostgreSQL takes any live process with the pid of a stale file for its own old server and refuses to start. The file is
 * not deleted, since PostgreSQL finds in it the shared memory of backends that survived a kill. Read and written without a
 * pause in between, so that a server which starts now does not lose its file.
 */
function disownPid(folder: string, staleText: string): void {
  const file = pidFileOf(folder);
  try {
    if (readFileSync(file, 'utf8') === staleText) {
      writeFileSync(file, staleText.replace(/^\d+/, String(NOBODY)), { flag: 'r+' });
    }
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ENOENT') {
      throw error;
    }
  }
}

/** @returns false when it did not start for a reason that passes */
async function tryStart(place: ClusterPlace): Promise<boolean> {
  const { binaries, folder } = place;
  const log = logOf(place);
  const loggedBytes = await sizeOf(log);
  const options = settings(await findFreePort(), place.isDurable);
  try {
    await binaries.run('pg_ctl', ['-D', folder, '-l', log, '-o', options, '-w', '-t', '60', 'start']);
    return true;
  } catch (cause) {
    const said = (await readFile(log).catch(() => Buffer.alloc(0))).subarray(loggedBytes).toString().trim();
    const { pid } = await readPidFile(folder);
    const isStillStarting = pid !== undefined && (await isRunningOn(pid, folder));
    if (isStillStarting || PASSING.test(said)) {
      return false;
    }
    throw new Error(`The embedded PostgreSQL does not start: ${said || (cause as Error).message}`, { cause });
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

async function sizeOf(file: string): Promise<number> {
  return stat(file).then(
    ({ size }) => size,
    () => 0,
  );
}

function pidFileOf(folder: string): string {
  return join(folder, 'postmaster.pid');
}

function logOf({ folder }: ClusterPlace): string {
  return join(folder, 'server.log');
}
