/**
 * Databases of earlier versions, upgraded with the rows that they had.
 */
import { copyFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { newId } from '../../../src/lib/ids.ts';
import type { PaymentObservation, Provider } from '../../../src/providers/provider.ts';
import { createRegistry } from '../../../src/providers/registry.ts';
import { numberEvents } from '../../../src/services/events/number-events.ts';
import { carryOutRefunds } from '../../../src/services/jobs/carry-out-refunds.ts';
import { migrate } from '../../../src/store/db/migrate.ts';
import { inTransaction } from '../../../src/store/db/query.ts';
import { unblockNext } from '../../../src/store/webhooks/delivery-order.ts';
import { claimDeliveries } from '../../../src/store/webhooks/delivery-queue.ts';
import { APPEND, insertIntents } from '../../services/events/random-writers.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { eventually } from '../../support/eventually.ts';
import { startTestGateway } from '../../support/gateway.ts';
import { expectSums } from '../../support/refund-runs.ts';

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

let returns = 0;

/** A payment of 1000 yen that came too late, and its refund as the version with migration 0019 stored it. */
async function insertOldReturn(fields: Record<string, unknown>): Promise<string> {
  returns += 1;
  const now = new Date(Date.now() - 60_000 + returns);
  const [intentId, attemptId, refundId] = [newId('pi', now), newId('pa', now), newId('re', now)];
  const { db } = database;
  await insertIntents(db, 'm', [intentId]);
  await db('payment_attempts').insert({
    id: attemptId,
    intent_id: intentId,
    merchant_id: 'm',
    provider: 'PAYPAY',
    provider_merchant_id: 'p',
    amount: 1000,
    currency: 'JPY',
    status: 'succeeded',
    create_calls: 1,
    provider_payment_id: `pp_${refundId}`,
    paid_at: now,
    created_at: now,
    ended_at: now,
  });
  await db('refunds').insert({
    id: refundId,
    attempt_id: attemptId,
    intent_id: intentId,
    merchant_id: 'm',
    provider_payment_id: `pp_${refundId}`,
    amount: 1000,
    currency: 'JPY',
    status: 'pending',
    created_at: now,
    next_try_at: now,
    ...fields,
  });
  return refundId;
}

it('refunds that an earlier version has stored are kept, and those that were pending are carried out', async () => {
  await downgradeTo('0019');
  const now = new Date();
  const fresh = await insertOldReturn({ reason: 'paid_after_cancel' });
  const begun = { reason: 'second_payment', method: 'refund', is_cancel_refused: true, tries: 3 };
  const tried = await insertOldReturn({ ...begun, last_error_code: 'timeout' });
  const over = { status: 'succeeded', ended_at: now, next_try_at: null };
  const done = await insertOldReturn({ reason: 'paid_after_expiry', method: 'cancel', ...over });
  await migrate(database.db);
  const rows = await database.db('refunds').orderBy('created_at');
  expect(rows).toMatchObject([
    {
      id: fresh,
      origin: 'gateway',
      reason: 'other',
      returned_by: null,
      pending_reason: 'provider_processing',
    },
    { id: tried, origin: 'gateway', reason: 'duplicate', returned_by: 'refund', is_cancel_refused: true },
    {
      id: done,
      origin: 'gateway',
      status: 'succeeded',
      return_reason: 'paid_after_expiry',
      pending_reason: null,
    },
  ]);

  const gateway = await startTestGateway({ database });
  const provider = providerOf(
    rows.map(({ attempt_id: id, provider_payment_id: paymentId }) => [id, paymentId]),
  );
  const deps = { ...gateway.deps, providers: createRegistry([provider]) };
  for (let run = 0; run < 2; run += 1) {
    await carryOutRefunds(deps, { limit: 10, concurrency: 1 });
    await database.db('refunds').where({ status: 'pending' }).update({ next_try_at: now });
  }
  expect(provider.returned).toEqual([`cancel ${rows[0].attempt_id}`, `refund ${tried}`]);
  const after = await database.db('refunds').select('status').orderBy('created_at');
  expect(after.map(({ status }) => status)).toEqual(['succeeded', 'succeeded', 'succeeded']);
  await expectSums({ database });
  await gateway.close();
});

/** A provider that has these paid payments, by attempt, and returns the money of each once. */
function providerOf(payments: readonly (readonly [attemptId: string, paymentId: string])[]) {
  const returned: string[] = [];
  const money = { amount: 1000, currency: 'JPY' };
  const isReturned = (attemptId: string, paymentId = '') =>
    returned.includes(`cancel ${attemptId}`) || returned.some((entry) => paymentId.endsWith(entry.slice(7)));
  const provider: Provider & { readonly returned: string[] } = {
    name: 'PAYPAY',
    paymentMethodTypes: ['qr_mpm'],
    returned,
    codes: {
      createCode: () => Promise.reject(new Error('no code is created')),
      deleteCode: () => Promise.resolve({ kind: 'succeeded' }),
      readPayment({ attemptId }): Promise<PaymentObservation> {
        const paymentId = payments.find(([id]) => id === attemptId)?.[1] ?? '';
        const found = { providerPaymentId: paymentId, money, refunds: [], paidAt: new Date() };
        return Promise.resolve(
          isReturned(attemptId, paymentId)
            ? { ...found, kind: 'returned' }
            : { ...found, kind: 'succeeded', refundedAmount: 0 },
        );
      },
      cancelPayment({ attemptId }) {
        returned.push(`cancel ${attemptId}`);
        return Promise.resolve({ kind: 'accepted' });
      },
      cancellableUntil: () => new Date(Date.now() + 3_600_000),
    },
    refunds: {
      createRefund({ refundId }) {
        returned.push(`refund ${refundId}`);
        return Promise.resolve({ kind: 'succeeded' });
      },
      readRefund: () => Promise.resolve({ kind: 'not_found' }),
    },
  };
  return provider;
}
