import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestGateway, type TestGateway, type TestMerchant } from '../../support/gateway.ts';

let gateway: TestGateway;
let merchant: TestMerchant;

beforeAll(async () => {
  gateway = await startTestGateway({ sandbox: { webhookMode: 'manual' } });
  merchant = await gateway.newMerchant();
});
afterAll(() => gateway.close());

const cancel = ({ id, token }: { id: string; token: string }) =>
  gateway.request('POST', `/v1/payment_intents/${id}/cancel`, { body: { payment_token: token } });

describe('POST /v1/payment_intents/{id}/cancel', () => {
  it('cancels, and responds 200 again when the intent is already cancelled', async () => {
    const intent = await gateway.newIntent(merchant);
    for (const { status, body } of [await cancel(intent), await cancel(intent)]) {
      expect([status, body]).toEqual([200, { id: intent.id, status: 'cancelled' }]);
    }
    expect((await gateway.retrieve(intent)).body.cancelled_at).toBeDefined();
  });

  it('first makes a live QR code unusable', async () => {
    const intent = await gateway.newIntent(merchant);
    const { body } = await gateway.confirm(intent);
    expect((await cancel(intent)).body.status).toBe('cancelled');
    const paying = await gateway.sandbox.pay({ qrContent: body.qr_content });
    expect(paying.isAccepted).toBe(false);
  });

  it('is refused when the payer was faster, and the intent succeeds', async () => {
    const intent = await gateway.newIntent(merchant);
    const { body } = await gateway.confirm(intent);
    await gateway.sandbox.pay({ qrContent: body.qr_content });
    const refused = await cancel(intent);
    expect([refused.status, refused.body.details.constraint, refused.body.details.status]).toEqual([
      400,
      'unexpected_state',
      'succeeded',
    ]);
    expect(refused.body.details.allowed).toContain('requires_action');
    expect((await gateway.retrieve(intent)).body.status).toBe('succeeded');
  });

  it('accepts a signed request without a body', async () => {
    const { id } = await gateway.newIntent(merchant);
    expect((await gateway.request('POST', `/v1/payment_intents/${id}/cancel`, { as: merchant })).status).toBe(
      200,
    );
  });

  it('refuses a request without credentials, a wrong token, another merchant, and unknown properties', async () => {
    const intent = await gateway.newIntent(merchant);
    const path = `/v1/payment_intents/${intent.id}/cancel`;
    expect((await gateway.request('POST', path)).status).toBe(401);
    expect((await gateway.request('POST', path, { body: { payment_token: 'x' } })).body.code).toBe(
      'invalid_token',
    );
    expect((await gateway.request('POST', path, { as: await gateway.newMerchant() })).status).toBe(404);
    const extra = await gateway.request('POST', path, { body: { payment_token: intent.token, reason: 'x' } });
    expect(extra.body.details).toMatchObject({ field: 'reason', constraint: 'unknown_property' });
    expect((await gateway.retrieve(intent)).body.status).toBe('requires_payment_method');
  });
});
