/**
 * Refunds that staff make in PayPay's own console: they are found by the reads that happen, counted, and reported once.
 */
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { PaymentObservation } from '../../../src/providers/provider.ts';
import { reconcileAttempt } from '../../../src/services/reconcile/reconcile-attempt.ts';
import { recordProviderRefunds } from '../../../src/services/refunds/record-provider-refunds.ts';
import { expectSums, type RefundRuns, startRefundRuns } from '../../support/refund-runs.ts';
import { newKeyWith, newPaidIntent, requestRefund } from '../../support/refunds.ts';

let runs: RefundRuns;
let intent: { id: string; token: string };
let attemptId: string;

beforeAll(async () => {
  runs = await startRefundRuns();
});
afterAll(() => runs.gateway.close());
beforeEach(async () => {
  intent = await newPaidIntent(runs.gateway, runs.merchant);
  ({ merchantPaymentId: attemptId } = await runs.ledger(intent.id));
});
afterEach(() => expectSums(runs.gateway));

async function refundInConsole(amount?: number): Promise<void> {
  const request = { merchantPaymentId: attemptId, ...(amount !== undefined && { amount }) };
  expect(await runs.gateway.sandbox.merchantConsole.refund(request)).toMatchObject({ isAccepted: true });
}

/** As a webhook makes the gateway read it. */
const read = () =>
  reconcileAttempt(runs.gateway.deps, attemptId, { goal: 'read', actor: 'test', isScheduled: true });

const ask = async (amount: number) =>
  (await requestRefund(runs.gateway, runs.merchant, intent, { amount })).body.id as string;

/** Origin, status and amount of each refund, oldest first. */
async function refunds(): Promise<string[]> {
  const rows = await runs.gateway.database.db('refunds').where({ intent_id: intent.id }).orderBy('id');
  return rows.map(({ origin, status, amount }) => `${origin} ${status} ${amount}`);
}

const amounts = async () => {
  const { body } = await runs.gateway.request('GET', `/v1/payment_intents/${intent.id}`, {
    as: runs.merchant,
  });
  return [body.amount_refunded, body.amount_refundable];
};

it('a part is recorded with its events, and a repetition of the read changes nothing', async () => {
  await refundInConsole(300);
  await read();
  expect([await refunds(), await amounts()]).toEqual([['provider succeeded 300'], [300, 700]]);
  await read();
  await Promise.all([read(), read()]);
  expect(await refunds()).toHaveLength(1);
  expect(await runs.merchantEvents(intent.id)).toEqual(['refund.created', 'refund.succeeded']);
  const { body } = await runs.gateway.request('GET', `/v1/refunds?payment_intent_id=${intent.id}`, {
    as: runs.merchant,
  });
  expect(body).toMatchObject([{ origin: 'provider', status: 'succeeded', amount: 300, method: 'provider' }]);
});

it('several parts that make up the whole payment are all recorded, and the intent is refunded once', async () => {
  await refundInConsole(300);
  await read();
  await refundInConsole(200);
  await refundInConsole();
  await read();
  await read();
  const parts = ['provider succeeded 300', 'provider succeeded 200', 'provider succeeded 500'];
  expect([(await refunds()).sort(), await amounts()]).toEqual([parts.sort(), [1000, 0]]);
  const events = await runs.merchantEvents(intent.id);
  expect(events.filter((event) => event === 'payment_intent.refunded')).toHaveLength(1);
  expect((await requestRefund(runs.gateway, runs.merchant, intent)).body.details).toMatchObject({
    constraint: 'max_value',
    amount_refundable: 0,
  });
});

it('one made while ours is pending takes the money: ours is refused and fails, and that one is recorded', async () => {
  const ours = await ask(800);
  await refundInConsole(500);
  // Ours has reserved the money, so that one does not fit yet.
  await read();
  expect([await refunds(), await amounts()]).toEqual([['merchant pending 800'], [800, 200]]);
  await runs.run();
  expect(await runs.find(ours)).toMatchObject({ status: 'failed', failure_code: 'provider_refused' });
  expect([await refunds(), await amounts()]).toEqual([
    ['merchant failed 800', 'provider succeeded 500'],
    [500, 500],
  ]);
});

it('one that fits beside ours is recorded when ours is made', async () => {
  await ask(400);
  await refundInConsole(600);
  await runs.run();
  expect([(await refunds()).sort(), await amounts()]).toEqual([
    ['merchant succeeded 400', 'provider succeeded 600'],
    [1000, 0],
  ]);
  expect((await runs.merchantEvents(intent.id)).at(-1)).toBe('payment_intent.refunded');
});

it('one that PayPay has not completed is recorded when it has', async () => {
  Object.assign(runs.gateway.sandbox.behaviour, { refundDelaySeconds: 60 });
  await refundInConsole(400);
  Object.assign(runs.gateway.sandbox.behaviour, { refundDelaySeconds: 0 });
  await read();
  expect(await refunds()).toEqual([]);
  await runs.clock.advance(60_000);
  await read();
  expect(await refunds()).toEqual(['provider succeeded 400']);
});

it('a cancel there returns the whole payment', async () => {
  expect(await runs.gateway.sandbox.merchantConsole.cancel({ merchantPaymentId: attemptId })).toMatchObject({
    isAccepted: true,
  });
  await runs.clock.advance(60_000);
  await read();
  await read();
  expect([await refunds(), await amounts()]).toEqual([['provider succeeded 1000'], [1000, 0]]);
  expect((await runs.gateway.retrieve(intent)).body.status).toBe('succeeded');
});

it('a cancel while several of ours are pending is recorded in full, after PayPay has refused them all', async () => {
  const ours = [await ask(300), await ask(200)];
  await runs.gateway.sandbox.merchantConsole.cancel({ merchantPaymentId: attemptId });
  await runs.clock.advance(60_000);
  await read();
  await runs.run();
  await runs.run();
  expect([await runs.find(ours[0] ?? ''), await runs.find(ours[1] ?? '')]).toMatchObject(
    Array(2).fill({ status: 'failed', failure_code: 'not_refundable' }),
  );
  expect([(await refunds()).sort(), await amounts()]).toEqual([
    ['merchant failed 200', 'merchant failed 300', 'provider succeeded 1000'],
    [1000, 0],
  ]);
});

it('one whose money has been returned in cash meanwhile is not counted, so that the sum stays within the payment', async () => {
  const key = await newKeyWith(runs.gateway, runs.merchant, ['refunds', 'refunds:cash']);
  await requestRefund(runs.gateway, key, intent, { amount: 800, method: 'cash' });
  await refundInConsole(300);
  await read();
  expect([await refunds(), await amounts()]).toEqual([['merchant succeeded 800'], [800, 200]]);
});

it('ones whose ids cannot be read are each recorded once', async () => {
  const list = (...at: number[]): PaymentObservation => ({
    kind: 'succeeded',
    providerPaymentId: 'pp',
    money: { amount: 1000, currency: 'JPY' },
    paidAt: runs.clock.now(),
    refundedAmount: at.length * 100,
    refunds: at.map((second) => ({
      refundId: `unreadable_100_${second}`,
      money: { amount: 100, currency: 'JPY' },
      status: 'succeeded',
      acceptedAt: undefined,
    })),
  });
  const { deps } = runs.gateway;
  expect(await recordProviderRefunds(deps, attemptId, list(1, 2))).toBe(2);
  expect(await recordProviderRefunds(deps, attemptId, list(2, 1, 3))).toBe(1);
  expect(await recordProviderRefunds(deps, attemptId, list(3, 2, 1))).toBe(0);
  expect(await amounts()).toEqual([300, 700]);
});

it('one with an id that the database cannot store is recorded once', async () => {
  const found = {
    refundId: 'console\0\ud800',
    money: { amount: 100, currency: 'JPY' },
    status: 'succeeded',
    acceptedAt: undefined,
  } as const;
  const observation: PaymentObservation = {
    kind: 'succeeded',
    providerPaymentId: 'pp',
    money: { amount: 1000, currency: 'JPY' },
    paidAt: runs.clock.now(),
    refundedAmount: 100,
    refunds: [found, found],
  };
  expect(await recordProviderRefunds(runs.gateway.deps, attemptId, observation)).toBe(1);
  expect(await recordProviderRefunds(runs.gateway.deps, attemptId, observation)).toBe(0);
});

it('a record that does not list a refund of ours adds none, because what it shows as refunded may be ours alone', async () => {
  await ask(400);
  await runs.run();
  const observation: PaymentObservation = {
    kind: 'returned',
    providerPaymentId: 'pp',
    money: { amount: 1000, currency: 'JPY' },
    paidAt: runs.clock.now(),
    refunds: [],
  };
  expect(await recordProviderRefunds(runs.gateway.deps, attemptId, observation)).toBe(0);
  expect([await refunds(), await amounts()]).toEqual([['merchant succeeded 400'], [400, 600]]);
});
