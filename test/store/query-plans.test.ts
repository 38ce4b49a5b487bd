/**
 * Every query of a request finds its rows by an index, so that it costs the same at ten million intents.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findApiKey } from '../../src/store/api-keys.ts';
import { countDueAttempts, releaseAttemptLease, takeAttemptLease } from '../../src/store/attempt-queue.ts';
import type { Db } from '../../src/store/db/query.ts';
import { findKey } from '../../src/store/idempotency-keys.ts';
import { findShop, listActiveCredentials } from '../../src/store/merchants.ts';
import { claimIntentsToExpire, findAttempt, listPaymentIntents } from '../../src/store/payment-lists.ts';
import { findPayment, findPaymentOfAttempt, findTokenHolder } from '../../src/store/payments.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { watchedDb } from '../support/watched-db.ts';

let database: TestDatabase;
const ID = 'pi_01JHMB5V00ZX8Y7W6V5T4S3R2Q';
const ATTEMPT = 'pa_01JHMB5V00ZX8Y7W6V5T4S3R2Q';

beforeAll(async () => {
  database = await createTestDatabase();
  await database.db.raw(`
    insert into merchants (id, name, created_at, updated_at) select 'm' || n, 'M', now(), now() from generate_series(1, 5000) n;
    insert into stores (merchant_id, id, name, created_at, updated_at) select 'm' || n, 's' || s, 'S', now(), now() from generate_series(1, 200) n, generate_series(1, 5) s;
    insert into payment_processor_configs
    select 'm' || n, 's' || s, 'PAYPAY', true, '\\x00', '\\x00', now(), now() from generate_series(1, 200) n, generate_series(1, 5) s;
    insert into api_keys select 'ak_' || n, 'm' || (n % 200 + 1), array['payments'], repeat('0', 64), now() from generate_series(1, 2000) n;
    insert into payment_intents (
      id, merchant_id, merchant_store_id, merchant_ref_id, amount, currency, payment_method_types, status,
      payment_token_hash, created_at, expires_at, succeeded_at, amount_captured, payment_method_type)
    select 'pi_' || lpad(n::text, 26, '0'), 'm' || (n % 200 + 1), 's' || (n % 5 + 1), 'r' || n, 100, 'JPY', array['cash'],
           case when n % 100 = 0 then 'requires_payment_method' else 'succeeded' end, decode(repeat('00', 32), 'hex'),
           now() - n * interval '1 second', now() + interval '1 hour', case when n % 100 = 0 then null else now() end,
           case when n % 100 = 0 then null else 100 end, case when n % 100 = 0 then null else 'cash' end
    from generate_series(1, 60000) n;
    insert into payment_attempts (
      id, intent_id, merchant_id, provider, provider_merchant_id, amount, currency, status, create_calls, created_at, ended_at,
      provider_payment_id, paid_at, next_check_at)
    select 'pa_' || lpad(n::text, 26, '0'), 'pi_' || lpad(n::text, 26, '0'), 'm1', 'PAYPAY', 'p', 100, 'JPY', 'succeeded', 1, now(), now(),
           'pp' || n, now(), case when n % 1000 = 0 then now() end
    from generate_series(1, 60000) n;
    insert into idempotency_keys (scope, operation, key, request_hash, created_at, expires_at)
    select 's', 'o', 'k' || n, decode(repeat('00', 32), 'hex'), now(), now() from generate_series(1, 20000) n;
    analyze;`);
});
afterAll(() => database.drop());

/** Runs a store function on a handle that explains what it is given in place of running it. */
async function plansOf(run: (db: Db) => Promise<unknown>): Promise<string[]> {
  const plans: string[] = [];
  const explaining = watchedDb(async (sql, bindings) => {
    const { rows } = await database.db.raw(`explain ${sql}`, bindings);
    plans.push(rows.map((row: Record<string, string>) => row['QUERY PLAN']).join('\n'));
    return database.db.raw(sql, bindings);
  });
  await run(explaining);
  return plans;
}

const page = {
  merchantId: 'm7',
  merchantStoreId: undefined,
  merchantRefId: undefined,
  status: undefined,
  idFrom: undefined,
  idBelow: undefined,
  limit: 20,
  offset: 0,
};
const now = new Date();

describe('by index', () => {
  it.each<[string, (db: Db) => Promise<unknown>]>([
    ['an API key', (db) => findApiKey(db, 'ak_7')],
    ["a store's credentials", (db) => listActiveCredentials(db, 'm7', 's1', 'PAYPAY')],
    ["a merchant's credentials", (db) => listActiveCredentials(db, 'm7', undefined, 'PAYPAY')],
    ['what a payer sees of a shop', (db) => findShop(db, 'm7', 's1')],
    ['a token', (db) => findTokenHolder(db, ID)],
    ['a payment with its attempts', (db) => findPayment(db, 'm7', `pi_${'6'.padStart(26, '0')}`)],
    ['the first page', (db) => listPaymentIntents(db, page)],
    ['a page after a cursor', (db) => listPaymentIntents(db, { ...page, idBelow: ID })],
    ["a store's page", (db) => listPaymentIntents(db, { ...page, merchantStoreId: 's1' })],
    ['a rare status', (db) => listPaymentIntents(db, { ...page, status: 'requires_payment_method' })],
    [
      'a rare status of a store',
      (db) => listPaymentIntents(db, { ...page, merchantStoreId: 's1', status: 'expired' }),
    ],
    ['an order reference', (db) => listPaymentIntents(db, { ...page, merchantRefId: 'r6' })],
    ['a span of time', (db) => listPaymentIntents(db, { ...page, idFrom: 'pi_0', idBelow: ID })],
    ['an idempotency key', (db) => findKey(db, { scope: 's', operation: 'o', key: 'k7' })],
    ["a webhook's attempt", (db) => findAttempt(db, undefined, 'pp7')],
    ['the payment of an attempt', (db) => findPaymentOfAttempt(db, ATTEMPT)],
    ['taking a lease', (db) => takeAttemptLease(db, ATTEMPT, 'h', now, now)],
    ['giving a lease back', (db) => releaseAttemptLease(db, ATTEMPT, 'h')],
    ['attempts to look at', (db) => countDueAttempts(db, now, 50)],
    ['intents to expire', (db) => claimIntentsToExpire(db, now, 50)],
  ])('%s', async (_, run) => {
    for (const plan of await plansOf(run)) {
      expect(plan).not.toMatch(/Seq Scan/);
    }
  });
});
