import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRegistry } from '../../../src/providers/registry.ts';
import { carryOutRefunds } from '../../../src/services/jobs/carry-out-refunds.ts';
import { API_KEY, API_SECRET, call } from '../../sandbox/support/paypay-client.ts';
import { createTestClock, type TestClock } from '../../support/clock.ts';
import { startTestGateway, type TestGateway, type TestMerchant } from '../../support/gateway.ts';

let clock: TestClock;
let gateway: TestGateway;
let merchant: TestMerchant;

beforeAll(async () => {
  clock = createTestClock(new Date('2026-01-15T03:00:00Z'));
  gateway = await startTestGateway({ clock, sandbox: { webhookMode: 'manual' } });
  gateway.sandbox.addCredential({ apiKey: API_KEY, apiSecret: API_SECRET });
  gateway.sandbox.behaviour.allowMultipleRefunds = true;
  merchant = await gateway.newMerchant();
});
afterAll(() => gateway.close());

/** Advances the time and runs the workers. */
async function advance(seconds: number, stepSeconds = 10): Promise<void> {
  for (let passed = 0; passed < seconds; passed += stepSeconds) {
    await clock.advance(stepSeconds * 1000);
    await gateway.runPasses();
  }
}

async function ledgerEntry(intentId: string) {
  const { id } = await gateway.database.db('payment_attempts').where({ intent_id: intentId }).first();
  const entry = gateway.sandbox.ledger().find(({ merchantPaymentId }) => merchantPaymentId === id);
  if (!entry) {
    throw new Error('the sandbox has no such payment');
  }
  return entry;
}

/** A payment that must be returned: paid with the code of an intent whose cash was captured. */
async function payTwice(): Promise<string> {
  const intent = await gateway.newIntent(merchant);
  const { body } = await gateway.confirm(intent);
  await gateway.request('POST', `/v1/payment_intents/${intent.id}/capture`, { as: merchant });
  await gateway.sandbox.pay({ qrContent: body.qr_content, force: true });
  return intent.id;
}

/** Lets the gateway read the late payment, but not yet return it. */
async function noticePayment(intentId: string): Promise<void> {
  const refunds = gateway.database.db('refunds').where({ intent_id: intentId });
  for (let tries = 0; tries < 60 && (await refunds.clone()).length === 0; tries += 1) {
    await clock.advance(20_000);
    await gateway.runPasses('attempts');
  }
}

let byHand = 0;

/** A refund made at the provider, without the gateway. */
async function refundByHand(intentId: string, amount: number): Promise<void> {
  byHand += 1;
  const { paymentId, merchantId } = await ledgerEntry(intentId);
  const epochSeconds = Math.floor(clock.now().getTime() / 1000);
  const body = {
    merchantRefundId: `by-hand-${byHand}`,
    paymentId,
    amount: { amount, currency: 'JPY' },
    requestedAt: epochSeconds,
  };
  const headers = { 'x-assume-merchant': merchantId };
  const reply = await call(gateway.sandbox.url, 'POST', '/v2/refunds', body, { epochSeconds, headers });
  expect([reply.status, reply.code]).toEqual([200, 'SUCCESS']);
}

async function expectAllReturned(intentId: string, amounts: number[]): Promise<void> {
  const entry = await ledgerEntry(intentId);
  expect(entry.refunds.map(({ amount }) => amount)).toEqual(amounts);
  expect([entry.moneyTaken, entry.moneyReturned]).toEqual([1000, 1000]);
  const refund = await gateway.database.db('refunds').where({ intent_id: intentId }).first();
  expect([refund.status, refund.last_error_code]).toEqual(['succeeded', null]);
}

describe.each(['COMPLETED', 'REFUNDED'] as const)(
  'a payment that is %s after a part was returned',
  (status) => {
    beforeAll(() => {
      gateway.sandbox.behaviour.statusAfterPartialRefund = status;
    });

    it('of which a part was returned by hand: the rest is returned', async () => {
      const intentId = await payTwice();
      await refundByHand(intentId, 300);
      await advance(1_000);
      await expectAllReturned(intentId, [300, 700]);
    });

    it('of which parts were returned by hand, also between two tries: only the rest is returned', async () => {
      const intentId = await payTwice();
      await refundByHand(intentId, 300);
      await noticePayment(intentId);
      gateway.sandbox.faults.add({ operation: 'refund', kind: 'maintenance', times: 1 });
      await gateway.runPasses('refunds');
      await refundByHand(intentId, 200);
      await advance(1_000);
      await expectAllReturned(intentId, [300, 200, 500]);
    });

    it('that was returned by hand completely: nothing is returned again', async () => {
      const intentId = await payTwice();
      await noticePayment(intentId);
      await refundByHand(intentId, 400);
      await refundByHand(intentId, 600);
      await advance(1_000);
      await expectAllReturned(intentId, [400, 600]);
    });

    it('whose refund got no response, and of which a part was returned by hand: nothing is lost or returned twice', async () => {
      for (const when of ['before', 'after'] as const) {
        const intentId = await payTwice();
        await refundByHand(intentId, 100);
        gateway.sandbox.faults.add({ operation: 'refund', kind: 'reset', when, times: 1 });
        await advance(1_000);
        await expectAllReturned(intentId, [100, 900]);
      }
    });
  },
);

it('is returned to the last yen, in a separate part, when a refund made by hand fails', async () => {
  const intentId = await payTwice();
  await noticePayment(intentId);
  let isComingToNothing = true;
  const real = gateway.deps.providers.find('PAYPAY');
  if (!real?.codes) {
    throw new Error('PayPay has codes');
  }
  const { codes } = real;
  const readPayment: typeof codes.readPayment = async (request) => {
    const observation = await codes.readPayment(request);
    const isOverstated = isComingToNothing && observation.kind === 'succeeded';
    return isOverstated ? { ...observation, refundedAmount: observation.refundedAmount + 300 } : observation;
  };
  const deps = {
    ...gateway.deps,
    providers: createRegistry([{ ...real, codes: { ...codes, readPayment } }]),
  };
  for (let tries = 0; tries < 2; tries += 1) {
    await carryOutRefunds(deps, { limit: 100, concurrency: 1 });
    isComingToNothing = false;
    await clock.advance(60_000);
  }
  await advance(1_000);
  await expectAllReturned(intentId, [700, 300]);
});

it('a part of ours that arrives after the payment was read is not returned a second time', async () => {
  const intentId = await payTwice();
  await refundByHand(intentId, 300);
  await noticePayment(intentId);
  await gateway.runPasses('refunds');
  expect((await ledgerEntry(intentId)).refunds.map(({ amount }) => amount)).toEqual([300, 700]);
  const real = gateway.deps.providers.find('PAYPAY');
  const { codes, refunds } = real ?? {};
  if (!real || !codes || !refunds) {
    throw new Error('PayPay is not set up');
  }
  let reads = 0;
  const requested: number[] = [];
  const stale = {
    ...codes,
    // The first read of the payment still shows the time before our part.
    async readPayment(request: Parameters<typeof codes.readPayment>[0]) {
      reads += 1;
      const observation = await codes.readPayment(request);
      const { providerPaymentId = '' } = observation as { providerPaymentId?: string };
      const money = { amount: 1000, currency: 'JPY' };
      return reads === 1
        ? ({
            kind: 'succeeded',
            providerPaymentId,
            money,
            paidAt: clock.now(),
            refundedAmount: 300,
            refunds: [],
          } as const)
        : observation;
    },
  };
  const counting = {
    ...refunds,
    createRefund(request: Parameters<typeof refunds.createRefund>[0]) {
      requested.push(request.money.amount);
      return refunds.createRefund(request);
    },
  };
  const providers = createRegistry([{ ...real, codes: stale, refunds: counting }]);
  await clock.advance(60_000);
  await carryOutRefunds({ ...gateway.deps, providers }, { limit: 100, concurrency: 1 });
  expect(reads).toBeGreaterThan(0);
  expect(requested).toEqual([]);
  await advance(1_000);
  await expectAllReturned(intentId, [300, 700]);
});
