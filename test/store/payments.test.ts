import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Payment, PaymentAttempt, PaymentIntent } from '../../src/domain/payment.ts';
import { returnDue } from '../../src/domain/refunds/refund-machine.ts';
import { newId } from '../../src/lib/ids.ts';
import { claimDueAttempts, releaseAttemptLease, takeAttemptLease } from '../../src/store/attempt-queue.ts';
import type { Db } from '../../src/store/db/query.ts';
import { claimKey, findKey, removeExpiredKeys, storeResponse } from '../../src/store/idempotency-keys.ts';
import { insertPaymentIntent } from '../../src/store/new-payment-intents.ts';
import { appendEvents, listEvents } from '../../src/store/payment-events.ts';
import { findPayment, lockPayment, savePayment } from '../../src/store/payments.ts';
import { takeProviderReads } from '../../src/store/provider-reads.ts';
import { claimDueWebhooks, insertWebhook, replayWebhook } from '../../src/store/provider-webhooks.ts';
import { listRefundsOfIntent } from '../../src/store/refunds/refund-lists.ts';
import { claimDueRefunds } from '../../src/store/refunds/refund-queue.ts';
import { insertRefund } from '../../src/store/refunds/refunds.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { watchedDb } from '../support/watched-db.ts';

const NOW = new Date('2026-01-15T10:00:00Z');
const later = (seconds: number) => new Date(NOW.getTime() + seconds * 1000);

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
  for (const id of ['m1', 'm2']) {
    await database.db('merchants').insert({ id, name: id, created_at: NOW, updated_at: NOW });
  }
});
afterAll(() => database.drop());

async function newIntent(merchantId = 'm1', db: Db = database.db): Promise<PaymentIntent> {
  const intent: PaymentIntent = {
    id: newId('pi', NOW),
    merchantId,
    merchantStoreId: undefined,
    merchantTerminalId: undefined,
    merchantRefId: 'r',
    description: undefined,
    returnUrl: undefined,
    amount: 1000,
    currency: 'JPY',
    paymentMethodTypes: ['qr_mpm'],
    status: 'requires_payment_method',
    paymentMethodType: undefined,
    providerPaymentId: undefined,
    amountCaptured: undefined,
    amountRefunded: 0,
    lastPaymentError: undefined,
    createdAt: NOW,
    expiresAt: later(600),
    succeededAt: undefined,
    cancelledAt: undefined,
    expiredAt: undefined,
  };
  await insertPaymentIntent(db, { intent, paymentTokenHash: Buffer.alloc(32), actor: 'test' });
  return intent;
}

function attemptOf(intent: PaymentIntent, fields: Partial<PaymentAttempt> = {}): PaymentAttempt {
  return {
    id: newId('pa', NOW),
    intentId: intent.id,
    merchantId: intent.merchantId,
    provider: 'PAYPAY',
    providerMerchantId: 'p',
    amount: intent.amount,
    currency: 'JPY',
    status: 'creating',
    createCalls: 1,
    codeId: undefined,
    qrContent: undefined,
    deeplink: undefined,
    codeExpiresAt: undefined,
    providerPaymentId: undefined,
    paidAt: undefined,
    failure: undefined,
    createdAt: NOW,
    endedAt: undefined,
    checkedAt: undefined,
    checks: 0,
    nextCheckAt: NOW,
    ...fields,
  };
}

async function save(before: Payment, ...attempts: PaymentAttempt[]): Promise<Payment> {
  const payment = { ...before, attempts: [...before.attempts, ...attempts] };
  await savePayment(database.db, before, { payment, events: [] }, 'test', NOW);
  return payment;
}

describe('a new intent', () => {
  it('takes one statement, with the event that the merchant receives', async () => {
    const statements: string[] = [];
    const watched = watchedDb((sql, bindings, options) => {
      statements.push(sql);
      return Promise.resolve(database.db.raw(sql, bindings).options(options));
    });
    const intent = await newIntent('m1', watched);
    expect(statements).toHaveLength(1);
    const events = await database
      .db('payment_events')
      .where({ intent_id: intent.id })
      .select('merchant_event');
    expect(events).toEqual([{ merchant_event: 'payment_intent.created' }]);
  });
});

describe('payments', () => {
  it('are loaded as they were saved', async () => {
    const intent = await newIntent();
    const before: Payment = { intent, attempts: [] };
    const attempt = attemptOf(intent, { failure: { code: 'c', message: 'm' }, checks: 3 });
    await save(before, attempt);
    expect(await findPayment(database.db, 'm1', intent.id)).toEqual({ intent, attempts: [attempt] });
    expect(await findPayment(database.db, 'm2', intent.id)).toBeUndefined();
  });

  it('are locked by one transaction at a time', async () => {
    const { id } = await newIntent();
    const order: string[] = [];
    const first = await database.db.transaction();
    await lockPayment(first, id);
    const second = database.db.transaction(async (trx) => {
      await lockPayment(trx, id);
      order.push('second');
    });
    await expect
      .poll(
        async () =>
          (
            await database.db.raw(
              `select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
            )
          ).rows[0].n,
      )
      .toBe(1);
    order.push('first');
    await first.commit();
    await second;
    expect(order).toEqual(['first', 'second']);
  });

  it('have at most one live attempt: the database refuses a second', async () => {
    const intent = await newIntent();
    const payment = await save({ intent, attempts: [] }, attemptOf(intent));
    await expect(save(payment, attemptOf(intent))).rejects.toMatchObject({
      constraint: 'payment_attempts_one_live',
    });
    const lapsed = { ...payment, attempts: [] };
    await expect(save(lapsed, attemptOf(intent, { status: 'lapsed', endedAt: NOW }))).resolves.toBeDefined();
  });

  it('can end one attempt and start the next in one save, with their events in order', async () => {
    const intent = await newIntent();
    const first = attemptOf(intent);
    const payment = await save({ intent, attempts: [] }, first);
    const ended: PaymentAttempt = { ...first, status: 'lapsed', endedAt: NOW };
    // The new attempt first: savePayment must write the ended one before it.
    const attempts = [attemptOf(intent), ended];
    const types = ['lapsed', 'confirmed', 'create_begun'] as const;
    const events = types.map((type) => ({ type, attemptId: first.id }));
    await savePayment(database.db, payment, { payment: { intent, attempts }, events }, 'test', NOW);
    const saved = await findPayment(database.db, 'm1', intent.id);
    expect(saved?.attempts.map(({ status }) => status).sort()).toEqual(['creating', 'lapsed']);
    const history = await listEvents(database.db, intent.id);
    expect(history.map(({ type }) => type)).toEqual(['created', ...types]);
    expect(history.at(-1)).toMatchObject({ attemptId: first.id, actor: 'test', data: {} });
  });

  it("store a provider's text with the characters replaced that PostgreSQL refuses", async () => {
    const intent = await newIntent();
    const attempt = attemptOf(intent, {
      failure: { code: 'c', message: 'half \ud800, nothing \0, "quoted" \\ud800' },
    });
    const payment = { intent: { ...intent, lastPaymentError: attempt.failure }, attempts: [attempt] };
    await savePayment(database.db, { intent, attempts: [] }, { payment, events: [] }, 'test', NOW);
    const saved = await findPayment(database.db, 'm1', intent.id);
    const stored = { code: 'c', message: 'half \ufffd, nothing \ufffd, "quoted" \\ud800' };
    expect(saved?.attempts[0]?.failure).toEqual(stored);
    expect(saved?.intent.lastPaymentError).toEqual(stored);
  });

  it.each([
    ['succeeded without an amount', { status: 'succeeded', succeeded_at: NOW }, 'payment_intents_succeeded'],
    [
      'captured more than asked',
      { status: 'succeeded', succeeded_at: NOW, amount_captured: 1001, payment_method_type: 'cash' },
      'payment_intents_amount_captured',
    ],
    ['cancelled without a time', { status: 'cancelled' }, 'payment_intents_cancelled'],
    ['expired without a time', { status: 'expired' }, 'payment_intents_expired'],
    ['an unknown status', { status: 'lost' }, 'payment_intents_status'],
    ['an amount of 0', { amount: 0 }, 'payment_intents_amount'],
    ['a malformed currency', { currency: 'yen' }, 'payment_intents_currency'],
  ])('cannot be %s: the database refuses', async (_, columns, constraint) => {
    const { id } = await newIntent();
    await expect(database.db('payment_intents').where({ id }).update(columns)).rejects.toMatchObject({
      constraint,
    });
  });

  it("have an event history that not even the database's owner can change", async () => {
    const { id } = await newIntent();
    await appendEvents(database.db, id, [{ type: 'created', data: { a: 1 } }], 'test', NOW);
    await expect(
      database.db('payment_events').where({ intent_id: id }).update({ type: 'x' }),
    ).rejects.toThrow('append-only');
    await expect(database.db('payment_events').where({ intent_id: id }).delete()).rejects.toThrow(
      'append-only',
    );
    expect(await listEvents(database.db, id)).toEqual([
      { type: 'created', data: {}, actor: 'test', createdAt: NOW },
      { type: 'created', data: { a: 1 }, actor: 'test', createdAt: NOW },
    ]);
  });
});

describe('the queue of attempts to check', () => {
  it('gives each attempt to one poller, taking merchants in turn', async () => {
    await database.db('payment_attempts').update({ next_check_at: null });
    for (const merchant of ['m1', 'm1', 'm1', 'm1', 'm1', 'm1', 'm2', 'm2']) {
      const intent = await newIntent(merchant);
      await save(
        { intent, attempts: [] },
        attemptOf(intent, { nextCheckAt: later(merchant === 'm1' ? -10 : -1) }),
      );
    }
    const [one, two] = await Promise.all([
      claimDueAttempts(database.db, NOW, later(5), 4),
      claimDueAttempts(database.db, NOW, later(5), 4),
    ]);
    const ids = [...one, ...two].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    await database
      .db('payment_attempts')
      .whereNotNull('next_check_at')
      .update({ next_check_at: later(-1) });
    const fair = await claimDueAttempts(database.db, NOW, later(5), 4);
    const merchants = await database
      .db('payment_attempts')
      .whereIn(
        'id',
        fair.map(({ id }) => id),
      )
      .pluck('merchant_id');
    expect(merchants.filter((id) => id === 'm2')).toHaveLength(2);
  });

  it('skips leased attempts until the lease expires', async () => {
    await database.db('payment_attempts').update({ next_check_at: null });
    const intent = await newIntent();
    const attempt = attemptOf(intent);
    await save({ intent, attempts: [] }, attempt);
    expect(await takeAttemptLease(database.db, attempt.id, 'a', NOW, later(3))).toBe(true);
    expect(await takeAttemptLease(database.db, attempt.id, 'b', NOW, later(3))).toBe(false);
    expect(await takeAttemptLease(database.db, attempt.id, 'a', later(1), later(4))).toBe(true);
    expect(await claimDueAttempts(database.db, later(2), later(9), 10)).toEqual([]);
    expect(await takeAttemptLease(database.db, attempt.id, 'b', later(4), later(8))).toBe(true);
    await releaseAttemptLease(database.db, attempt.id, 'a');
    expect(await takeAttemptLease(database.db, attempt.id, 'c', later(5), later(9))).toBe(false);
    await releaseAttemptLease(database.db, attempt.id, 'b');
    expect((await claimDueAttempts(database.db, later(5), later(9), 10)).map(({ id }) => id)).toEqual([
      attempt.id,
    ]);
  });

  it('grants reads up to the budget of a second, shared by all nodes', async () => {
    const grants = await Promise.all(
      Array.from({ length: 10 }, () => takeProviderReads(database.db, 'PAYPAY', NOW, 7, 50)),
    );
    expect(grants.reduce((sum, granted) => sum + granted, 0)).toBe(50);
    expect(await takeProviderReads(database.db, 'PAYPAY', NOW, 1, 50)).toBe(0);
    expect(await takeProviderReads(database.db, 'PAYPAY', later(1), 80, 50)).toBe(50);
    // A node whose clock is behind uses the budget of the same second.
    expect(await takeProviderReads(database.db, 'PAYPAY', NOW, 1, 50)).toBe(0);
  });
});

describe('idempotency keys', () => {
  const id = { scope: 's', operation: 'o', key: 'k' };
  const claim = (holder: string, seconds: number, hash = 1) => ({
    requestHash: Buffer.alloc(32, hash),
    holder,
    now: later(seconds),
    leasedUntil: later(seconds + 3),
    expiresAt: later(seconds + 86_400),
  });

  it('are claimed by one of many concurrent requests, taken over after the lease only by an equal one, and store the response', async () => {
    const claims = await Promise.all(
      Array.from({ length: 8 }, (_, index) => claimKey(database.db, id, claim(`h${index}`, 0))),
    );
    expect(claims.filter(Boolean)).toHaveLength(1);
    expect(await claimKey(database.db, id, claim('late', 3, 2))).toBe(false);
    expect(await claimKey(database.db, id, claim('late', 3))).toBe(true);
    await storeResponse(database.db, id, 'dead', { status: 500, body: Buffer.from('x') });
    expect((await findKey(database.db, id))?.response).toBeUndefined();
    await storeResponse(database.db, id, 'late', { status: 201, body: Buffer.from('x') });
    expect(await claimKey(database.db, id, claim('again', 10))).toBe(false);
    expect((await findKey(database.db, id))?.response?.status).toBe(201);
    expect(await claimKey(database.db, id, claim('next day', 86_500, 2))).toBe(true);
  });

  it('are removed after they expire, a bounded number at a time', async () => {
    for (let index = 0; index < 5; index += 1) {
      await claimKey(database.db, { ...id, key: `old-${index}` }, claim('h', -90_000));
    }
    expect([
      await removeExpiredKeys(database.db, NOW, 3),
      await removeExpiredKeys(database.db, NOW, 3),
      await removeExpiredKeys(database.db, NOW, 3),
    ]).toEqual([3, 2, 0]);
  });
});

describe('the inbox and refunds', () => {
  it('store a redelivered webhook once, give it to one worker, and replay it on request', async () => {
    const message = {
      provider: 'PAYPAY',
      dedupeKey: 'd',
      type: 't',
      attemptId: undefined,
      providerPaymentId: undefined,
      body: Buffer.from('{}'),
      peerAddress: undefined,
    };
    const deliveries = await Promise.all(
      Array.from({ length: 5 }, () => insertWebhook(database.db, message, NOW)),
    );
    expect(deliveries.filter(({ isFirst }) => isFirst)).toHaveLength(1);
    const taken = await Promise.all([
      claimDueWebhooks(database.db, NOW, later(5), 10),
      claimDueWebhooks(database.db, NOW, later(5), 10),
    ]);
    expect(taken.flat()).toHaveLength(1);
    await replayWebhook(database.db, deliveries[0]?.id ?? 0, later(1));
    expect(await claimDueWebhooks(database.db, later(1), later(5), 10)).toHaveLength(1);
  });

  it('record one refund per attempt', async () => {
    const intent = await newIntent();
    const attempt = attemptOf(intent, { status: 'lapsed', endedAt: NOW });
    await save({ intent, attempts: [] }, attempt);
    const due = {
      attemptId: attempt.id,
      providerPaymentId: 'p',
      money: { amount: 1000, currency: 'JPY' },
      reason: 'second_payment' as const,
    };
    const inserted = await Promise.all(
      [1, 2, 3].map(() => insertRefund(database.db, returnDue(intent, due, newId('re', NOW), NOW).refund)),
    );
    expect(inserted.sort()).toEqual([false, false, true]);
    const [refund, ...more] = await listRefundsOfIntent(database.db, intent.id, 10);
    expect(more).toEqual([]);
    expect((await claimDueRefunds(database.db, NOW, later(5), 10)).map(({ id }) => id)).toEqual([refund?.id]);
  });
});
