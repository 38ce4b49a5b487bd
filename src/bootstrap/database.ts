/**
 * The database of a process or command: the configured one, or the embedded one, which a running server may share.
 */
import type { Knex } from 'knex';
import { type Config, ConfigError } from '../config.ts';
import { hasEmbeddedPostgres, openEmbeddedPostgres } from '../embedded-postgres/embedded-postgres.ts';
import { type Clock, systemClock } from '../lib/clock.ts';
import { printAside } from '../lib/terminal.ts';
import { createDatabaseClock } from '../store/db/clock.ts';
import { ConnectError } from '../store/db/errors.ts';
import { connect } from '../store/db/knex.ts';
import { listPendingMigrations, migrate } from '../store/db/migrate.ts';
import { findServerProblem } from '../store/db/server-check.ts';

/** What PostgreSQL's programs print may be long; its beginning says what is wrong. */
const MAX_REASON = 500;

export interface OpenDatabase {
  readonly url: string;
  /** Whether this is the embedded PostgreSQL. */
  readonly isEmbedded: boolean;
  /** For one-shot commands: stops the embedded server if no other process uses it. */
  leave(): Promise<void>;
  /** For the gateway: stops the embedded server. */
  stop(): Promise<void>;
}

/**
 * Returns the configured database, or starts the embedded one.
 * @throws ConfigError when the configured database cannot be used
 */
export async function openDatabase(config: Config): Promise<OpenDatabase> {
  if (config.database.url !== undefined) {
    const problem = await findServerProblem(config.database.url);
    if (problem !== undefined) {
      throw new ConfigError('DATABASE_URL', problem);
    }
    const nothing = async () => undefined;
    return { url: config.database.url, isEmbedded: false, leave: nothing, stop: nothing };
  }
  const embedded = await openEmbeddedPostgres({
    dataDir: config.dataDir,
    isDurable: config.database.isDurable,
  }).catch((error: unknown) => {
    throw databaseError(config, error);
  });
  return {
    url: embedded.url,
    isEmbedded: true,
    leave: () => embedded.stop({ ifUnused: true }),
    stop: () => embedded.stop(),
  };
}

/**
 * Applies the pending migrations.
 * @param report called with a line of text when a migration has to wait
 * @throws ConfigError when one cannot be applied
 */
export async function migrateDatabase(
  config: Config,
  url: string,
  report: (line: string) => void,
): Promise<void> {
  const db = connect(url, { poolMax: 2 });
  try {
    await migrateFor(config, db, report);
  } finally {
    await db.destroy();
  }
}

async function migrateFor(config: Config, db: Knex, report: (line: string) => void): Promise<string[]> {
  return migrate(db, undefined, report).catch((error: unknown) => {
    throw databaseError(config, error);
  });
}

/**
 * Migrates the database and runs a command on it, which receives the names of the migrations just applied. Afterwards
 * stops the embedded server if no other process uses it.
 * @throws ConfigError when there is no embedded database, unless the command may create it
 */
export async function withDatabase<T>(
  config: Config,
  work: (db: Knex, applied: readonly string[]) => Promise<T>,
  { mayCreate = false } = {},
): Promise<T> {
  if (!mayCreate) {
    await requireDatabase(config);
  }
  return onDatabase(config, async (db) => work(db, await migrateFor(config, db, printAside)));
}

/**
 * Runs a command that only reads. Creates and migrates nothing.
 * @throws ConfigError when there is no database, or one of an earlier version
 */
export async function readDatabase<T>(
  config: Config,
  work: (db: Knex, url: string) => Promise<T>,
): Promise<T> {
  await requireDatabase(config);
  return onDatabase(config, async (db, url) => {
    if ((await listPendingMigrations(db)).length > 0) {
      throw databaseError(
        config,
        'it is not migrated to this version: start the gateway, or run pgw migrate',
      );
    }
    return work(db, url);
  });
}

/** @throws ConfigError when the gateway has never run with this DATA_DIR, and no other database is configured */
async function requireDatabase({ database, dataDir }: Config): Promise<void> {
  if (database.url === undefined && !(await hasEmbeddedPostgres(dataDir))) {
    throw new ConfigError(
      'DATA_DIR',
      `(${dataDir}) has no database: start the gateway first, or set DATA_DIR or DATABASE_URL to those of the gateway`,
    );
  }
}

async function onDatabase<T>(config: Config, work: (db: Knex, url: string) => Promise<T>): Promise<T> {
  const database = await openDatabase(config);
  try {
    const db = connect(database.url, { poolMax: 4, applicationName: 'pgw' });
    try {
      return await work(db, database.url);
    } finally {
      await db.destroy();
    }
  } catch (error) {
    throw error instanceof ConnectError ? databaseError(config, error) : error;
  } finally {
    await database.leave();
  }
}

/** One line that names the variable to change. */
function databaseError({ database, dataDir }: Config, cause: unknown): ConfigError {
  const text = (cause instanceof Error ? cause.message : String(cause)).replaceAll(/\s+/g, ' ');
  const reason = text.length > MAX_REASON ? `${text.slice(0, MAX_REASON)}…` : text;
  if (database.url !== undefined) {
    return new ConfigError('DATABASE_URL', `leads to a database that cannot be used: ${reason}`);
  }
  const own = `DATA_DIR (${dataDir}) `;
  return reason.startsWith(own)
    ? new ConfigError('DATA_DIR', reason.slice('DATA_DIR '.length))
    : new ConfigError('DATA_DIR', `(${dataDir}) has no database that can be used: ${reason}`);
}

/** The database's time, for what a command stores, because the clock of this machine may be wrong. */
export function openClock(db: Knex): Promise<Clock> {
  return createDatabaseClock(db, systemClock);
}
