/**
 * Migrations: raw SQL, forward only, each in a transaction, through knex's migrator. N processes may start at once: an
 * advisory lock lets one migrate while the others wait. knex's own lock is a table row that a crash would leave behind;
 * who holds the advisory lock knows that it is stale and frees it.
 */
import { readdir } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import type { Knex } from 'knex';

/** Compiled, this file and the migrations lie in dist/ the way they lie in the project. */
const FOLDER = new URL('../../migrations/', import.meta.url);
const FILE = /^\d{4}_[a-z0-9_]+\.(ts|js)$/;
/** Any fixed number: it names "migrations of mpac-pgw" among the advisory locks of the database. */
const LOCK_ID = 7_263_001;

interface Migration {
  readonly name: string;
  readonly sql: string;
}

/**
 * Applies what has not been applied.
 * @returns the names applied now
 */
export async function migrate(knex: Knex): Promise<string[]> {
  const options = { migrationSource: createSource(await loadMigrations()) };
  return withAdvisoryLock(knex, async () => {
    await knex.migrate.forceFreeMigrationsLock(options);
    const [, applied] = (await knex.migrate.latest(options)) as [number, string[]];
    return applied;
  });
}

/** Names of migrations not yet applied. */
export async function listPendingMigrations(knex: Knex): Promise<string[]> {
  const options = { migrationSource: createSource(await loadMigrations()) };
  const [, pending] = (await knex.migrate.list(options)) as [unknown, Migration[]];
  return pending.map(({ name }) => name);
}

async function loadMigrations(): Promise<Migration[]> {
  const files = (await readdir(FOLDER)).filter((file) => FILE.test(file)).sort();
  return Promise.all(
    files.map(async (file) => {
      const module = (await import(new URL(file, FOLDER).href)) as { sql: string };
      return { name: basename(file, extname(file)), sql: module.sql };
    }),
  );
}

function createSource(migrations: Migration[]): Knex.MigrationSource<Migration> {
  return {
    getMigrations: async () => migrations,
    getMigrationName: ({ name }) => name,
    getMigration: async ({ sql }) => ({
      up: async (trx: Knex) => {
        await trx.raw(sql);
      },
      down: async () => {
        throw new Error('migrations go forward only');
      },
    }),
  };
}

/** The lock is the connection's, so a process that dies lets go of it. */
async function withAdvisoryLock<T>(knex: Knex, work: () => Promise<T>): Promise<T> {
  const connection = await knex.client.acquireConnection();
  try {
    // Another process may migrate for longer than a statement may take.
    await connection.query('set statement_timeout = 0; set lock_timeout = 0');
    await connection.query(`select pg_advisory_lock(${LOCK_ID})`);
    return await work();
  } finally {
    await connection.query(
      `select pg_advisory_unlock(${LOCK_ID}); reset statement_timeout; reset lock_timeout`,
    );
    await knex.client.releaseConnection(connection);
  }
}
