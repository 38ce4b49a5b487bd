import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestGateway, type TestGateway, type TestMerchant } from '../../support/gateway.ts';

let gateway: TestGateway;
let merchant: TestMerchant;

beforeAll(async () => {
  gateway = await startTestGateway({ sandbox: { webhookMode: 'manual' } });
  merchant = await gateway.newMerchant();
});
afterAll(() => gateway.close());

const capture = (id: string, body?: unknown, as = merchant) =>
  gateway.request('POST', `/v1/payment_intents/${id}/capture`, { as, body });

describe('POST /v1/payment_intents/{id}/capture', () => {
  it('records cash taken by staff', async () => {
    const intent = await gateway.newIntent(merchant);
    const { status, body } = await capture(intent.id, { amount: 1000 });
    expect([status, body]).toEqual([
      200,
      { id: intent.id, status: 'succeeded', amount: 1000, currency: 'JPY', amount_captured: 1000 },
    ]);
    expect((await gateway.retrieve(intent)).body.payment_method_type).toBe('cash');
  });

  it('captures the whole amount by default, or the part that is given', async () => {
    const [whole, part] = [await gateway.newIntent(merchant), await gateway.newIntent(merchant)];
    expect((await capture(whole.id)).body.amount_captured).toBe(1000);
    expect((await capture(part.id, { amount: 400 })).body).toMatchObject({
      amount: 1000,
      amount_captured: 400,
    });
  });

  it('refuses more than the amount, and zero', async () => {
    const { id } = await gateway.newIntent(merchant);
    expect((await capture(id, { amount: 1001 })).body.details).toMatchObject({
      field: 'amount',
      constraint: 'max_value',
    });
    expect((await capture(id, { amount: 0 })).body.details).toMatchObject({
      field: 'amount',
      constraint: 'min_value',
    });
  });

  it('first makes a live QR code unusable; if the payer was faster, the QR payment stands and capture is refused', async () => {
    const [intent, faster] = [await gateway.newIntent(merchant), await gateway.newIntent(merchant)];
    const [code, fasterCode] = [await gateway.confirm(intent), await gateway.confirm(faster)];
    expect((await capture(intent.id)).status).toBe(200);
    expect((await gateway.sandbox.pay({ qrContent: code.body.qr_content })).isAccepted).toBe(false);

    await gateway.sandbox.pay({ qrContent: fasterCode.body.qr_content });
    const refused = await capture(faster.id);
    expect([refused.status, refused.body.details.status]).toEqual([400, 'succeeded']);
    expect((await gateway.retrieve(faster)).body.payment_method_type).toBe('qr_mpm');
  });

  it('is refused once the intent has ended', async () => {
    const { id } = await gateway.newIntent(merchant);
    await capture(id);
    expect((await capture(id)).body.details).toMatchObject({
      field: 'status',
      constraint: 'unexpected_state',
    });
  });

  it('is only for the merchant: not for a token, another merchant or an upstream key', async () => {
    const intent = await gateway.newIntent(merchant);
    const path = `/v1/payment_intents/${intent.id}/capture`;
    expect((await gateway.request('POST', `${path}?payment_token=${intent.token}`)).status).toBe(401);
    expect((await capture(intent.id, {}, await gateway.newMerchant())).status).toBe(404);
    expect((await gateway.request('POST', path, { as: await gateway.newSyncKey() })).status).toBe(403);
  });
});
