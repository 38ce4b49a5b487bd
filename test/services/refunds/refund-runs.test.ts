/**
 * Many refunds at a time, and several workers.
 */
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { expectSums, type RefundRuns, type Script, startRefundRuns } from '../../support/refund-runs.ts';
import { newPaidIntent, requestRefund } from '../../support/refunds.ts';

let runs: RefundRuns;

beforeAll(async () => {
  runs = await startRefundRuns();
});
afterAll(() => runs.gateway.close());
afterEach(() => expectSums(runs.gateway));

const count = async (status: string) =>
  Number((await runs.gateway.database.db('refunds').where({ status }).count())[0]?.['count']);

/** How many calls were made at the same time, about one payment and in all. */
function watchedCalls() {
  const open = new Map<string, number>();
  const most = { perPayment: 0, inAll: 0 };
  const watch = async <T>(payment: string, call: () => Promise<T>): Promise<T> => {
    open.set(payment, (open.get(payment) ?? 0) + 1);
    most.perPayment = Math.max(most.perPayment, open.get(payment) ?? 0);
    most.inAll = Math.max(
      most.inAll,
      [...open.values()].reduce((sum, calls) => sum + calls, 0),
    );
    try {
      return await call();
    } finally {
      open.set(payment, (open.get(payment) ?? 1) - 1);
    }
  };
  const script: Script = {
    createRefund: (request, real) => watch(request.providerPaymentId, () => real(request)),
    readRefund: (request, real) => watch(request.providerPaymentId, () => real(request)),
  };
  return { most, script };
}

it('two workers call PayPay about one payment one after the other, and make each refund once', async () => {
  const intents = await Promise.all([1, 2].map(() => newPaidIntent(runs.gateway, runs.merchant)));
  for (const intent of intents) {
    for (let amount = 101; amount < 106; amount += 1) {
      expect((await requestRefund(runs.gateway, runs.merchant, intent, { amount })).status).toBe(201);
    }
  }
  const { most, script } = watchedCalls();
  for (let rounds = 0; (await count('pending')) > 0 && rounds < 100; rounds += 1) {
    await Promise.all([runs.run(10, script), runs.run(10, script)]);
  }
  expect(most.perPayment).toBe(1);
  for (const { id } of intents) {
    const amounts = (await runs.ledger(id)).refunds.map(({ amount }) => amount);
    expect(amounts.sort()).toEqual([101, 102, 103, 104, 105]);
  }
  expect(await count('succeeded')).toBe(10);
});

it('a run takes twenty refunds, four at a time, of all merchants in turn', async () => {
  const other = await runs.gateway.newMerchant();
  for (let created = 0; created < 60; created += 10) {
    await Promise.all(Array.from({ length: 10 }, () => runs.newRefund(1)));
  }
  await runs.clock.advance(1_000);
  const late = await requestRefund(runs.gateway, other, await newPaidIntent(runs.gateway, other));
  const before = await count('succeeded');
  const { most, script } = watchedCalls();
  expect(await runs.run(0, script)).toMatchObject({ taken: 20, done: 20, failed: 0 });
  expect(await runs.find(late.body.id)).toMatchObject({ status: 'succeeded' });
  expect(most.inAll).toBeLessThanOrEqual(4);
  expect([(await runs.run()).taken, (await runs.run()).taken, (await runs.run()).taken]).toEqual([20, 20, 1]);
  expect((await count('succeeded')) - before).toBe(61);
});
