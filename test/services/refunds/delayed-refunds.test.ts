/**
 * Refunds that PayPay does not make at once: they stay pending, say why, and are tried again at the right time.
 */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { expectSums, type RefundRuns, startRefundRuns } from '../../support/refund-runs.ts';
import { requestRefund } from '../../support/refunds.ts';

let runs: RefundRuns;

beforeAll(async () => {
  runs = await startRefundRuns();
});
afterAll(() => runs.gateway.close());
beforeEach(() => runs.calls.splice(0));
afterEach(async () => {
  runs.gateway.sandbox.faults.clear();
  await expectSums(runs.gateway);
});

const stateOf = async (id: string) => {
  const { status, pending_reason: reason } = await runs.find(id);
  return [status, reason];
};
const pauseOf = async (id: string) =>
  ((await runs.find(id)).next_try_at?.getTime() ?? 0) - runs.clock.now().getTime();

describe('a refund while PayPay cannot make it', () => {
  it.each(['MAINTENANCE_MODE', 'RATE_LIMIT', 'UNAUTHORIZED', 'OP_OUT_OF_SCOPE'] as const)(
    'because of %s is pending as provider_unavailable, does not fail however often, and is made afterwards',
    async (result) => {
      const { id, intentId } = await runs.newRefund(400);
      const fault = runs.gateway.sandbox.faults.add({
        operation: 'any',
        kind: 'refuse',
        result,
        times: 1_000,
      });
      for (let tries = 0; tries < 5; tries += 1) {
        await runs.run(900);
        expect(await stateOf(id)).toEqual(['pending', 'provider_unavailable']);
      }
      expect(await runs.amountRefunded(intentId)).toBe(400);
      runs.gateway.sandbox.faults.remove(fault);
      await runs.run(900);
      expect(await stateOf(id)).toEqual(['succeeded', null]);
    },
  );

  it('in the hours of the night is pending, and is made in the morning', async () => {
    const { id } = await runs.newRefund(400);
    const { behaviour } = runs.gateway.sandbox;
    const hour = (runs.clock.now().getUTCHours() + 9) % 24;
    Object.assign(behaviour, { refundPauseFromHour: hour, refundPauseToHour: (hour + 2) % 24 });
    await runs.run();
    expect(await stateOf(id)).toEqual(['pending', 'provider_unavailable']);
    await runs.run(2 * 3_600);
    Object.assign(behaviour, { refundPauseFromHour: 0, refundPauseToHour: 0 });
    expect(await stateOf(id)).toEqual(['succeeded', null]);
  });

  it('waits as long as PayPay asks for, but never more than 15 minutes', async () => {
    const { id } = await runs.newRefund(400);
    const busy = (retryAfterMs: number) => ({
      createRefund: () =>
        Promise.resolve({
          kind: 'unavailable',
          reason: { code: 'rate_limit', message: 'm' },
          retryAfterMs,
        } as const),
    });
    await runs.run(0, busy(100_000));
    expect(await pauseOf(id)).toBe(100_000);
    await runs.run(100, busy(Number.MAX_SAFE_INTEGER));
    expect(await pauseOf(id)).toBe(15 * 60_000);
    await runs.run(900);
    expect(await stateOf(id)).toEqual(['succeeded', null]);
  });
});

describe('a refund that PayPay accepts, but does not complete', () => {
  afterEach(() => {
    Object.assign(runs.gateway.sandbox.behaviour, { refundDelaySeconds: 0, throttledRefunds: 'similar' });
  });

  it('for hours is pending as provider_processing, is read at least every 15 minutes, and succeeds when PayPay completes it', async () => {
    Object.assign(runs.gateway.sandbox.behaviour, { refundDelaySeconds: 86_400 * 30 });
    const { id, intentId } = await runs.newRefund(400);
    const { merchantPaymentId } = await runs.ledger(intentId);
    await runs.run();
    let pauseMs = 0;
    for (let passedMs = 0; passedMs < 4 * 3_600_000; passedMs += pauseMs) {
      expect(await stateOf(id)).toEqual(['pending', 'provider_processing']);
      pauseMs = await pauseOf(id);
      expect(pauseMs).toBeLessThanOrEqual(15 * 60_000);
      await runs.run(pauseMs / 1_000);
    }
    expect(runs.calls.filter((call) => call.startsWith('create'))).toHaveLength(1);
    expect(runs.calls.length).toBeLessThan(40);
    await runs.gateway.sandbox.backOffice.release({ merchantPaymentId });
    await runs.run(900);
    expect(await stateOf(id)).toEqual(['succeeded', null]);
  });

  it('keeps another one waiting, which is tried again after a minute and not before', async () => {
    Object.assign(runs.gateway.sandbox.behaviour, { refundDelaySeconds: 3_600, throttledRefunds: 'any' });
    const first = await runs.newRefund(400);
    const intent = { id: first.intentId };
    const { body: second } = await requestRefund(runs.gateway, runs.merchant, intent, { amount: 300 });
    await runs.run();
    await runs.run();
    expect(await stateOf(first.id)).toEqual(['pending', 'provider_processing']);
    expect(await stateOf(second.id)).toEqual(['pending', 'waiting_for_other_refund']);
    runs.calls.splice(0);
    await runs.run(59);
    expect(runs.calls).toEqual([`read ${first.id}`]);
    await runs.run(1);
    expect(await stateOf(second.id)).toEqual(['pending', 'provider_processing']);
    await runs.run(3_600);
    await runs.run();
    expect([await stateOf(first.id), await stateOf(second.id)]).toEqual(Array(2).fill(['succeeded', null]));
  });
});

describe('a clock that is set', () => {
  it.each([
    ['forward by a day', 86_400],
    ['forward by an hour', 3_600],
    ['back by half an hour', -1_800],
    ['back by a day', -86_400],
  ])('%s during a try neither loses nor doubles the refund', async (_, seconds) => {
    const { id, intentId } = await runs.newRefund(400);
    await runs.run(0, {
      createRefund: async (request, real) => {
        await real(request);
        await runs.clock.advance(seconds * 1_000);
        throw new Error('the process died');
      },
    });
    for (let passed = 0; passed < 60; passed += 5) {
      await runs.run(5 * 60);
    }
    expect(await stateOf(id)).toEqual(['succeeded', null]);
    expect((await runs.ledger(intentId)).refunds).toHaveLength(1);
  });
});
