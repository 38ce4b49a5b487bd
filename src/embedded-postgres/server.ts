/**
 * The server of the embedded PostgreSQL: joins a running one, starts one, stops it. The server outlives this process,
 * so a start may find one that is running, starting or stopping, or the stale files of a killed one. Its data files
 * are in cluster.ts.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { monotonicMs, systemClock } from '../lib/clock.ts';
import { findFreePort } from '../lib/net/free-port.ts';
import { CLUSTER_USER, type ClusterPlace } from './cluster.ts';
import { FOLDER_SETTING, isRunningOn } from './process.ts';

/** A running server. While `keepAlive` is connected, other processes do not stop the server as unused. */
export interface JoinedServer {
  readonly port: number;
  readonly isStartedHere: boolean;
  readonly keepAlive: pg.Client;
}

/** Arbitrary, but fixed. Held shared by users of the server, exclusively by a process that stops an unused server. */
const IN_USE_LOCK_ID = 7_263_003;
/** Long enough for recovery after a crash, and for a shutdown. */
const READY_TIMEOUT_MS = 120_000;
const RETRY_MS = 50;
/** The server lists a closed connection for a moment longer. */
const DISCONNECT_GRACE_MS = 2_000;
const CONNECT_TIMEOUT_MS = 5_000;
/** Larger than any pid. */
const UNUSED_PID = 2_147_483_647;
const LOG_NAME = 'server.log';
/** Transient failures: another process was faster, backends of a killed server are ending, the port was taken. */
const TRANSIENT =
  /lock file "postmaster.pid" already exists|pre-existing shared memory block|could not create any TCP\/IP sockets|database system is (starting up|shutting down)/;

/** @returns the URL of a database on the server as the superuser, including the password */
export function adminUrlOf(
  { password }: Pick<ClusterPlace, 'password'>,
  port: number,
  database: string,
): string {
  return urlOf({ name: CLUSTER_USER, password }, port, database);
}

/** @returns the URL of a database on the server, including the role's password */
export function urlOf(role: { name: string; password: string }, port: number, database: string): string {
  return `postgres://${role.name}:${encodeURIComponent(role.password)}@127.0.0.1:${port}/${database}`;
}

/**
 * Joins the server of the folder, or starts it.
 * @throws when it does not get ready in time
 */
export async function joinServer(place: ClusterPlace): Promise<JoinedServer> {
  const deadline = monotonicMs(systemClock) + READY_TIMEOUT_MS;
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
    if (monotonicMs(systemClock) > deadline) {
      throw new Error(`PostgreSQL on ${place.folder} is not ready in time: see ${logOf(place)}`);
    }
    await systemClock.sleep(RETRY_MS);
  }
}

/** Stops the server even if it is in use; does nothing when none is running. */
export async function stopServer({
  binaries,
  folder,
}: Pick<ClusterPlace, 'binaries' | 'folder'>): Promise<void> {
  // pg_ctl signals the pid in the file, whichever program has it.
  const { pid } = await readPidFile(folder);
  if (pid === undefined || !(await isRunningOn(pid, folder))) {
    return;
  }
  try {
    // Without pg_ctl's own waiting, which mistakes a new server, started by another process, for the old one.
    await binaries.run('pg_ctl', folder, ['-m', 'fast', '-W', 'stop']);
  } catch (error) {
    if (await isRunningOn(pid, folder)) {
      throw error;
    }
  }
  const deadline = monotonicMs(systemClock) + READY_TIMEOUT_MS;
  while (await isRunningOn(pid, folder)) {
    if (monotonicMs(systemClock) > deadline) {
      throw new Error(`PostgreSQL on ${folder} does not stop`);
    }
    await systemClock.sleep(RETRY_MS);
  }
}

/** Whether no other process uses the server. If so, none can join it until `keepAlive` is closed. */
export async function claimUnused(keepAlive: pg.Client): Promise<boolean> {
  await keepAlive.query(`select pg_advisory_unlock_shared(${IN_USE_LOCK_ID})`);
  const { rows } = await keepAlive.query(`select pg_try_advisory_lock(${IN_USE_LOCK_ID}) as is_claimed`);
  if (!rows[0].is_claimed) {
    return false;
  }
  const deadline = monotonicMs(systemClock) + DISCONNECT_GRACE_MS;
  while (await hasOtherClients(keepAlive)) {
    if (monotonicMs(systemClock) > deadline) {
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
         -- A process waiting to join does not use the server yet, and will start a new one.
         and not exists (select from pg_locks l where l.pid = a.pid and not granted and objid = ${IN_USE_LOCK_ID})
     ) as has_others`,
  );
  return rows[0].has_others;
}

type Found =
  | { readonly state: 'ready'; readonly port: number; readonly keepAlive: pg.Client }
  /** The server is starting or stopping, and accepts no connections. */
  | { readonly state: 'busy' }
  | { readonly state: 'absent' };

async function findServer(place: ClusterPlace): Promise<Found> {
  const { pid, port, text } = await readPidFile(place.folder);
  if (pid === undefined) {
    return { state: 'absent' };
  }
  if (!(await isRunningOn(pid, place.folder))) {
    invalidatePid(place.folder, text);
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
    connectionString: adminUrlOf(place, port, 'postgres'),
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: 'mpac-pgw keep-alive',
    keepAlive: true,
  });
  keepAlive.on('error', () => undefined);
  try {
    await keepAlive.connect();
    // Waits while another process stops the server, and then fails.
    await keepAlive.query(`select pg_advisory_lock_shared(${IN_USE_LOCK_ID})`);
    return keepAlive;
  } catch (cause) {
    await keepAlive.end().catch(() => undefined);
    if ((cause as { code?: unknown }).code !== '28P01') {
      return undefined;
    }
    throw new Error(
      `The PostgreSQL on ${place.folder} does not accept the password stored beside it: restore the file ` +
        'postgres-password that was created with it',
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
 * Replaces the pid in a stale postmaster.pid, because PostgreSQL mistakes any process with that pid for its old
 * server and refuses to start. The file is not deleted: it tells PostgreSQL about the shared memory of backends that
 * survived a kill. Synchronous, so that a server starting at the same time does not lose its file.
 */
function invalidatePid(folder: string, staleText: string): void {
  const file = pidFileOf(folder);
  try {
    if (readFileSync(file, 'utf8') === staleText) {
      writeFileSync(file, staleText.replace(/^\d+/, String(UNUSED_PID)), { flag: 'r+' });
    }
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ENOENT') {
      throw error;
    }
  }
}

/** @returns false when it did not start for a transient reason */
async function tryStart(place: ClusterPlace): Promise<boolean> {
  const { binaries, folder } = place;
  const log = logOf(place);
  const loggedBytes = await sizeOf(log);
  const options = settings(await findFreePort(), place);
  try {
    await binaries.run('pg_ctl', folder, ['-l', LOG_NAME, '-o', options, '-w', '-t', '60', 'start']);
    return true;
  } catch (cause) {
    const output = (await readFile(log).catch(() => Buffer.alloc(0))).subarray(loggedBytes).toString().trim();
    const { pid } = await readPidFile(folder);
    const isStillStarting = pid !== undefined && (await isRunningOn(pid, folder));
    if (isStillStarting || TRANSIENT.test(output)) {
      return false;
    }
    throw new Error(`The embedded PostgreSQL does not start: ${output || (cause as Error).message}`, {
      cause,
    });
  }
}

function settings(port: number, { folder, isDurable }: ClusterPlace): string {
  const values = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: 200,
    // No effect on the server. It distinguishes the servers of a machine.
    [FOLDER_SETTING]: folder,
    ...(isDurable ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
  };
  return Object.entries(values)
    .map(([name, value]) => `-c ${name}='${String(value).replaceAll("'", "'\\''")}'`)
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

/** The server's log; it explains why a server did not start. */
export function logOf({ folder }: Pick<ClusterPlace, 'folder'>): string {
  return join(folder, LOG_NAME);
}
