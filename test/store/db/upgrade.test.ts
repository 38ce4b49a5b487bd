/**
 * Databases of earlier versions, upgraded with the rows that they had.
 */
import { copyFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { newId } from '../../../src/lib/ids.ts';
import { numberEvents } from '../../../src/services/events/number-events.ts';
import { migrate } from '../../../src/store/db/migrate.ts';
import { inTransaction } from '../../../src/store/db/query.ts';
import { unblockNext } from '../../../src/store/webhooks/delivery-order.ts';
import { claimDeliveries } from '../../../src/store/webhooks/delivery-queue.ts';
import { APPEND, insertIntents } from '../../services/events/random-writers.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { eventually } from '../../support/eventually.ts';

const MIGRATIONS = new URL('../../../migrations/', import.meta.url);
let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

/** Makes the database that of the version whose last migration this was. */
async function downgradeTo(last: string): Promise<void> {
  const { db } = database;
  await db.raw('drop schema public cascade; create schema public');
  const folder = await mkdtemp(join(tmpdir(), 'mpac-pgw-migrations-'));
  for (const file of (await readdir(MIGRATIONS)).filter((name) => name.slice(0, 4) <= last)) {
    await copyFile(new URL(file, MIGRATIONS), join(folder, file));
  }
  await migrate(db, pathToFileURL(`${folder}/`));
  await rm(folder, { recursive: true });
}

it('merchants and sync keys of a version without upstream systems belong to `default`', async () => {
  await downgradeTo('0012');
  const { db } = database;
  await db.raw(`
    insert into merchants (id, name, created_at, updated_at) values ('m', 'M', now(), now());
    insert into api_keys (api_key, merchant_id, scopes, secret_key_hash, created_at)
    values ('ak_m', 'm', '{payments}', repeat('0', 64), now()), ('ak_s', null, '{sync}', repeat('0', 64), now())`);
  await migrate(db);
  expect(await db('merchants').select('id', 'upstream')).toEqual([{ id: 'm', upstream: 'default' }]);
  expect(await db('api_keys').select('api_key', 'upstream').orderBy('api_key')).toEqual([
    { api_key: 'ak_m', upstream: null },
    { api_key: 'ak_s', upstream: 'default' },
  ]);
});

it('webhooks that an earlier version ignored because it did not know their payment are orphaned', async () => {
  await downgradeTo('0012');
  const { db } = database;
  await db.raw(`
    insert into provider_webhooks (provider, dedupe_key, type, attempt_id, body, status, note, received_at, processed_at)
    values ('PAYPAY', '1', 'Transaction', 'pa_1', '\\x00', 'ignored', 'unknown_reference', now(), now()),
           ('PAYPAY', '2', 'Transaction', null, '\\x00', 'ignored', 'unknown_reference', now(), now()),
           ('PAYPAY', '3', 'Transaction', 'pa_3', '\\x00', 'ignored', 'in_progress', now(), now()),
           ('PAYPAY', '4', 'Transaction', 'pa_4', '\\x00', 'processed', null, now(), now())`);
  await migrate(db);
  const rows = await db('provider_webhooks').select('status').orderBy('dedupe_key');
  expect(rows.map(({ status }) => status)).toEqual(['orphaned', 'ignored', 'ignored', 'processed']);
});

it('merchants receive no events of changes before the upgrade or by an earlier version, and all of later ones', async () => {
  await downgradeTo('0016');
  const { db } = database;
  const now = new Date();
  const id = newId('pi', now);
  await insertIntents(db, 'm', [id]);
  const insertAsBefore = () =>
    db.raw(
      `insert into payment_events (intent_id, type, actor, created_at) values (?, 'created', 'test', now())`,
      [id],
    );
  await insertAsBefore();
  await migrate(db);
  await insertAsBefore();
  await db.raw(APPEND, [id, 'payment_intent.processing']);
  const { rows } = await db.raw('select max(id)::int as newest from payment_events');
  // A transaction of another test file can hold back the sequencer for a moment.
  await eventually(async () => {
    await inTransaction(db, (trx) => numberEvents(trx, now, 10));
    expect(await db('events').select('object_id', 'type', db.raw('version::int'))).toEqual([
      { object_id: id, type: 'payment_intent.processing', version: rows[0].newest },
    ]);
  });
});

it('deliveries that were pending go on, ordered ones in their order', async () => {
  await downgradeTo('0019');
  const { db } = database;
  const now = new Date();
  const endpoint = newId('we', now);
  const ids = [1, 2, 3].map(() => newId('wd', now));
  await db.raw("insert into merchants (id, name, created_at, updated_at) values ('m', 'M', now(), now())");
  await db.raw(
    `insert into webhook_endpoints (id, merchant_id, url, ordering, signature, status, secrets, created_at, updated_at)
     values (?, 'm', 'https://shop.example.com/', 'per_payment_intent', 'hmac', 'enabled', 'sealed', now(), now())`,
    [endpoint],
  );
  await db.raw(
    `insert into webhook_deliveries (id, endpoint_id, merchant_id, event_id, position, event_type, object_id, is_ordered,
       status, next_try_at, created_at)
     select id, ?, 'm', 'evt_1', number, 'payment_intent.created', 'pi_x', true, 'pending', now(), now()
     from unnest(cast(? as text[])) with ordinality as delivery (id, number)`,
    [endpoint, ids],
  );
  await migrate(db);
  const limits = { total: 10, perMerchant: 10, perEndpoint: 8, failing: 10 };
  const taken: string[] = [];
  for (let run = 0; run < ids.length; run += 1) {
    const { deliveries } = await claimDeliveries(db, limits, [], new Date(now.getTime() + 1_000));
    const [delivery] = deliveries;
    taken.push(...deliveries.map(({ id }) => id));
    await db.raw(
      `update webhook_deliveries set status = 'succeeded', next_try_at = null, ended_at = now() where id = ?`,
      [delivery?.id ?? ''],
    );
    await unblockNext(db, delivery?.id ?? '');
  }
  expect(taken).toEqual(ids);
});
