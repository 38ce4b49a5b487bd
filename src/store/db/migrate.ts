/**
 * Migrations: raw SQL, forward only, each in a transaction, through knex's migrator. N processes may start at once: an
 * advisory lock lets one migrate while the others wait. knex's own lock is a table row that a crash would leave behind;
 * who holds the advisory lock knows that it is stale and frees it.
 */
import { readdir } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import type { Knex } from 'knex';
import { connectWithoutTimeout } from './knex.ts';

/** Compiled, this file and the migrations lie in dist/ the way they lie in the project. */
const FOLDER = new URL('../../../migrations/', import.meta.url);
const FILE = /^\d{4}_[a-z0-9_]+\.(ts|js)$/;
/** Any fixed number: it names "migrations of mpac-pgw" among the advisory locks of the database. */
const LOCK_ID = 7_263_001;

interface Migration {
  readonly name: string;
  readonly sql: string;
}

/**
 * Applies what has not been applied, all of it or nothing.
 * @param folder where the migrations lie; another one in tests
 * @returns the names applied now
 */
export async function migrate(knex: Knex, folder = FOLDER): Promise<string[]> {
  const migrations = await loadMigrations(folder);
  const options = { migrationSource: createSource(migrations) };
  const migrator = connectWithoutTimeout(knex);
  try {
    return await withAdvisoryLock(migrator, async () => {
      await refuseNewerDatabase(migrator, migrations);
      await migrator.migrate.forceFreeMigrationsLock(options);
      const [, applied] = (await migrator.migrate.latest(options)) as [number, string[]];
      return applied;
    });
  } finally {
    await migrator.destroy();
  }
}

/** Names of migrations not yet applied. Changes nothing, so it may be asked at any time. */
export async function listPendingMigrations(knex: Knex, folder = FOLDER): Promise<string[]> {
  const applied = new Set(await listApplied(knex));
  return (await loadMigrations(folder)).map(({ name }) => name).filter((name) => !applied.has(name));
}

async function loadMigrations(folder: URL): Promise<Migration[]> {
  const files = (await readdir(folder)).filter((file) => FILE.test(file)).sort();
  return Promise.all(
    files.map(async (file) => {
      const { sql } = (await import(new URL(file, folder).href)) as { sql?: unknown };
      if (typeof sql !== 'string') {
        throw new Error(`migrations/${file} must export its SQL as const sql`);
      }
      // Without the extension, so that sources and the compiled program agree.
      return { name: basename(file, extname(file)), sql };
    }),
  );
}

function createSource(migrations: Migration[]): Knex.MigrationSource<Migration> {
  return {
    getMigrations: async () => migrations,
    getMigrationName: ({ name }) => name,
    getMigration: async ({ name, sql }) => ({
      up: async (trx: Knex) => {
        // Building an index may take longer than a statement of a request; waiting for a lock may not.
        await trx.raw('set local statement_timeout = 0');
        await trx.raw(escapePlaceholders(sql)).catch((cause: Error) => {
          // knex puts the whole statement in front.
          const reason = cause.message.replace(`${sql} - `, () => '');
          throw new Error(`migration ${name} failed: ${reason}`, { cause });
        });
      },
      down: async () => {
        throw new Error('migrations go forward only');
      },
    }),
  };
}

/** knex takes a question mark for a placeholder; in a migration it is an operator or text. */
function escapePlaceholders(sql: string): string {
  return sql.replaceAll('?', '\\?');
}

async function refuseNewerDatabase(knex: Knex, migrations: Migration[]): Promise<void> {
  const known = new Set(migrations.map(({ name }) => name));
  const unknown = (await listApplied(knex)).filter((name) => !known.has(name));
  if (unknown.length === 0) {
    return;
  }
  throw new Error(
    `The database was migrated by a newer version of mpac-pgw (${unknown.join(', ')}): run that version or a later one`,
  );
}

async function listApplied(knex: Knex): Promise<string[]> {
  const { rows } = await knex.raw("select to_regclass('knex_migrations') is not null as is_there");
  if (!rows[0].is_there) {
    return [];
  }
  const applied = await knex.raw<{ rows: { name: string }[] }>(
    'select name from knex_migrations order by id',
  );
  return applied.rows.map(({ name }) => name);
}

/**
 * The lock is a connection's, so a process that dies lets go of it. The connection is not one of the pool's: the work needs
 * those, and they may all be waiting here.
 */
async function withAdvisoryLock<T>(knex: Knex, work: () => Promise<T>): Promise<T> {
  const connection = await knex.client.acquireRawConnection();
  // Its loss shows in the work, or does not matter.
  connection.on('error', () => undefined);
  try {
    // Another process may migrate for longer than a statement may take.
    await connection.query('set statement_timeout = 0; set lock_timeout = 0');
    await connection.query(`select pg_advisory_lock(${LOCK_ID})`);
    return await work();
  } finally {
    await knex.client.destroyRawConnection(connection);
  }
}
