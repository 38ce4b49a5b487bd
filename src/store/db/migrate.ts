/**
 * Migrations: raw SQL, forward only, run by knex's migrator in a transaction. If several processes start at once, an
 * advisory lock lets one migrate while the others wait. knex's own lock is a table row, which a crash leaves behind;
 * the holder of the advisory lock knows that it is stale and frees it.
 */
import { readdir } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import type { Knex } from 'knex';
import { connectWithoutTimeout } from './knex.ts';

/** The same relative path in the sources and in dist/. */
const FOLDER = new URL('../../../migrations/', import.meta.url);
const FILE = /^\d{4}_[a-z0-9_]+\.(ts|js)$/;
/** Arbitrary, but fixed: identifies the migrations of mpac-pgw among the advisory locks of the database. */
const LOCK_ID = 7_263_001;

interface Migration {
  readonly name: string;
  readonly sql: string;
}

/**
 * Applies all pending migrations, or none if one fails.
 * @param folder the migrations' folder; tests have their own
 * @returns the names of the migrations applied
 * @throws when a migration fails, or a newer version has migrated the database
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

/** Names of the pending migrations. Changes nothing. */
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
      // Without the extension, so that a source file and its compiled file are the same migration.
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
        // Building an index may take long. Waiting for a lock may not.
        await trx.raw('set local statement_timeout = 0');
        await trx.raw(escapePlaceholders(sql)).catch((cause: Error) => {
          // knex prefixes the message with the whole statement.
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

/** knex treats a question mark as a placeholder; in a migration it is an operator or text. */
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
 * The lock belongs to a connection, so it is released when the process dies. The connection is not from the pool,
 * which the work needs.
 */
async function withAdvisoryLock<T>(knex: Knex, work: () => Promise<T>): Promise<T> {
  const connection = await knex.client.acquireRawConnection();
  // If it is lost, the work fails as well, or no longer needs it.
  connection.on('error', () => undefined);
  try {
    // Another process may migrate for longer than the usual timeouts.
    await connection.query('set statement_timeout = 0; set lock_timeout = 0');
    await connection.query(`select pg_advisory_lock(${LOCK_ID})`);
    return await work();
  } finally {
    await knex.client.destroyRawConnection(connection);
  }
}
