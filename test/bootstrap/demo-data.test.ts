import { afterAll, beforeAll, expect, it } from 'vitest';
import { ensureSandboxDemo, findPaymentOrigins, listDemoDeliveries } from '../../src/bootstrap/demo-data.ts';
import { createClient } from '../../src/client/index.ts';
import { findShop } from '../../src/store/merchants.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { scriptedSender } from '../support/scripted-sender.ts';
import { ENDPOINTS, newEndpoint, seedDelivery, seedEvent } from '../support/webhooks.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway({ webhookSender: scriptedSender() });
});
afterAll(() => gateway.close());

it('lists the newest deliveries to every endpoint of the demo merchant, without queries of URLs', async () => {
  const { db } = gateway.deps;
  const demo = await ensureSandboxDemo(gateway.deps);
  const as = { apiKey: demo?.apiKey ?? '', secretKey: demo?.secretKey ?? '' };
  const merchantId = demo?.merchantId ?? '';
  const first = await newEndpoint(gateway, as, { url: 'https://a.example.com/hooks?token=secret' });
  const second = await newEndpoint(gateway, as, { url: 'https://b.example.com/' });
  const deleted = await newEndpoint(gateway, as, { url: 'https://c.example.com/' });
  const other = await gateway.newMerchant();
  const foreign = await newEndpoint(gateway, other);
  const attempt = { at: '2026-01-15T10:00:00Z', duration_ms: 12 };
  const created = await seedEvent(db, { merchantId, type: 'payment_intent.created' });
  await seedDelivery(db, first.id, created, {
    status: 'succeeded',
    attempts: [
      { ...attempt, problem: 'timed_out', message: 'There was no response' },
      { ...attempt, status: 200, response_excerpt: 'thanks' },
    ],
  });
  await seedDelivery(db, second.id, created, {
    attempts: [{ ...attempt, problem: 'timed_out', message: 'There was no response' }],
  });
  const succeeded = await seedEvent(db, { merchantId });
  await seedDelivery(db, first.id, succeeded);
  await seedDelivery(db, deleted.id, succeeded);
  await gateway.request('DELETE', `${ENDPOINTS}/${deleted.id}`, { as });
  await seedDelivery(db, foreign.id, await seedEvent(db, { merchantId: other.merchantId }));

  const rows = await listDemoDeliveries(gateway.deps, 50);
  expect(rows).toMatchObject([
    { eventType: 'payment_intent.succeeded', objectId: 'pi_x', status: 'pending', tries: 0 },
    { destination: 'https://b.example.com/', tries: 1, lastResponse: 'There was no response after 12 ms' },
    {
      eventType: 'payment_intent.created',
      destination: 'https://a.example.com/hooks',
      status: 'succeeded',
      lastResponse: 'HTTP 200 after 12 ms: thanks',
    },
  ]);
  expect(rows[0]?.lastResponse).toBeUndefined();
  expect(await listDemoDeliveries(gateway.deps, 2)).toEqual(rows.slice(0, 2));
});

it('knows the payment intent, the order and the shop of a code, and nothing of a foreign one', async () => {
  const { merchantId, apiKey, secretKey } = await gateway.newMerchant();
  const pgw = createClient({ baseUrl: gateway.url, credentials: { apiKey, secretKey } });
  const intent = await pgw.createPaymentIntent({
    amount: 1000,
    currency: 'JPY',
    payment_method_types: ['qr_mpm'],
    merchant_ref_id: 'order_7',
  });
  await pgw.confirmPaymentIntent(intent.id);
  const attemptId = gateway.sandbox.ledger().at(-1)?.merchantPaymentId ?? '';
  const origins = await findPaymentOrigins(gateway.deps, [attemptId, 'inv-1']);
  const shopName = (await findShop(gateway.deps.db, merchantId, undefined))?.merchantName;
  expect([...origins]).toEqual([[attemptId, { intentId: intent.id, orderId: 'order_7', shopName }]]);
});
