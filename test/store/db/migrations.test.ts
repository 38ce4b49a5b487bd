/**
 * The project's migrations on databases with rows, while the program that wrote them still serves.
 */
import { randomBytes } from 'node:crypto';
import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Knex } from 'knex';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { newId } from '../../../src/lib/ids.ts';
import { connect } from '../../../src/store/db/knex.ts';
import { listPendingMigrations, migrate } from '../../../src/store/db/migrate.ts';

const MIGRATIONS = new URL('../../../migrations/', import.meta.url);
const files = (await readdir(MIGRATIONS)).sort();
const serverUrl = inject('databaseServerUrl');

let name: string;
let admin: Knex;
let db: Knex;
let folder: string;

beforeEach(async () => {
  name = `pgw_migrations_${randomBytes(6).toString('hex')}`;
  admin = connect(serverUrl, { poolMax: 1 });
  await admin.raw(`create database ${name}`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  db = connect(url.href, { poolMax: 6 });
  folder = await mkdtemp(join(tmpdir(), 'mpac-pgw-earlier-'));
});
afterEach(async () => {
  await db.destroy();
  await admin.raw(`drop database ${name} with (force)`);
  await admin.destroy();
  await rm(folder, { recursive: true });
});

/** Migrates to the schema that the first `count` migrations make. */
async function migrateTo(count: number): Promise<void> {
  for (const file of files.slice(0, count)) {
    await cp(new URL(file, MIGRATIONS), join(folder, file));
  }
  await migrate(db, pathToFileURL(`${folder}/`));
}

async function writeRows(rows: number, prefix: string, withIntents: boolean): Promise<void> {
  await db.raw(
    `with merchant as (insert into merchants values (:id, 'M', now(), now()) returning id)
     insert into stores select id, 'store', 'S', now(), now() from merchant`,
    { id: prefix },
  );
  if (withIntents) {
    const ids = Array.from({ length: rows }, () => newId('pi', new Date()));
    await db.raw(
      `insert into payment_intents (id, merchant_id, merchant_store_id, merchant_ref_id, amount, currency,
         payment_method_types, status, payment_token_hash, created_at, expires_at)
       select id, :prefix, 'store', 'r', 1, 'JPY', array['cash'], 'requires_payment_method',
         decode(repeat('00', 32), 'hex'), now(), now() + interval '1 hour' from unnest(cast(:ids as text[])) as id`,
      { prefix, ids },
    );
    await db.raw(`update payment_intents set description = 'changed' where merchant_id = :prefix`, {
      prefix,
    });
  }
}

async function indexesOfIntents(): Promise<{ name: string; isValid: boolean }[]> {
  const { rows } = await db.raw(
    `select indexrelid::regclass::text as name, indisvalid as "isValid" from pg_index
     where indrelid = 'payment_intents'::regclass order by 1`,
  );
  return rows;
}

describe('the migrations', () => {
  it.each(files.map((_, index) => index + 1).filter((count) => count < files.length))(
    'bring a database of the first %i up to date while it is written to, and no write fails',
    async (count) => {
      await migrateTo(count);
      const withIntents = count >= 3;
      await writeRows(500, 'before', withIntents);
      let isOver = false;
      let writes = 0;
      const writer = async (writer: number) => {
        while (!isOver) {
          writes += 1;
          await writeRows(3, `merchant-${writer}-${writes}`, withIntents);
        }
      };
      // A rejection of one fails the test.
      const writers = Promise.all([writer(1), writer(2), writer(3)]);
      const applied = await migrate(db).finally(() => {
        isOver = true;
      });
      await writers;
      expect(applied).toHaveLength(files.length - count);
      expect(await listPendingMigrations(db)).toEqual([]);
      const { rows } = await db.raw('select count(*)::int as merchants from merchants');
      expect(rows[0].merchants).toBe(writes + 1);
    },
  );

  it('replace indexes without a lock for which a write has to wait', async () => {
    await migrateTo(10);
    await writeRows(100, 'before', true);
    // A writer in the middle of a transaction: building an index must wait for it, and others must not.
    const writer = await db.transaction();
    await writer.raw(`update payment_intents set description = 'open'`);
    const migrating = migrate(db);
    const waiting = async () => {
      const { rows } = await db.raw(
        `select mode from pg_locks where relation = 'payment_intents'::regclass and pid in
           (select pid from pg_stat_activity where datname = current_database() and query like 'create index%')`,
      );
      return rows.map(({ mode }: { mode: string }) => mode);
    };
    await expect.poll(waiting, { timeout: 30_000 }).toEqual(['ShareUpdateExclusiveLock']);
    await writeRows(3, 'meanwhile', true);
    await writer.commit();
    await migrating;
    expect((await indexesOfIntents()).every(({ isValid }) => isValid)).toBe(true);
  });

  it('repair what a process left that was killed while it built an index', async () => {
    await migrateTo(10);
    await writeRows(100, 'before', true);
    const writer = await db.transaction();
    await writer.raw(`update payment_intents set description = 'open'`);
    const interrupted = migrate(db).catch((error: unknown) => error);
    await expect
      .poll(
        async () => {
          const { rows } = await db.raw(
            `select count(pg_terminate_backend(pid))::int as ended from pg_stat_activity
           where datname = current_database() and query like 'create index%' and wait_event_type = 'Lock'`,
          );
          return rows[0].ended;
        },
        { timeout: 30_000 },
      )
      .toBeGreaterThan(0);
    expect(await interrupted).toBeInstanceOf(Error);
    await writer.commit();
    expect((await indexesOfIntents()).filter(({ isValid }) => !isValid)).toHaveLength(1);
    await migrate(db);
    const indexes = await indexesOfIntents();
    expect(indexes.every(({ isValid }) => isValid)).toBe(true);
    expect(indexes.map((index) => index.name).filter((index) => index.startsWith('new_by'))).toEqual([]);
  });
});
