import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Provider } from '../../../src/providers/provider.ts';
import { createTestClock, type TestClock } from '../../support/clock.ts';
import { startTestGateway, type TestGateway, type TestMerchant } from '../../support/gateway.ts';

let clock: TestClock;
let gateway: TestGateway;
let merchant: TestMerchant;

beforeAll(async () => {
  // Noon in Japan: the cancel window closes twelve hours later.
  clock = createTestClock(new Date('2026-01-15T03:00:00Z'));
  gateway = await startTestGateway({
    clock,
    sandbox: { webhookMode: 'manual' },
    timeoutsMs: { post: 1_000, other: 1_000 },
  });
  merchant = await gateway.newMerchant();
});
afterAll(() => gateway.close());
beforeEach(() => gateway.sandbox.faults.clear());

const cancel = ({ id, token }: { id: string; token: string }) =>
  gateway.request('POST', `/v1/payment_intents/${id}/cancel`, { body: { payment_token: token } });
const capture = (id: string) =>
  gateway.request('POST', `/v1/payment_intents/${id}/capture`, { as: merchant });
const codesOf = async (intentId: string) => {
  const ids = await gateway.database
    .db('payment_attempts')
    .where({ intent_id: intentId })
    .orderBy('id')
    .pluck('id');
  return gateway.sandbox.ledger().filter(({ merchantPaymentId }) => ids.includes(merchantPaymentId));
};
const statusOf = async (intent: { id: string; token: string }) =>
  (await gateway.retrieve(intent)).body.status;
const eventsOf = (intentId: string) =>
  gateway.database.db('payment_events').where({ intent_id: intentId }).orderBy('id').pluck('type');

/** Advances the time in steps and runs the workers after each, as in production but faster. */
async function advance(seconds: number, stepSeconds = 2): Promise<void> {
  for (let passed = 0; passed < seconds; passed += stepSeconds) {
    await clock.advance(stepSeconds * 1000);
    await gateway.runPasses();
  }
}

describe('a create without a response', () => {
  it.each(['hang', 'reset', 'error', 'bad_gateway', 'malformed_json'] as const)(
    'by %s after the effect: unknown, then abandoned, then a new code',
    async (kind) => {
      const intent = await gateway.newIntent(merchant);
      gateway.sandbox.faults.add({ operation: 'createCode', kind, when: 'after', times: 1 });
      const first = await gateway.confirm(intent);
      expect([first.status, first.body.code]).toEqual([502, 'provider_error']);
      expect(await statusOf(intent)).toBe('processing');
      const second = await gateway.confirm(intent);
      expect(second.status).toBe(200);
      const codes = await codesOf(intent.id);
      expect(codes.map(({ cancelRequestedAt }) => cancelRequestedAt !== undefined)).toEqual([true, false]);
      expect(codes[1]?.url).toBe(second.body.qr_content);
    },
  );

  it('before the effect: the retry creates the code with the same id', async () => {
    const intent = await gateway.newIntent(merchant);
    gateway.sandbox.faults.add({ operation: 'createCode', kind: 'error', when: 'before', times: 1 });
    expect((await gateway.confirm(intent)).status).toBe(502);
    expect((await gateway.confirm(intent)).status).toBe(200);
    expect(await codesOf(intent.id)).toHaveLength(1);
  });

  it('is resolved by the poller when no request does', async () => {
    const intent = await gateway.newIntent(merchant);
    gateway.sandbox.faults.add({ operation: 'createCode', kind: 'error', when: 'before', times: 1 });
    await gateway.confirm(intent);
    await advance(6);
    expect(await statusOf(intent)).toBe('requires_action');
  });

  it('a code for another amount is never shown', async () => {
    const intent = await gateway.newIntent(merchant);
    gateway.sandbox.faults.add({
      operation: 'createCode',
      kind: 'wrong_answer',
      wrong: 'other_amount',
      times: 1,
    });
    expect((await gateway.confirm(intent)).status).toBe(502);
  });
});

describe('PayPay unavailable', () => {
  it.each([
    ['maintenance', 'maintenance_mode'],
    ['rate_limit', 'rate_limit'],
  ] as const)('%s: 503 with Retry-After, and nothing is left hanging', async (kind, reason) => {
    const intent = await gateway.newIntent(merchant);
    gateway.sandbox.faults.add({ operation: 'createCode', kind, when: 'before', times: 1 });
    const { status, body, headers } = await gateway.confirm(intent);
    expect([status, body.code, body.details.reason]).toEqual([503, 'provider_unavailable', reason]);
    expect(Number(headers.get('Retry-After'))).toBeGreaterThan(0);
    expect(await statusOf(intent)).toBe('requires_payment_method');
  });

  it('for reading: a payment shows as soon as PayPay is available again', async () => {
    const intent = await gateway.newIntent(merchant);
    const { body } = await gateway.confirm(intent);
    gateway.sandbox.faults.add({ operation: 'paymentDetails', kind: 'maintenance', probability: 1 });
    await gateway.sandbox.pay({ qrContent: body.qr_content });
    await advance(20);
    expect(await statusOf(intent)).toBe('requires_action');
    gateway.sandbox.faults.clear();
    await advance(8);
    expect(await statusOf(intent)).toBe('succeeded');
  });
});

describe('with every webhook lost', () => {
  it('a payment shows within five seconds, through the poller alone', async () => {
    const intent = await gateway.newIntent(merchant);
    const { body } = await gateway.confirm(intent);
    await gateway.sandbox.pay({ qrContent: body.qr_content });
    await advance(5, 0.5);
    const row = await gateway.database.db('payment_intents').where({ id: intent.id }).first();
    expect(row.status).toBe('succeeded');
  });

  it('after a declined payment the payer can try again', async () => {
    const intent = await gateway.newIntent(merchant);
    const first = await gateway.confirm(intent);
    await gateway.sandbox.decline({ qrContent: first.body.qr_content });
    await advance(5);
    const { body } = await gateway.retrieve(intent);
    expect([body.status, body.last_payment_error.code]).toEqual([
      'requires_payment_method',
      'payment_failed',
    ]);
    const second = await gateway.confirm(intent);
    expect(second.body.qr_content).not.toBe(first.body.qr_content);
  });

  it('after a code has lapsed a new one is created, and not before', async () => {
    const intent = await gateway.newIntent(merchant);
    const first = await gateway.confirm(intent);
    await clock.advance(301_000);
    const early = await gateway.confirm(intent);
    expect([early.status, early.body.details.reason]).toEqual([503, 'code_still_open']);
    await clock.advance(10_000);
    const second = await gateway.confirm(intent);
    expect(second.status).toBe(200);
    expect(second.body.qr_content).not.toBe(first.body.qr_content);
    expect((await gateway.retrieve(intent)).body.last_payment_error.code).toBe('code_expired');
  });
});

describe('concurrent requests', () => {
  it('two payers confirm: both see one code, and PayPay gets one create', async () => {
    const live = await startTestGateway();
    const shop = await live.newMerchant();
    const intent = await live.newIntent(shop);
    const answers = await Promise.all(Array.from({ length: 5 }, () => live.confirm(intent)));
    expect(new Set(answers.map(({ status, body }) => `${status} ${body.qr_content}`)).size).toBe(1);
    expect(live.sandbox.calls().filter(({ operation }) => operation === 'createCode')).toHaveLength(1);
    await live.close();
  });

  it('cancel while the payer pays: the one that reaches PayPay first wins', async () => {
    for (const when of ['before', 'after'] as const) {
      const intent = await gateway.newIntent(merchant);
      const { body } = await gateway.confirm(intent);
      const hold = gateway.sandbox.faults.hold('deleteCode', when);
      const cancelling = cancel(intent);
      await hold.reached;
      const paid = await gateway.sandbox.pay({ qrContent: body.qr_content });
      hold.release();
      const answer = await cancelling;
      expect(paid.isAccepted).toBe(when === 'before');
      expect(answer.status).toBe(when === 'before' ? 400 : 200);
      expect(await statusOf(intent)).toBe(when === 'before' ? 'succeeded' : 'cancelled');
    }
  });
});

describe('a cancel without a response from PayPay', () => {
  it.each(['before', 'after'] as const)(
    'deleting fails %s its effect: the details tell, and the truth comes out',
    async (when) => {
      const intent = await gateway.newIntent(merchant);
      const { body } = await gateway.confirm(intent);
      gateway.sandbox.faults.add({ operation: 'deleteCode', kind: 'error', when, times: 1 });
      expect((await cancel(intent)).status).toBe(502);
      expect(await statusOf(intent)).toBe('processing');
      expect((await cancel(intent)).status).toBe(200);
      expect((await gateway.sandbox.pay({ qrContent: body.qr_content })).isAccepted).toBe(false);
    },
  );

  it('while the details cannot be read the intent is not cancelled', async () => {
    const intent = await gateway.newIntent(merchant);
    await gateway.confirm(intent);
    gateway.sandbox.faults.add({ operation: 'paymentDetails', kind: 'error', when: 'before', times: 1 });
    expect((await cancel(intent)).status).toBe(502);
    expect((await cancel(intent)).status).toBe(200);
  });
});

describe('expiry', () => {
  it('ends an unpaid intent, but never before its code is dead', async () => {
    const intent = await gateway.newIntent(merchant, { expires_in_minutes: 1 });
    const { body } = await gateway.confirm(intent);
    gateway.sandbox.faults.add({ operation: 'deleteCode', kind: 'error', when: 'before', times: 2 });
    await clock.advance(60_000);
    await gateway.runPasses('expiry');
    const row = () => gateway.database.db('payment_intents').where({ id: intent.id }).first();
    expect((await row()).status).toBe('processing');
    await advance(10);
    expect((await row()).status).toBe('expired');
    expect((await gateway.sandbox.pay({ qrContent: body.qr_content })).isAccepted).toBe(false);
  });

  it('a payment in time that is reported late makes it succeed, even after hours', async () => {
    const intent = await gateway.newIntent(merchant, { expires_in_minutes: 1 });
    const { body } = await gateway.confirm(intent);
    await gateway.sandbox.pay({ qrContent: body.qr_content });
    await clock.advance(3 * 3_600_000);
    await advance(10);
    expect(await statusOf(intent)).toBe('succeeded');
  });
});

describe('a payment that must be returned', () => {
  async function payLate(qrContent: string): Promise<void> {
    expect((await gateway.sandbox.pay({ qrContent, force: true })).isAccepted).toBe(true);
    await advance(700, 20);
  }

  it('paid after a cancel is returned once, by cancel while the window is open', async () => {
    const intent = await gateway.newIntent(merchant);
    const { body } = await gateway.confirm(intent);
    await cancel(intent);
    await payLate(body.qr_content);
    const [code] = await codesOf(intent.id);
    expect(code).toMatchObject({ status: 'FAILED', moneyTaken: 1000, moneyReturned: 1000, refunds: [] });
    expect(await statusOf(intent)).toBe('cancelled');
    expect((await eventsOf(intent.id)).slice(-3)).toEqual([
      'refund_due',
      'refund_created',
      'refund_succeeded',
    ]);
  });

  it('paid after cash was captured is returned by refund when the window has closed', async () => {
    const intent = await gateway.newIntent(merchant);
    const { body } = await gateway.confirm(intent);
    expect((await capture(intent.id)).status).toBe(200);
    await gateway.sandbox.pay({ qrContent: body.qr_content, force: true });
    // Past 00:15 in Japan before the next read.
    await clock.advance(14 * 3_600_000);
    await advance(60, 5);
    const [code] = await codesOf(intent.id);
    expect(code).toMatchObject({ moneyTaken: 1000, moneyReturned: 1000 });
    expect(code?.refunds).toHaveLength(1);
    expect((await gateway.retrieve(intent)).body.payment_method_type).toBe('cash');
  });

  it('is returned once, through every kind of failure', async () => {
    for (const kind of ['error', 'reset', 'malformed_json', 'maintenance'] as const) {
      const intent = await gateway.newIntent(merchant);
      const { body } = await gateway.confirm(intent);
      await cancel(intent);
      for (const operation of ['cancelPayment', 'refund', 'paymentDetails'] as const) {
        gateway.sandbox.faults.add({ operation, kind, times: 2 });
      }
      await payLate(body.qr_content);
      const [code] = await codesOf(intent.id);
      expect([kind, code?.moneyTaken, code?.moneyReturned]).toEqual([kind, 1000, 1000]);
      expect(
        await gateway.database.db('refunds').where({ intent_id: intent.id, status: 'succeeded' }),
      ).toHaveLength(1);
    }
  });

  it('a wrong amount in the details is recorded and not trusted', async () => {
    const intent = await gateway.newIntent(merchant);
    const { body } = await gateway.confirm(intent);
    await gateway.sandbox.pay({ qrContent: body.qr_content });
    gateway.sandbox.faults.add({
      operation: 'paymentDetails',
      kind: 'wrong_answer',
      wrong: 'other_amount',
      times: 2,
    });
    await advance(4);
    expect(await eventsOf(intent.id)).toContain('outcome_unknown');
    const row = await gateway.database.db('payment_intents').where({ id: intent.id }).first();
    expect(row.status).toBe('requires_action');
    await advance(12);
    expect(await statusOf(intent)).toBe('succeeded');
  });
});

describe('the inbox', () => {
  const hint = (attemptId: string, orderId: string) => ({
    headers: {},
    peerAddress: undefined,
    body: Buffer.from(
      JSON.stringify({
        notification_type: 'Transaction',
        order_id: orderId,
        merchant_order_id: attemptId,
        state: 'COMPLETED',
      }),
    ),
  });

  it('a hundred messages about one payment cost one read, and forged ones change nothing', async () => {
    const { receiveProviderWebhook } = await import(
      '../../../src/services/operations/receive-paypay-webhook.ts'
    );
    const intent = await gateway.newIntent(merchant);
    await gateway.confirm(intent);
    const [attemptId] = await gateway.database
      .db('payment_attempts')
      .where({ intent_id: intent.id })
      .pluck('id');
    const reads = () =>
      gateway.sandbox.calls().filter(({ operation }) => operation === 'paymentDetails').length;
    await advance(10);
    for (let index = 0; index < 100; index += 1) {
      await receiveProviderWebhook(gateway.deps, payPay(), hint(attemptId, `forged-${index}`));
    }
    await clock.advance(1);
    const before = reads();
    while ((await gateway.database.db('provider_webhooks').where({ status: 'received' })).length > 0) {
      await gateway.runPasses('webhooks');
      await clock.advance(10);
    }
    expect(reads() - before).toBeLessThanOrEqual(8);
    expect(await statusOf(intent)).toBe('requires_action');
  });

  it('a message that arrives before our own commit waits for the attempt', async () => {
    const { receiveProviderWebhook } = await import(
      '../../../src/services/operations/receive-paypay-webhook.ts'
    );
    await receiveProviderWebhook(gateway.deps, payPay(), hint('pa_01JHMB5V00ZX8Y7W6V5T4S3R2Q', 'early'));
    await gateway.runPasses('webhooks');
    const [message] = await gateway.database
      .db('provider_webhooks')
      .where({ attempt_id: 'pa_01JHMB5V00ZX8Y7W6V5T4S3R2Q' });
    expect(message).toMatchObject({ status: 'received', note: 'unknown_reference' });
    await advance(120, 10);
    const [filed] = await gateway.database.db('provider_webhooks').where({ id: message.id });
    expect(filed.status).toBe('orphaned');
  });
});

function payPay(): Provider {
  const provider = gateway.deps.providers.find('PAYPAY');
  if (!provider) {
    throw new Error('PayPay is not set up');
  }
  return provider;
}
