import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../../../src/http/app.ts';
import { listen } from '../../../src/http/server.ts';
import { contract, contractText } from '../../support/contract.ts';
import { startTestGateway, type TestGateway } from '../../support/gateway.ts';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.close());

describe('GET /health and /ready', () => {
  it('answer ok without authentication', async () => {
    for (const path of ['/health', '/ready']) {
      const { status, body } = await gateway.request('GET', path);
      expect([status, body]).toEqual([200, { status: 'ok' }]);
    }
  });

  it('readiness goes down, health does not, while the process shuts down', async () => {
    const deps = { ...gateway.deps, isDraining: () => true };
    const app = await createApp(deps, {
      contractText,
      publicUrl: 'http://localhost:8080',
      contract: structuredClone(contract),
      limits: { global: 0, merchant: 0 },
    });
    const server = await listen(app, 0, '127.0.0.1');
    const statusOf = async (path: string) => (await fetch(`http://127.0.0.1:${server.port}${path}`)).status;
    expect([await statusOf('/ready'), await statusOf('/health')]).toEqual([503, 200]);
    await server.close();
  });

  it('a client that is stuck in the middle of its request does not hold a shutdown up for ever', async () => {
    const app = await createApp(gateway.deps, {
      contractText,
      publicUrl: 'http://localhost:8080',
      contract: structuredClone(contract),
      limits: { global: 0, merchant: 0 },
    });
    const server = await listen(app, 0, '127.0.0.1', 100);
    const socket = connect(server.port, '127.0.0.1');
    await new Promise((sent) =>
      socket.write('POST /v1/payment_intents HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n{', sent),
    );
    // Its bytes are there once a whole request on another connection was answered.
    await fetch(`http://127.0.0.1:${server.port}/health`);
    const closed = once(socket, 'close');
    await server.close();
    await closed;
  });
});

describe('the log', () => {
  it('of a whole flow holds no token, secret, signature or credential', async () => {
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
