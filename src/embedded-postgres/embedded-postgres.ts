/**
 * A real PostgreSQL of our own, for machines that have only Node: its programs come with an npm package. The server is
 * detached from this process, so after a kill of the gateway it is found still running, and after a kill of both its
 * stale files are found; either way the next start simply works.
 */
import { mkdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { ensureSecret } from '../lib/secrets.ts';
import { findBinaries } from './binaries.ts';
import { type ClusterPlace, ensureCluster } from './cluster.ts';
import { claimUnused, joinServer, stopServer, urlOf } from './server.ts';

export interface EmbeddedPostgres {
  readonly url: string;
  /** False when a server was running already. */
  readonly isStartedHere: boolean;
  /**
   * Stops the server, whoever uses it; with `ifUnused`, only when this call started it and nobody else uses it. To be
   * called once, at the end.
   */
  stop(options?: { ifUnused?: boolean }): Promise<void>;
}

export interface EmbeddedOptions {
  readonly dataDir: string;
  /** False gives up safety for speed; for tests only. */
  readonly isDurable?: boolean;
}

const DATABASE = 'pgw';

/**
 * Starts the server below `dataDir`, or joins the one that runs there. Any number of processes may do so at once.
 * @throws Error with one line that says what to do
 */
export async function openEmbeddedPostgres(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const place = await findPlace(options);
  await ensureCluster(place);
  const { port, isStartedHere, keepAlive } = await joinServer(place);
  await ensureDatabase(keepAlive);
  setHoldsProcess(keepAlive, false);
  return {
    url: urlOf(place, port, DATABASE),
    isStartedHere,
    async stop({ ifUnused = false } = {}) {
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

/** Stops the server below `dataDir` that a killed process has left running, if any. */
export async function stopEmbeddedPostgres(dataDir: string): Promise<void> {
  const folder = join(await realpath(dataDir), 'postgres');
  await stopServer({ folder, binaries: await findBinaries(folder) });
}

/** The real path: two names of one folder must lead to one server. */
async function findPlace({ dataDir, isDurable = true }: EmbeddedOptions): Promise<ClusterPlace> {
  await mkdir(dataDir, { recursive: true });
  const folder = join(await realpath(dataDir), 'postgres');
  const binaries = await findBinaries(folder);
  return { binaries, folder, isDurable, password: await ensurePassword(dataDir) };
}

async function ensurePassword(dataDir: string): Promise<string> {
  try {
    return await ensureSecret(dataDir, 'postgres-password', 24);
  } catch (cause) {
    if ((cause as { code?: unknown }).code !== 'EACCES') {
      throw cause;
    }
    throw new Error(
      `DATA_DIR (${dataDir}) belongs to another user: run as that user, choose another folder, or set DATABASE_URL`,
      { cause },
    );
  }
}

/** A connection that nobody waits for must not keep a process alive that has nothing else to do. */
function setHoldsProcess(keepAlive: pg.Client, isHolding: boolean): void {
  // The driver has these two, its types do not.
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
    const isMadeByAnother = error instanceof pg.DatabaseError && /^(42P04|23505)$/.test(error.code ?? '');
    if (!isMadeByAnother) {
      throw error;
    }
  }
}
