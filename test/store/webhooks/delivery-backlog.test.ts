import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Db, inTransaction, query } from '../../../src/store/db/query.ts';
import { claimDeliveries } from '../../../src/store/webhooks/delivery-queue.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';

const ENDPOINTS = 50;
const DELIVERIES = 200_000;
const LIMITS = { total: 256, perMerchant: 32, perEndpoint: 8, failing: 128 };
/** The first of each endpoint, up to eight candidates of each, those that are taken, and as much again. */
const MAX_ROWS_READ = 2 * (ENDPOINTS + ENDPOINTS * LIMITS.perEndpoint + LIMITS.total);
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
  const part = DELIVERIES / 10;
  for (let first = 1; first < DELIVERIES; first += part) {
    await insertDue(first, first + part - 1);
  }

  expect(await rowsReadByClaim()).toBeLessThan(MAX_ROWS_READ);
  await db.raw('analyze webhook_deliveries');
  expect(await rowsReadByClaim()).toBeLessThan(MAX_ROWS_READ);
}, 120_000);

async function insertDue(first: number, last: number): Promise<void> {
  await query(
    db,
    `insert into webhook_deliveries (id, endpoint_id, merchant_id, event_id, position, event_type, object_id, is_ordered,
       status, next_try_at, created_at)
     select 'wd_' || lpad(n::text, 26, '0'), 'we_' || lpad((n % :count + 1)::text, 26, '0'), 'm_' || (n % :count + 1),
            'evt_' || lpad(n::text, 26, '0'), n, 'payment_intent.created', 'pi_' || n, true, 'pending',
            cast(:now as timestamptz) - interval '1 hour' + n * interval '1 ms', :now
     from generate_series(cast(:first as int), cast(:last as int)) as n`,
    { now: NOW, count: ENDPOINTS, first, last },
  );
}

/** PostgreSQL counts the rows that a session reads. */
async function rowsReadByClaim(): Promise<number> {
  return inTransaction(db, async (trx) => {
    const before = await rowsRead(trx);
    expect(await claimDeliveries(trx, LIMITS, [], NOW)).toHaveLength(LIMITS.total);
    return (await rowsRead(trx)) - before;
  });
}

async function rowsRead(trx: Db): Promise<number> {
  const [read] = await query<{ rows: number }>(
    trx,
    `select (seq_tup_read + idx_tup_fetch)::int as rows from pg_stat_xact_user_tables
     where relname = 'webhook_deliveries'`,
  );
  return read?.rows ?? Number.NaN;
}
