/**
 * An embedded PostgreSQL, for machines that have only Node: its programs come from an npm package. The server is
 * detached from this process. If the gateway is killed, the next start joins the running server; if both are killed,
 * it recovers from the stale files.
 */
import { realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { ensurePrivateFolder, ensureSecret } from '../lib/secrets.ts';
import { findBinaries } from './binaries.ts';
import { type ClusterPlace, ensureCluster } from './cluster.ts';
import { ensureGatewayRole, gatewayRole } from './gateway-role.ts';
import { limitLog } from './log-file.ts';
import { adminUrlOf, claimUnused, joinServer, logOf, stopServer, urlOf } from './server.ts';

export interface EmbeddedPostgres {
  readonly url: string;
  /** Connects as the superuser; for tests that create databases. */
  readonly adminUrl: string;
  /** False when the server was running already. */
  readonly isStartedHere: boolean;
  /**
   * Stops the server; with `ifUnused`, only if this process started it and no other uses it. To be called once, at
   * the end.
   */
  stop(options?: { ifUnused?: boolean }): Promise<void>;
}

export interface EmbeddedOptions {
  readonly dataDir: string;
  /** False trades durability for speed; for tests only. */
  readonly isDurable?: boolean;
  /** How often the size of the server's log is checked. */
  readonly logCheckMs?: number;
}

const LOG_CHECK_MS = 60_000;
const DATABASE = 'pgw';

/**
 * Starts the server below `dataDir`, or joins the one running there. Safe to call from several processes at once.
 * @throws Error with a one-line message that says what to do
 */
export async function openEmbeddedPostgres(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const { logCheckMs = LOG_CHECK_MS } = options;
  const place = await findPlace(options);
  await ensureCluster(place);
  const log = logOf(place);
  await limitLog(log);
  const { port, isStartedHere, keepAlive } = await joinServer(place);
  const adminUrl = adminUrlOf(place, port, DATABASE);
  try {
    await ensureDatabase(keepAlive);
    await ensureGatewayRole(adminUrl, place.password);
  } catch (error) {
    await keepAlive.end().catch(() => undefined);
    throw error;
  }
  setHoldsProcess(keepAlive, false);
  // A log that cannot be emptied now is tried again later, and at the next start.
  const logCheck = setInterval(() => void limitLog(log).catch(() => undefined), logCheckMs).unref();
  return {
    url: urlOf(gatewayRole(place.password), port, DATABASE),
    adminUrl,
    isStartedHere,
    async stop({ ifUnused = false } = {}) {
      clearInterval(logCheck);
      setHoldsProcess(keepAlive, true);
      try {
        if (!ifUnused || (isStartedHere && (await claimUnused(keepAlive)))) {
          await stopServer(place);
        }
      } finally {
        await keepAlive.end().catch(() => undefined);
      }
    },
  };
}

/** Whether there is a cluster below `dataDir`, running or not. Creates nothing. */
export async function hasEmbeddedPostgres(dataDir: string): Promise<boolean> {
  try {
    await stat(join(dataDir, 'postgres'));
    return true;
  } catch (error) {
    // With any other error, opening it says what is wrong.
    return !['ENOENT', 'ENOTDIR'].includes(String((error as { code?: unknown }).code));
  }
}

/** Stops the server below `dataDir` that a killed process left running, if any. */
export async function stopEmbeddedPostgres(dataDir: string): Promise<void> {
  const folder = join(await realpath(dataDir), 'postgres');
  await stopServer({ folder, binaries: await findBinaries() });
}

/** Resolves `dataDir` to its real path, so that two names of one folder lead to one server. */
async function findPlace({ dataDir, isDurable = true }: EmbeddedOptions): Promise<ClusterPlace> {
  await ensurePrivateFolder(dataDir);
  const folder = join(await realpath(dataDir), 'postgres');
  const binaries = await findBinaries();
  return { binaries, folder, isDurable, password: await ensureSecret(dataDir, 'postgres-password', 24) };
}

/** Whether the keep-alive connection keeps this process running when it has nothing else to do. */
function setHoldsProcess(keepAlive: pg.Client, isHolding: boolean): void {
  // The driver has these two methods; its types lack them.
  const socket = keepAlive as pg.Client & { ref(): void; unref(): void };
  if (isHolding) {
    socket.ref();
  } else {
    socket.unref();
  }
}

async function ensureDatabase(keepAlive: pg.Client): Promise<void> {
  const { rows } = await keepAlive.query('select 1 from pg_database where datname = $1', [DATABASE]);
  if (rows.length > 0) {
    return;
  }
  try {
    await keepAlive.query(`create database ${DATABASE}`);
  } catch (error) {
    const isCreatedByAnother = error instanceof pg.DatabaseError && /^(42P04|23505)$/.test(error.code ?? '');
    if (!isCreatedByAnother) {
      throw error;
    }
  }
}
