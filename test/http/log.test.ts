import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.close());

describe('the log', () => {
  it('of a whole payment contains no token, secret, signature or credential', async () => {
    const merchant = await gateway.newMerchant();
    const upstream = await gateway.newSyncKey();
    await gateway.request('POST', '/v1/sync/merchants', {
      as: upstream,
      body: {
        merchants: [
          {
            id: merchant.merchantId,
            name: 'M',
            stores: [
              {
                id: merchant.storeId,
                name: 'S',
                payment_processor_configs: [
                  {
                    provider: 'PAYPAY',
                    is_active: true,
                    credentials: { merchant_id: 'credential-in-the-log' },
                  },
                ],
              },
            ],
          },
        ],
      },
    });
    const intent = await gateway.newIntent(merchant);
    const confirmed = await gateway.confirm(intent, { 'Idempotency-Key': 'log-1' });
    await gateway.sandbox.pay({ qrContent: confirmed.body.qr_content });
    await gateway.sandbox.idle();
    await gateway.runPasses();
    await gateway.retrieve(intent);
    await gateway.request('GET', `/v1/payment_intents/${intent.id}?payment_token=${intent.token}x`);
    await gateway.request('POST', `/v1/payment_intents/${intent.id}/cancel`, {
      body: { payment_token: intent.token },
    });
    gateway.sandbox.faults.add({ operation: 'any', kind: 'error', when: 'before', times: 3 });
    await gateway.confirm(await gateway.newIntent(merchant));
    const log = gateway.logLines.join('');
    expect(gateway.logLines.length).toBeGreaterThan(10);
    for (const secret of [
      intent.token,
      intent.token.split('_secret_')[1] ?? '',
      merchant.secretKey,
      upstream.secretKey,
      'test-secret',
      'test-webhook-secret',
      'HMAC-SHA256',
      'OPA-Auth',
      'payment_token=',
    ]) {
      expect(log).not.toContain(secret);
    }
    expect(log).toContain(intent.id);
  });
});
