/**
 * Migrations on empty databases of their own, from folders of their own; and the real ones, which the template has.
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

/** As another process has it. */
function newPool(poolMax = 2): Knex {
  const pool = database.connect(poolMax);
  pools.push(pool);
  return pool;
}

async function things(): Promise<string[]> {
  return (await database.db('things').orderBy('name')).map(({ name }) => name);
}

describe('migrate', () => {
  it('applies what is new, in order, and names it', async () => {
    expect(await migrate(database.db, folder)).toEqual(['0001_create_things', '0002_add_first_thing']);
    await addMigration('0003_add_second_thing', "insert into things values ('second')");
    expect(await migrate(database.db, folder)).toEqual(['0003_add_second_thing']);
    expect(await migrate(database.db, folder)).toEqual([]);
    expect(await things()).toEqual(['first', 'second']);
  });

  it('takes the compiled file for the same migration as its source', async () => {
    await migrate(database.db, folder);
    await rm(new URL('0002_add_first_thing.js', folder));
    await addMigration('0002_add_first_thing', "insert into things values ('first')", 'ts');
    expect(await migrate(database.db, folder)).toEqual([]);
  });

  it('passes over files that are not migrations', async () => {
    for (const name of ['0003_types.d.ts', '0003_map.js.map', 'README.md']) {
      await writeFile(new URL(name, folder), 'not a module');
    }
    expect(await migrate(database.db, folder)).toHaveLength(2);
  });

  it('undoes everything of a run that fails, says which migration and why, and works once it is repaired', async () => {
    await addMigration('0003_break', "insert into things values ('half'); select 1 / 0");
    await expect(migrate(database.db, folder)).rejects.toThrow(
      'migration 0003_break failed: division by zero',
    );
    expect(await listPendingMigrations(database.db, folder)).toHaveLength(3);
    // Under another name: this process has loaded the broken module and does not load it again.
    await rm(new URL('0003_break.js', folder));
    await addMigration('0003_repaired', "insert into things values ('whole')");
    await migrate(database.db, folder);
    expect(await things()).toEqual(['first', 'whole']);
  });

  it('lets many processes start at once: one applies, the others wait and find it done', async () => {
    const answers = await Promise.all(Array.from({ length: 6 }, () => migrate(newPool(), folder)));
    expect(answers.filter((applied) => applied.length === 2)).toHaveLength(1);
    expect(answers.filter((applied) => applied.length === 0)).toHaveLength(5);
    expect(await things()).toEqual(['first']);
  });

  it('needs no second connection of the pool', async () => {
    expect(await migrate(newPool(1), folder)).toHaveLength(2);
  });

  it("is not blocked by knex's lock, which a killed process has left behind", async () => {
    await migrate(database.db, folder);
    await database.db('knex_migrations_lock').update({ is_locked: 1 });
    await addMigration('0003_add_second_thing', "insert into things values ('second')");
    expect(await migrate(database.db, folder)).toEqual(['0003_add_second_thing']);
  });

  it('lets a statement take longer than one of a request', async () => {
    await addMigration('0003_slow', "insert into things values (current_setting('statement_timeout'))");
    await migrate(database.db, folder);
    expect(await things()).toContain('0');
    const after = await database.db.raw('show statement_timeout');
    expect(after.rows).toEqual([{ statement_timeout: '15s' }]);
  });

  it('is not given up as unanswered, however long it takes', async () => {
    await addMigration('0003_long', 'select pg_sleep(1); insert into things values (1)');
    const impatient = connect(database.url, { poolMax: 2, responseTimeoutMs: 300 });
    try {
      await migrate(impatient, folder);
    } finally {
      await impatient.destroy();
    }
    expect(await things()).toContain('1');
  });

  it('takes a question mark as it is', async () => {
    await addMigration('0003_ask', `insert into things select 'why?' where '{"a":1}'::jsonb ? 'a'`);
    await migrate(database.db, folder);
    expect(await things()).toContain('why?');
  });

  it('refuses a database that a newer version has migrated', async () => {
    await migrate(database.db, folder);
    await rm(new URL('0002_add_first_thing.js', folder));
    await expect(migrate(database.db, folder)).rejects.toThrow(
      /migrated by a newer version .*0002_add_first_thing/,
    );
  });

  it('refuses a file without SQL by its name', async () => {
    await writeFile(new URL('0003_empty.js', folder), 'export const other = 1;\n');
    await expect(migrate(database.db, folder)).rejects.toThrow(/0003_empty.js must export its SQL/);
  });
});

describe('listPendingMigrations', () => {
  it('names what has not been applied and changes nothing', async () => {
    expect(await listPendingMigrations(database.db, folder)).toHaveLength(2);
    const tables = await database.db.raw("select to_regclass('knex_migrations') as answer");
    expect(tables.rows).toEqual([{ answer: null }]);
    await migrate(database.db, folder);
    await addMigration('0003_later', 'select 1');
    expect(await listPendingMigrations(database.db, folder)).toEqual(['0003_later']);
  });
});

describe('the migrations of the project', () => {
  it('all lie in the template that tests clone', async () => {
    const clone = await createTestDatabase();
    expect(await listPendingMigrations(clone.db)).toEqual([]);
    await clone.drop();
  });
});

describe('a connection', () => {
  it('gives bigint as an exact number and refuses one that no number holds exactly', async () => {
    const { rows } = await database.db.raw('select 99999999999::bigint as amount');
    expect(rows).toEqual([{ amount: 99_999_999_999 }]);
    await expect(database.db.raw('select 9007199254740993::bigint')).rejects.toThrow(/does not fit a number/);
  });

  it('gives timestamptz as Date', async () => {
    const { rows } = await database.db.raw("select '2026-01-02T03:04:05Z'::timestamptz as at");
    expect(rows).toEqual([{ at: new Date('2026-01-02T03:04:05Z') }]);
  });

  it('works on after a value that it refused', async () => {
    const pool = newPool(1);
    await expect(pool.raw('select 9007199254740993::bigint')).rejects.toThrow();
    expect((await pool.raw('select 1::bigint as one')).rows).toEqual([{ one: 1 }]);
  });

  it('says who it is and does not wait for ever', async () => {
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

  it('fails at once when no server is there', async () => {
    const nowhere = connect('postgres://pgw:x@127.0.0.1:1/pgw', { poolMax: 1 });
    await expect(nowhere.raw('select 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await nowhere.destroy();
  });
});
