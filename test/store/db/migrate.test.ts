/**
 * Migrations from test folders on an empty database, and the project's own, which the template database has.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Knex } from 'knex';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connect } from '../../../src/store/db/knex.ts';
import { listPendingMigrations, migrate } from '../../../src/store/db/migrate.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';

let database: TestDatabase;
let folder: URL;
let pools: Knex[];

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

beforeEach(async () => {
  pools = [];
  folder = pathToFileURL(`${await mkdtemp(join(tmpdir(), 'mpac-pgw-migrations-'))}/`);
  await database.db.raw('drop schema public cascade; create schema public');
  await addMigration('0001_create_things', 'create table things (name text primary key)');
  await addMigration('0002_add_first_thing', "insert into things values ('first')");
});
afterEach(async () => {
  await Promise.all(pools.map((pool) => pool.destroy()));
  await rm(folder, { recursive: true });
});

async function addMigration(name: string, sql: string, extension = 'js'): Promise<void> {
  await writeFile(new URL(`${name}.${extension}`, folder), `export const sql = ${JSON.stringify(sql)};\n`);
}

/** Stands for the pool of another process. */
function newPool(poolMax = 2): Knex {
  const pool = database.connect(poolMax);
  pools.push(pool);
  return pool;
}

async function things(): Promise<string[]> {
  return (await database.db('things').orderBy('name')).map(({ name }) => name);
}

describe('migrate', () => {
  it('applies pending migrations in order and returns their names', async () => {
    expect(await migrate(database.db, folder)).toEqual(['0001_create_things', '0002_add_first_thing']);
    await addMigration('0003_add_second_thing', "insert into things values ('second')");
    expect(await migrate(database.db, folder)).toEqual(['0003_add_second_thing']);
    expect(await migrate(database.db, folder)).toEqual([]);
    expect(await things()).toEqual(['first', 'second']);
  });

  it('treats a compiled file and its source as the same migration', async () => {
    await migrate(database.db, folder);
    await rm(new URL('0002_add_first_thing.js', folder));
    await addMigration('0002_add_first_thing', "insert into things values ('first')", 'ts');
    expect(await migrate(database.db, folder)).toEqual([]);
  });

  it('ignores files that are not migrations', async () => {
    for (const name of ['0003_types.d.ts', '0003_map.js.map', 'README.md']) {
      await writeFile(new URL(name, folder), 'not a module');
    }
    expect(await migrate(database.db, folder)).toHaveLength(2);
  });

  it('rolls back a migration that fails, says which and why, and continues there once it is repaired', async () => {
    await addMigration('0003_break', "insert into things values ('half'); select 1 / 0");
    await expect(migrate(database.db, folder)).rejects.toThrow(
      'migration 0003_break failed: division by zero',
    );
    expect(await listPendingMigrations(database.db, folder)).toEqual(['0003_break']);
    // Under another name, because this process has the broken module in its module cache.
    await rm(new URL('0003_break.js', folder));
    await addMigration('0003_repaired', "insert into things values ('whole')");
    await migrate(database.db, folder);
    expect(await things()).toEqual(['first', 'whole']);
  });

  it('lets many processes start at once: one migrates, the others wait and find nothing pending', async () => {
    const answers = await Promise.all(Array.from({ length: 6 }, () => migrate(newPool(), folder)));
    expect(answers.filter((applied) => applied.length === 2)).toHaveLength(1);
    expect(answers.filter((applied) => applied.length === 0)).toHaveLength(5);
    expect(await things()).toEqual(['first']);
  });

  it('works with a pool of one connection', async () => {
    expect(await migrate(newPool(1), folder)).toHaveLength(2);
  });

  it("is not blocked by knex's lock that a killed process left behind", async () => {
    await migrate(database.db, folder);
    await database.db('knex_migrations_lock').update({ is_locked: 1 });
    await addMigration('0003_add_second_thing', "insert into things values ('second')");
    expect(await migrate(database.db, folder)).toEqual(['0003_add_second_thing']);
  });

  it('runs without a statement timeout', async () => {
    await addMigration('0003_slow', "insert into things values (current_setting('statement_timeout'))");
    await migrate(database.db, folder);
    expect(await things()).toContain('0');
    const after = await database.db.raw('show statement_timeout');
    expect(after.rows).toEqual([{ statement_timeout: '15s' }]);
  });

  it('is exempt from the response timeout', async () => {
    await addMigration('0003_long', 'select pg_sleep(1); insert into things values (1)');
    const withShortTimeout = connect(database.url, { poolMax: 2, responseTimeoutMs: 300 });
    try {
      await migrate(withShortTimeout, folder);
    } finally {
      await withShortTimeout.destroy();
    }
    expect(await things()).toContain('1');
  });

  it('accepts a question mark in SQL', async () => {
    await addMigration('0003_ask', `insert into things select 'why?' where '{"a":1}'::jsonb ? 'a'`);
    await migrate(database.db, folder);
    expect(await things()).toContain('why?');
  });

  it('runs steps one by one outside a transaction, and all of them again after a failure', async () => {
    await writeFile(
      new URL('0003_index.js', folder),
      `export const steps = [
        'drop index concurrently if exists things_by_name',
        'create index concurrently things_by_name on things (name)',
        'insert into things values (1 / (select count(*) from things where name = $$ready$$))',
      ];`,
    );
    await expect(migrate(database.db, folder)).rejects.toThrow(
      'migration 0003_index failed: division by zero',
    );
    expect(await listPendingMigrations(database.db, folder)).toEqual(['0003_index']);
    await database.db.raw("insert into things values ('ready')");
    expect(await migrate(database.db, folder)).toEqual(['0003_index']);
    expect(await things()).toContain('1');
  });

  it('waits only briefly for a table that is in use, reports it once, and lets other statements run', async () => {
    await migrate(database.db, folder);
    await addMigration('0003_widen', 'alter table things add column more text');
    const reader = await newPool().transaction();
    await reader.raw('select * from things');
    const lines: string[] = [];
    const migrating = migrate(newPool(), folder, (line) => lines.push(line));
    const writer = newPool();
    let tries = 0;
    // One write after another: each waits behind the migration for its lock timeout at most, and none fails.
    while (lines.length === 0 || tries < 20) {
      tries += 1;
      await writer.raw('insert into things values (?)', [`written ${tries}`]);
    }
    expect(await listPendingMigrations(database.db, folder)).toEqual(['0003_widen']);
    await reader.commit();
    expect(await migrating).toEqual(['0003_widen']);
    expect(lines).toEqual([expect.stringContaining('0003_widen is waiting for a table that is in use')]);
  });

  it('leaves no advisory lock behind', async () => {
    await migrate(database.db, folder);
    const { rows } = await database.db.raw(
      "select count(*)::int as n from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())",
    );
    expect(rows[0].n).toBe(0);
  });

  it('refuses a database migrated by a newer version', async () => {
    await migrate(database.db, folder);
    await rm(new URL('0002_add_first_thing.js', folder));
    await expect(migrate(database.db, folder)).rejects.toThrow(
      /migrated by a newer version .*0002_add_first_thing/,
    );
  });

  it('refuses a file without SQL and names it', async () => {
    await writeFile(new URL('0003_empty.js', folder), 'export const other = 1;\n');
    await expect(migrate(database.db, folder)).rejects.toThrow(/0003_empty.js must export its SQL/);
  });
});

describe('listPendingMigrations', () => {
  it('returns the names of pending migrations and changes nothing', async () => {
    expect(await listPendingMigrations(database.db, folder)).toHaveLength(2);
    const tables = await database.db.raw("select to_regclass('knex_migrations') as answer");
    expect(tables.rows).toEqual([{ answer: null }]);
    await migrate(database.db, folder);
    await addMigration('0003_later', 'select 1');
    expect(await listPendingMigrations(database.db, folder)).toEqual(['0003_later']);
  });
});

describe('the migrations of the project', () => {
  it('are all applied in the template that tests clone', async () => {
    const clone = await createTestDatabase();
    expect(await listPendingMigrations(clone.db)).toEqual([]);
    await clone.drop();
  });
});

describe('a connection', () => {
  it('parses bigint to a number and refuses one that is not a safe integer', async () => {
    const { rows } = await database.db.raw('select 99999999999::bigint as amount');
    expect(rows).toEqual([{ amount: 99_999_999_999 }]);
    await expect(database.db.raw('select 9007199254740993::bigint')).rejects.toThrow(/does not fit a number/);
  });

  it('parses timestamptz to a Date', async () => {
    const { rows } = await database.db.raw("select '2026-01-02T03:04:05Z'::timestamptz as at");
    expect(rows).toEqual([{ at: new Date('2026-01-02T03:04:05Z') }]);
  });

  it('stays usable after a refused value', async () => {
    const pool = newPool(1);
    await expect(pool.raw('select 9007199254740993::bigint')).rejects.toThrow();
    expect((await pool.raw('select 1::bigint as one')).rows).toEqual([{ one: 1 }]);
  });

  it('has an application name and timeouts', async () => {
    const settings = [
      'application_name',
      'statement_timeout',
      'lock_timeout',
      'idle_in_transaction_session_timeout',
    ];
    const { rows } = await database.db.raw('select name, setting from pg_settings where name = any(?)', [
      settings,
    ]);
    expect(
      Object.fromEntries(rows.map((row: { name: string; setting: string }) => [row.name, row.setting])),
    ).toEqual({
      application_name: 'mpac-pgw',
      statement_timeout: '15000',
      lock_timeout: '5000',
      idle_in_transaction_session_timeout: '10000',
    });
  });

  it('fails at once when there is no server', async () => {
    const nowhere = connect('postgres://pgw:x@127.0.0.1:1/pgw', { poolMax: 1 });
    await expect(nowhere.raw('select 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await nowhere.destroy();
  });
});
