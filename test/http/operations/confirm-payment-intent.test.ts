import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestGateway, type TestGateway, type TestMerchant } from '../../support/gateway.ts';

let gateway: TestGateway;
let merchant: TestMerchant;

beforeAll(async () => {
  gateway = await startTestGateway();
  merchant = await gateway.newMerchant();
});
afterAll(() => gateway.close());

describe('POST /v1/payment_intents/{id}/confirm', () => {
  it('returns a PayPay QR code; the payer pays it, and the webhook makes the intent succeed', async () => {
    const intent = await gateway.newIntent(merchant);
    const confirmed = await gateway.confirm(intent);
    expect(confirmed.status).toBe(200);
    expect(confirmed.body).toMatchObject({ payment_id: intent.id, provider: 'PAYPAY' });
    expect((await gateway.retrieve(intent)).body.status).toBe('requires_action');

    await gateway.sandbox.pay({ qrContent: confirmed.body.qr_content });
    await gateway.sandbox.idle();
    await gateway.runPasses('webhooks');

    const { body } = await gateway.retrieve(intent);
    expect(body).toMatchObject({ status: 'succeeded', amount_captured: 1000, payment_method_type: 'qr_mpm' });
  });

  it('returns the same QR code while it is live', async () => {
    const intent = await gateway.newIntent(merchant);
    const [first, second] = [await gateway.confirm(intent), await gateway.confirm(intent)];
    expect(second.body).toEqual(first.body);
  });

  it.each([[['qr_mpm', 'cash']], [['cash']]])(
    'refuses cash with a provider, however the intent of %s may be paid: no code is made, and cash is captured',
    async (types) => {
      const intent = await gateway.newIntent(merchant, { payment_method_types: types });
      const calls = gateway.sandbox.calls().length;
      const { status, body } = await gateway.request('POST', `/v1/payment_intents/${intent.id}/confirm`, {
        body: { payment_token: intent.token, payment_method_type: 'cash', provider: 'PAYPAY' },
      });
      expect([status, body.code]).toEqual([400, 'invalid_request']);
      expect(body.details).toMatchObject({
        field: 'payment_method_type',
        constraint: 'unsupported',
        allowed: ['qr_mpm'],
      });
      expect(gateway.sandbox.calls().length).toBe(calls);
      const captured = await gateway.request('POST', `/v1/payment_intents/${intent.id}/capture`, {
        as: merchant,
      });
      expect([captured.status, captured.body.status]).toEqual([200, 'succeeded']);
    },
  );
});
