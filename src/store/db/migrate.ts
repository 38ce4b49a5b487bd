/**
 * Migrations: raw SQL, forward only, run by knex's migrator, each in its own transaction. The previous version of the
 * program may be serving meanwhile, so a migration never waits long for a lock, because statements that need the table
 * would queue behind it. It times out, lets them run, and tries again.
 *
 * A migration that builds indexes on a large table exports `steps` instead of `sql`: statements that run one after the other
 * outside a transaction, as `create index concurrently` requires. If one fails or the process dies, all of them run again,
 * so they must be repeatable: an index that may be half built is dropped first.
 *
 * If several processes start at once, an advisory lock lets one migrate while the others wait. knex has a lock of its own, a
 * table row that remains after a crash; the holder of the advisory lock knows that such a row is stale and clears it.
 */
import { readdir } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import type { Knex } from 'knex';
import { systemClock } from '../../lib/clock.ts';
import { codeOf, isTransient } from './errors.ts';
import { connectWithoutTimeout } from './knex.ts';

/** The same relative path in the sources and in dist/. */
const FOLDER = new URL('../../../migrations/', import.meta.url);
const FILE = /^\d{4}_[a-z0-9_]+\.(ts|js)$/;
/** Arbitrary, but fixed: identifies the migrations of mpac-pgw among the advisory locks of the database. */
const LOCK_ID = 7_263_005;
/** How long statements may queue behind a waiting migration. Below `deadlock_timeout`, lest a deadlock abort one of them. */
const LOCK_TIMEOUT_MS = 500;
/** The pause before the next try, in which queued statements run. */
const RETRY_MS = 1_000;
/** How often a waiting process checks whether the migrating one has finished. */
const POLL_MS = 200;

interface Migration {
  readonly name: string;
  /** Run in one transaction. */
  readonly sql: string | undefined;
  /** Run one by one, outside a transaction. */
  readonly steps: readonly string[];
}

/** Called with one line about what a migration does or waits for. */
export type Report = (line: string) => void;

/**
 * Applies all pending migrations. If one fails, those before it remain applied.
 * @param folder the migrations' folder; tests have their own
 * @returns the names of the migrations applied
 * @throws when a migration fails, or a newer version has migrated the database
 */
export async function migrate(
  knex: Knex,
  folder = FOLDER,
  report: Report = () => undefined,
): Promise<string[]> {
  const migrations = await loadMigrations(folder);
  const migrator = connectWithoutTimeout(knex);
  try {
    return await withLock(migrator, report, async () => {
      await refuseNewerDatabase(migrator, migrations);
      return await applyPending(migrator, migrations, report);
    });
  } finally {
    await migrator.destroy();
  }
}

/** Names of the pending migrations. Changes nothing. */
export async function listPendingMigrations(knex: Knex, folder = FOLDER): Promise<string[]> {
  return findPending(knex, await loadMigrations(folder));
}

async function findPending(knex: Knex, migrations: readonly Migration[]): Promise<string[]> {
  const applied = new Set(await listApplied(knex));
  return migrations.map(({ name }) => name).filter((name) => !applied.has(name));
}

async function loadMigrations(folder: URL): Promise<Migration[]> {
  const files = (await readdir(folder)).filter((file) => FILE.test(file)).sort();
  return Promise.all(
    files.map(async (file) => {
      const { sql, steps = [] } = (await import(new URL(file, folder).href)) as Partial<Migration>;
      if (typeof sql !== 'string' && steps.length === 0) {
        throw new Error(`migrations/${file} must export its SQL as const sql or const steps`);
      }
      // Without the extension, so that a source file and its compiled file are the same migration.
      return { name: basename(file, extname(file)), sql, steps };
    }),
  );
}

async function applyPending(migrator: Knex, migrations: Migration[], report: Report): Promise<string[]> {
  const options = { migrationSource: createSource(migrations, report) };
  const pending = await findPending(migrator, migrations);
  if (pending.length > 0) {
    await migrator.migrate.forceFreeMigrationsLock(options);
  }
  for (const name of pending) {
    // Applies the next one alone.
    await untilUnlocked(
      name,
      report,
      (error) => isLocked(error) || isTransient(error),
      () => migrator.migrate.up(options),
    );
  }
  return pending;
}

function createSource(migrations: Migration[], report: Report): Knex.MigrationSource<Migration> {
  return {
    getMigrations: async () => migrations,
    getMigrationName: ({ name }) => name,
    getMigration: async ({ name, sql, steps }) => ({
      up: (db: Knex) =>
        sql === undefined ? runSteps(db, name, steps, report) : runInTransaction(db, name, sql),
      down: async () => {
        throw new Error('migrations go forward only');
      },
      config: { transaction: sql !== undefined },
    }),
  };
}

async function runInTransaction(trx: Knex, name: string, sql: string): Promise<void> {
  await trx.raw(`set local statement_timeout = 0; set local lock_timeout = ${LOCK_TIMEOUT_MS}`);
  await run(trx, name, sql);
}

async function runSteps(db: Knex, name: string, steps: readonly string[], report: Report): Promise<void> {
  for (const step of steps) {
    // No lock timeout: a concurrent build blocks no statement, but waits for every older transaction.
    const lockTimeoutMs = /\bconcurrently\b/i.test(step) ? 0 : LOCK_TIMEOUT_MS;
    await db.raw(`set statement_timeout = 0; set lock_timeout = ${lockTimeoutMs}`);
    // After a deadlock all steps run again, because an index may be half built.
    await untilUnlocked(name, report, isLocked, () => run(db, name, step));
  }
}

async function run(db: Knex, name: string, sql: string): Promise<void> {
  await db.raw(escapePlaceholders(sql)).catch((cause: Error) => {
    // knex prefixes the message with the whole statement.
    const reason = cause.message.replace(`${sql} - `, () => '');
    throw new Error(`migration ${name} failed: ${reason}`, { cause });
  });
}

/** Repeats `work` as long as it fails because it cannot get a lock. */
async function untilUnlocked(
  name: string,
  report: Report,
  isPassing: (cause: unknown) => boolean,
  work: () => Promise<unknown>,
): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await work();
      return;
    } catch (error) {
      if (!isPassing((error as Error).cause)) {
        throw error;
      }
      if (tries === 1) {
        report(`migration ${name} is waiting for a table that is in use; it keeps trying`);
      }
      await systemClock.sleep(RETRY_MS);
    }
  }
}

/** Whether a statement failed because it could not get a lock in time. */
function isLocked(error: unknown): boolean {
  return codeOf(error) === '55P03';
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

/** The parts of the driver's client that are used here. */
interface Connection {
  on(event: 'error', listener: () => void): unknown;
  query(sql: string): Promise<{ rows: { is_locked?: boolean }[] }>;
}

/**
 * The lock is tied to a transaction, so that it is released even if a pooler keeps the connection open. The connection does
 * not come from the pool, because the work needs that.
 */
async function withLock<T>(knex: Knex, report: Report, work: () => Promise<T>): Promise<T> {
  const connection: Connection = await knex.client.acquireRawConnection();
  // If it is lost, the work fails as well, or no longer needs it.
  connection.on('error', () => undefined);
  try {
    await connection.query('set idle_in_transaction_session_timeout = 0');
    await takeLock(connection, report);
    return await work();
  } finally {
    await knex.client.destroyRawConnection(connection);
  }
}

/**
 * Polls instead of waiting in a statement, because a waiting statement keeps a snapshot. A concurrent index build would wait
 * for that snapshot while the statement waits for the build.
 */
async function takeLock(connection: Connection, report: Report): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    await connection.query('begin');
    const { rows } = await connection.query(`select pg_try_advisory_xact_lock(${LOCK_ID}) as is_locked`);
    if (rows[0]?.is_locked) {
      return;
    }
    await connection.query('rollback');
    if (tries * POLL_MS === 2_000) {
      report('another process is migrating the database; waiting for it');
    }
    await systemClock.sleep(POLL_MS);
  }
}
