import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestClock, type TestClock } from '../../support/clock.ts';
import { startTestGateway, type TestGateway, type TestMerchant } from '../../support/gateway.ts';

const HOUR_MS = 3_600_000;

let clock: TestClock;
let gateway: TestGateway;
let merchant: TestMerchant;

beforeAll(async () => {
  clock = createTestClock();
  gateway = await startTestGateway({ clock });
  merchant = await gateway.newMerchant();
});
afterAll(() => gateway.close());

describe('GET /v1/payment_intents/{id}', () => {
  it('returns every field except the token to the holder of its payment_token', async () => {
    const intent = await gateway.newIntent(merchant, { description: 'Tea' });
    const { status, body } = await gateway.retrieve(intent);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      id: intent.id,
      status: 'requires_payment_method',
      amount: 1000,
      currency: 'JPY',
      description: 'Tea',
    });
    expect(JSON.stringify(body)).not.toContain('_secret_');
  });

  it("accepts the merchant's signature instead of the token", async () => {
    const { id } = await gateway.newIntent(merchant);
    expect((await gateway.request('GET', `/v1/payment_intents/${id}`, { as: merchant })).body.id).toBe(id);
  });

  it('refuses a request without credentials, a wrong token, and the token of another intent', async () => {
    const [intent, other] = [await gateway.newIntent(merchant), await gateway.newIntent(merchant)];
    const path = `/v1/payment_intents/${intent.id}`;
    expect((await gateway.request('GET', path)).body).toMatchObject({ code: 'unauthorized' });
    for (const token of ['nonsense', other.token, `${intent.token}x`]) {
      const { status, body } = await gateway.request('GET', `${path}?payment_token=${token}`);
      expect([status, body.code]).toEqual([401, 'invalid_token']);
    }
  });

  it('returns 404 for an unknown or malformed id and for another merchant', async () => {
    const intent = await gateway.newIntent(merchant);
    const other = await gateway.newMerchant();
    for (const id of ['pi_01JHMB5V00ZX8Y7W6V5T4S3R2Q', 'nonsense', 'pi_%00', '%F0%9F%92%A9']) {
      expect((await gateway.request('GET', `/v1/payment_intents/${id}`, { as: merchant })).body.code).toBe(
        'not_found',
      );
    }
    expect((await gateway.request('GET', `/v1/payment_intents/${intent.id}`, { as: other })).status).toBe(
      404,
    );
  });

  it('accepts a token until 24 hours after its intent has ended', async () => {
    const intent = await gateway.newIntent(merchant);
    await gateway.request('POST', `/v1/payment_intents/${intent.id}/cancel`, {
      body: { payment_token: intent.token },
    });
    await clock.advance(24 * HOUR_MS);
    expect((await gateway.retrieve(intent)).status).toBe(200);
    await clock.advance(1);
    const { status, body } = await gateway.retrieve(intent);
    expect([status, body.code]).toEqual([401, 'invalid_token']);
    expect((await gateway.request('GET', `/v1/payment_intents/${intent.id}`, { as: merchant })).status).toBe(
      200,
    );
  });

  it('never logs what is in place of the id, in any encoding', async () => {
    const intent = await gateway.newIntent(merchant);
    const secret = intent.token.split('_secret_')[1] ?? '';
    const spellings = [intent.token, intent.token.replaceAll('_', '%5F'), secret, merchant.secretKey];
    for (const spelling of spellings) {
      const path = `/v1/payment_intents/${spelling}`;
      expect((await gateway.request('GET', path, { as: merchant })).status).toBe(404);
      expect((await gateway.request('GET', `/${spelling}`)).status).toBe(404);
    }
    const log = gateway.logLines.join('');
    expect(log).toContain('"route":"/v1/payment_intents/{id}"');
    for (const text of [...spellings, secret]) {
      expect(log).not.toContain(text);
    }
  });

  it('logs who was refused, from where and why, and counts the refusal', async () => {
    const path = `/v1/payment_intents/${(await gateway.newIntent(merchant)).id}`;
    const wrong = { apiKey: merchant.apiKey, secretKey: 'sk_wrong' };
    const { headers } = await gateway.request('GET', path, { as: wrong });
    const id = headers.get('X-Request-Id') ?? '';
    await expect.poll(() => gateway.logLines.some((line) => line.includes(id))).toBe(true);
    const line = JSON.parse(gateway.logLines.find((entry) => entry.includes(id)) ?? '{}');
    expect(line).toMatchObject({
      route: '/v1/payment_intents/{id}',
      status: 401,
      reason: 'signature_mismatch',
      apiKey: merchant.apiKey,
      clientAddress: '127.0.0.1',
    });
    const { text } = await gateway.deps.metrics.render();
    expect(text).toContain('pgw_http_refusals_total{code="unauthorized",reason="signature_mismatch"} 1');
    // A secret key instead of the API key is not logged.
    await gateway.request('GET', path, { as: { ...wrong, apiKey: merchant.secretKey } });
    expect(gateway.logLines.join('')).not.toContain(merchant.secretKey);
  });

  it('does not show an intent as waiting after its expiry', async () => {
    const intent = await gateway.newIntent(merchant, { expires_in_minutes: 1 });
    await clock.advance(60_000);
    const { body } = await gateway.retrieve(intent);
    expect(body.status).toBe('expired');
    expect(body.expired_at).toBeDefined();
  });

  it('reads PayPay for its caller when the last read is old: a payment shows without a webhook', async () => {
    const intent = await gateway.newIntent(merchant);
    gateway.sandbox.webhooks.mode = 'manual';
    const { body } = await gateway.confirm(intent);
    await gateway.sandbox.pay({ qrContent: body.qr_content });
    expect((await gateway.retrieve(intent)).body.status).toBe('requires_action');
    await clock.advance(2_000);
    expect((await gateway.retrieve(intent)).body.status).toBe('succeeded');
  });

  it('returns the known state when PayPay cannot be read', async () => {
    const intent = await gateway.newIntent(merchant);
    await gateway.confirm(intent);
    await clock.advance(2_000);
    gateway.sandbox.faults.add({ operation: 'paymentDetails', kind: 'error', when: 'before', times: 1 });
    const { status, body } = await gateway.retrieve(intent);
    expect([status, body.status]).toEqual([200, 'requires_action']);
  });
});
