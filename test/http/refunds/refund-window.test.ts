import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestClock } from '../../support/clock.ts';
import { startTestGateway } from '../../support/gateway.ts';
import { getRefund, newPaidIntent, requestRefund } from '../../support/refunds.ts';

/** A payment at that time in Japan, and a function that sets the clock. */
async function paidAt(time: string) {
  const clock = createTestClock(new Date(`${time}+09:00`));
  const sandbox = { webhookMode: 'manual', refundDelaySeconds: 0, allowMultipleRefunds: true } as const;
  const gateway = await startTestGateway({ clock, sandbox });
  const merchant = await gateway.newMerchant();
  const intent = await newPaidIntent(gateway, merchant);
  const refundAt = async (later: string) => {
    await clock.advance(new Date(`${later}+09:00`).getTime() - clock.now().getTime());
    return requestRefund(gateway, merchant, intent, { amount: 10 });
  };
  const retrieve = async () =>
    (await gateway.request('GET', `/v1/payment_intents/${intent.id}`, { as: merchant })).body;
  return { gateway, merchant, retrieve, refundAt };
}

describe.each([
  ['2026-01-15T23:59:59', '2027-01-15'],
  ['2026-01-16T00:00:00', '2027-01-16'],
  ['2027-03-01T12:00:00', '2028-02-29'],
])('a payment at %s in Japan', (time, lastDay) => {
  let payment: Awaited<ReturnType<typeof paidAt>>;
  beforeAll(async () => {
    payment = await paidAt(time);
  });
  afterAll(() => payment.gateway.close());

  it(`is refunded in the last second of ${lastDay}, and refused one second later with the end of its window`, async () => {
    const { gateway, merchant, retrieve, refundAt } = payment;
    const until = `${new Date(`${lastDay}T23:59:59+09:00`).toISOString().slice(0, 19)}Z`;
    const last = await refundAt(`${lastDay}T23:59:59`);
    expect(last.status).toBe(201);
    // PayPay agrees that it is not too late.
    await gateway.runPasses('refunds');
    expect((await getRefund(gateway, merchant, last.body.id)).body.status).toBe('succeeded');
    expect((await retrieve()).refunds_until).toBe(until);
    const { body: accepted } = await refundAt(`${lastDay}T23:59:59.900`);
    const late = await refundAt(
      new Date(Date.parse(`${lastDay}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 19),
    );
    expect([late.status, late.body.details]).toMatchObject([
      400,
      { field: 'payment_intent_id', constraint: 'refund_window_exceeded', refunds_until: until },
    ]);
    // One that was accepted in time and reaches PayPay too late fails, and says so.
    await gateway.runPasses('refunds');
    expect((await getRefund(gateway, merchant, accepted.id)).body).toMatchObject({
      status: 'failed',
      failure: { code: 'refund_window_exceeded' },
    });
    expect((await retrieve()).amount_refunded).toBe(10);
  });
});
