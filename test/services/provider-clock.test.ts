/**
 * PayPay's clock is not ours: whatever it is off by, one order never has two payable codes, nothing ends early, and what
 * was paid is found.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestClock, type TestClock } from '../support/clock.ts';
import { startTestGateway, type TestGateway, type TestMerchant } from '../support/gateway.ts';

let clock: TestClock;
let gateway: TestGateway;
let merchant: TestMerchant;

beforeAll(async () => {
  clock = createTestClock(new Date('2026-01-15T03:00:00Z'));
  gateway = await startTestGateway({ clock, sandbox: { webhookMode: 'manual' } });
  merchant = await gateway.newMerchant();
});
afterAll(() => gateway.close());

async function advance(seconds: number, stepSeconds = 10): Promise<void> {
  for (let passed = 0; passed < seconds; passed += stepSeconds) {
    await clock.advance(stepSeconds * 1_000);
    await gateway.runPasses();
  }
}

/** How many codes of an intent a payer can pay by PayPay's clock. */
async function countPayable(intentId: string): Promise<number> {
  const ids = await gateway.database.db('payment_attempts').where({ intent_id: intentId }).pluck('id');
  const now = gateway.sandbox.clock.now().getTime();
  return gateway.sandbox
    .ledger()
    .filter(({ merchantPaymentId }) => ids.includes(merchantPaymentId))
    .filter(({ status, deletedAt, expiresAt }) => status === 'CREATED' && !deletedAt && expiresAt > now)
    .length;
}

describe.each([-100_000, 0, 100_000])("with PayPay's clock off by %i ms", (offMs) => {
  beforeAll(() => gateway.sandbox.clock.set(new Date(clock.now().getTime() + offMs)));

  it('an order whose code is renewed as soon as it can be never has two payable codes', async () => {
    const intent = await gateway.newIntent(merchant);
    await gateway.confirm(intent);
    let codes = 1;
    for (let passed = 0; passed < 460; passed += 10) {
      await advance(10);
      if ((await gateway.retrieve(intent)).body.status === 'requires_payment_method') {
        expect((await gateway.confirm(intent)).status).toBe(200);
        codes += 1;
      }
      expect(await countPayable(intent.id)).toBeLessThanOrEqual(1);
    }
    expect(codes).toBeGreaterThanOrEqual(2);
  });

  it('a code whose deletion fails is not replaced while PayPay may still take a payment with it', async () => {
    const intent = await gateway.newIntent(merchant);
    await gateway.confirm(intent);
    gateway.sandbox.faults.add({ operation: 'deleteCode', kind: 'error', when: 'before', times: 1_000 });
    for (let passed = 0; passed < 460; passed += 10) {
      await advance(10);
      await gateway.confirm(intent);
      expect(await countPayable(intent.id)).toBeLessThanOrEqual(1);
    }
    gateway.sandbox.faults.clear();
  });

  it('a payment is found within 5 s, and the intent does not expire early', async () => {
    const intent = await gateway.newIntent(merchant, { expires_in_minutes: 3 });
    const { body } = await gateway.confirm(intent);
    await advance(170);
    expect((await gateway.retrieve(intent)).body.status).toBe('requires_action');
    await gateway.sandbox.pay({ qrContent: body.qr_content });
    await advance(4, 2);
    expect((await gateway.retrieve(intent)).body.status).toBe('succeeded');
  });

  it.each([
    ['before', -5_000, 'succeeded', []],
    ['after', 5_000, 'expired', ['paid_after_expiry']],
  ])(
    'a late payment is in time if the payer paid %s the intent expired',
    async (_, byMs, status, reasons) => {
      const { db } = gateway.database;
      const intent = await gateway.newIntent(merchant, { expires_in_minutes: 3 });
      const { body } = await gateway.confirm(intent);
      await advance(190);
      const { expired_at: expiredAt } = await db('payment_intents').where({ id: intent.id }).first();
      // PayPay reports it only later, with the time of the payment by its own clock.
      const actsAt = expiredAt.getTime() + offMs + byMs;
      await gateway.sandbox.pay({ qrContent: body.qr_content, force: true, actsAt });
      await advance(320);
      expect((await gateway.retrieve(intent)).body.status).toBe(status);
      expect(await db('refunds').where({ intent_id: intent.id }).pluck('return_reason')).toEqual(reasons);
    },
  );
});
