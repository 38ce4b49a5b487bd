import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestClock, type TestClock } from '../../support/clock.ts';
import { startTestGateway, type TestGateway, type TestMerchant } from '../../support/gateway.ts';
import { getRefund, newCashIntent, newKeyWith, newPaidIntent, requestRefund } from '../../support/refunds.ts';

let clock: TestClock;
let gateway: TestGateway;
let merchant: TestMerchant;

beforeAll(async () => {
  clock = createTestClock(new Date('2026-01-15T03:00:00Z'));
  gateway = await startTestGateway({ clock, sandbox: { webhookMode: 'manual', refundDelaySeconds: 5 } });
  gateway.sandbox.behaviour.allowMultipleRefunds = true;
  merchant = await gateway.newMerchant();
});
afterAll(() => gateway.close());

const refund = (
  intent: { id: string },
  fields?: Record<string, unknown>,
  as = merchant as { apiKey: string; secretKey: string },
) => requestRefund(gateway, as, intent, fields);

describe('POST /v1/refunds', () => {
  it('stores a pending refund, and PayPay returns the money', async () => {
    const intent = await newPaidIntent(gateway, merchant);
    const created = await refund(intent, {
      amount: 400,
      reason: 'requested_by_customer',
      merchant_refund_ref_id: 'r-1',
    });
    expect([created.status, created.body]).toEqual([
      201,
      {
        id: expect.stringMatching(/^re_/),
        payment_intent_id: intent.id,
        amount: 400,
        currency: 'JPY',
        status: 'pending',
        pending_reason: 'provider_processing',
        reason: 'requested_by_customer',
        method: 'provider',
        origin: 'merchant',
        merchant_refund_ref_id: 'r-1',
        merchant_store_id: merchant.storeId,
        created_at: expect.any(String),
      },
    ]);
    await gateway.runPasses('refunds');
    await clock.advance(10_000);
    await gateway.runPasses('refunds');
    expect((await getRefund(gateway, merchant, created.body.id)).body).toMatchObject({
      status: 'succeeded',
      amount: 400,
    });
    expect((await gateway.retrieve(intent)).body).toMatchObject({
      status: 'succeeded',
      amount_refunded: 400,
      amount_refundable: 600,
      refunds_until: '2027-01-15T14:59:59Z',
    });
  });

  it('refunds what is left by default, and refuses more with what is left', async () => {
    const intent = await newPaidIntent(gateway, merchant);
    await refund(intent, { amount: 300 });
    const tooMuch = await refund(intent, { amount: 701 });
    expect([tooMuch.status, tooMuch.body.details]).toMatchObject([
      400,
      { field: 'amount', constraint: 'max_value', amount_refundable: 700 },
    ]);
    expect((await refund(intent)).body.amount).toBe(700);
    expect((await refund(intent)).body.details).toMatchObject({
      constraint: 'max_value',
      amount_refundable: 0,
    });
  });

  it('records money returned in cash at once; for a QR payment only with the scope refunds:cash', async () => {
    const [cash, qr] = [await newCashIntent(gateway, merchant), await newPaidIntent(gateway, merchant)];
    const details = { merchant_staff_id: 'staff_017', merchant_terminal_id: 'till_2' };
    expect((await refund(cash, details)).body).toMatchObject({
      status: 'succeeded',
      method: 'cash',
      amount: 1000,
      ...details,
    });
    const refused = await refund(qr, { method: 'cash' });
    expect([refused.status, refused.body.details]).toEqual([403, { required_scope: 'refunds:cash' }]);
    const key = await newKeyWith(gateway, merchant, ['refunds', 'refunds:cash']);
    expect((await refund(qr, { method: 'cash', amount: 100 }, key)).body).toMatchObject({
      status: 'succeeded',
      method: 'cash',
    });
  });

  it('refuses an intent that has not succeeded', async () => {
    const intent = await gateway.newIntent(merchant);
    expect((await refund(intent)).body.details).toMatchObject({
      constraint: 'unexpected_state',
      status: 'requires_payment_method',
      allowed: ['succeeded'],
    });
  });

  it('refuses another merchant’s intent as unknown, and a key without the scope refunds, and stores nothing', async () => {
    const intent = await newCashIntent(gateway, merchant);
    expect(await refund(intent, {}, await gateway.newMerchant())).toMatchObject({
      status: 404,
      body: { code: 'not_found' },
    });
    for (const scope of ['payments', 'refunds:cash'] as const) {
      const key = await newKeyWith(gateway, merchant, [scope]);
      expect(await refund(intent, {}, key)).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    }
    expect(await gateway.database.db('refunds').where({ intent_id: intent.id })).toEqual([]);
  });

  it('refuses a reference that another refund of the merchant has, that of another payment too, but not another merchant’s', async () => {
    const fields = { amount: 1, merchant_refund_ref_id: 'return-1' };
    const first = await refund(await newCashIntent(gateway, merchant), fields);
    const second = await newCashIntent(gateway, merchant);
    expect((await refund(second, fields)).body.details).toMatchObject({
      constraint: 'unique',
      refund_id: first.body.id,
    });
    const other = await gateway.newMerchant();
    expect((await refund(await newCashIntent(gateway, other), fields, other)).status).toBe(201);
  });
});
