/**
 * The database of a process or command: the configured one, or the embedded one, which a running server may share.
 */
import type { Knex } from 'knex';
import { type Config, ConfigError } from '../config.ts';
import { openEmbeddedPostgres } from '../embedded-postgres/embedded-postgres.ts';
import { type Clock, systemClock } from '../lib/clock.ts';
import { printAside } from '../lib/terminal.ts';
import { createDatabaseClock } from '../store/db/clock.ts';
import { connect } from '../store/db/knex.ts';
import { migrate } from '../store/db/migrate.ts';
import { findServerProblem } from '../store/db/server-check.ts';

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
 */
export async function migrateDatabase(url: string, report: (line: string) => void): Promise<void> {
  const db = connect(url, { poolMax: 2 });
  try {
    await migrate(db, undefined, report);
  } finally {
    await db.destroy();
  }
}

/**
 * Migrates the database and runs a command on it, which receives the names of the migrations just applied. Afterwards
 * stops the embedded server if no other process uses it.
 */
export async function withDatabase<T>(
  config: Config,
  work: (db: Knex, applied: readonly string[]) => Promise<T>,
): Promise<T> {
  const database = await openDatabase(config);
  try {
    const db = connect(database.url, { poolMax: 4, applicationName: 'pgw' });
    try {
      const applied = await migrate(db, undefined, printAside);
      return await work(db, applied);
    } finally {
      await db.destroy();
    }
  } finally {
    await database.leave();
  }
}

/** The database's time, for what a command stores, because the clock of this machine may be wrong. */
export function openClock(db: Knex): Promise<Clock> {
  return createDatabaseClock(db, systemClock);
}
