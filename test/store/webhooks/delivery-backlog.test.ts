import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Db, inTransaction, query } from '../../../src/store/db/query.ts';
import { unblockObjects } from '../../../src/store/webhooks/delivery-order.ts';
import { claimDeliveries } from '../../../src/store/webhooks/delivery-queue.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';

const ENDPOINTS = 50;
const DELIVERIES = 200_000;
/** Ten of each endpoint. */
const OBJECTS = 500;
const LIMITS = { total: 256, perMerchant: 32, perEndpoint: 8, failing: 128 };
/** The first of each endpoint, up to eight candidates of each, those that are taken, and as much again. */
const MAX_ROWS_READ = 2 * (ENDPOINTS + ENDPOINTS * LIMITS.perEndpoint + LIMITS.total);
/**
 * Of an ordered endpoint there are eight more candidates. For each that is blocked, the earlier one is read, the mark is
 * written, and the first of the object is looked up.
 */
const MAX_ROWS_READ_IN_ORDER = MAX_ROWS_READ + 2 * ENDPOINTS * 5 * (LIMITS.perEndpoint + 8);
const NOW = new Date('2026-01-15T10:00:00Z');

let database: TestDatabase;
let db: Db;

beforeAll(async () => {
  database = await createTestDatabase();
  ({ db } = database);
  await query(
    db,
    `insert into merchants (id, name, created_at, updated_at)
     select 'm_' || n, 'M', :now, :now from generate_series(1, cast(:count as int)) as n`,
    { now: NOW, count: ENDPOINTS },
  );
  await query(
    db,
    `insert into webhook_endpoints (id, merchant_id, url, ordering, signature, status, secrets, created_at, updated_at)
     select 'we_' || lpad(n::text, 26, '0'), 'm_' || n, 'https://shop.example.com/', 'none', 'hmac', 'enabled', 'sealed',
            :now, :now
     from generate_series(1, cast(:count as int)) as n`,
    { now: NOW, count: ENDPOINTS },
  );
}, 60_000);
afterAll(() => database.drop());

it('claiming reads as many rows with 200,000 deliveries pending as it must, before and after statistics are gathered', async () => {
  await insertAllDue(DELIVERIES);
  const before = await inTransaction(db, claim);
  await db.raw('analyze webhook_deliveries');
  for (const { taken, rows } of [before, await inTransaction(db, claim)]) {
    expect(taken).toBe(LIMITS.total);
    expect(rows).toBeLessThan(MAX_ROWS_READ);
  }
}, 120_000);

it('so it does when nearly all of them wait for an earlier one of the same object', async () => {
  await db.raw("truncate webhook_deliveries; update webhook_endpoints set ordering = 'per_payment_intent'");
  await insertAllDue(OBJECTS);
  const taken: number[] = [];
  for (let run = 0; run < 30; run += 1) {
    if (run === 20) {
      await db.raw('analyze webhook_deliveries');
    }
    const claimed = await inTransaction(db, claim);
    expect(claimed.rows).toBeLessThan(MAX_ROWS_READ_IN_ORDER);
    taken.push(claimed.taken);
  }
  // The first of each object; every other one is blocked.
  expect(taken.reduce((sum, count) => sum + count)).toBe(OBJECTS);
}, 120_000);

it('finding deliveries that were left blocked reads a row per object, whatever is pending', async () => {
  await inTransaction(db, async (trx) => {
    const before = await rowsRead(trx);
    await unblockObjects(trx, undefined, 100);
    expect((await rowsRead(trx)) - before).toBeLessThan(2 * 100);
  });
});

/** @param objects to which the events belong in turn */
async function insertAllDue(objects: number): Promise<void> {
  const part = DELIVERIES / 10;
  for (let first = 1; first < DELIVERIES; first += part) {
    await insertDue(objects, first, first + part - 1);
  }
}

async function insertDue(objects: number, first: number, last: number): Promise<void> {
  await query(
    db,
    `insert into webhook_deliveries (id, endpoint_id, merchant_id, event_id, position, event_type, object_id, is_ordered,
       status, next_try_at, created_at)
     select 'wd_' || lpad(n::text, 26, '0'), 'we_' || lpad((n % :count + 1)::text, 26, '0'), 'm_' || (n % :count + 1),
            'evt_' || lpad(n::text, 26, '0'), n, 'payment_intent.created', 'pi_' || n % :objects, true, 'pending',
            cast(:now as timestamptz) - interval '1 hour' + n * interval '1 ms', :now
     from generate_series(cast(:first as int), cast(:last as int)) as n`,
    { now: NOW, count: ENDPOINTS, objects, first, last },
  );
}

/** PostgreSQL counts the rows that a transaction reads. */
async function claim(trx: Db): Promise<{ readonly taken: number; readonly rows: number }> {
  const before = await rowsRead(trx);
  const { deliveries } = await claimDeliveries(trx, LIMITS, [], NOW);
  return { taken: deliveries.length, rows: (await rowsRead(trx)) - before };
}

async function rowsRead(trx: Db): Promise<number> {
  const [read] = await query<{ rows: number }>(
    trx,
    `select (seq_tup_read + idx_tup_fetch)::int as rows from pg_stat_xact_user_tables
     where relname = 'webhook_deliveries'`,
  );
  return read?.rows ?? Number.NaN;
}
