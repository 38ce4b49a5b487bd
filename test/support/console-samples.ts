/**
 * A console with samples that look real: merchants and stores, payments and refunds in all states over a day, a webhook endpoint
 * that fails, operators, and acts in the audit log. For looking at every page, in tests and in screenshots.
 */
import { createHmac } from 'node:crypto';
import type { Grant } from '../../src/domain/operators/grants.ts';
import { syncMerchants } from '../../src/services/operations/sync-merchants.ts';
import { createWebhookEndpoint } from '../../src/services/operations/webhook-endpoints/create-webhook-endpoint.ts';
import { createApiKey } from '../../src/services/operator/api-keys.ts';
import { BY_TEST } from './acts.ts';
import { createTestClock, type TestClock } from './clock.ts';
import { type ConsoleClient, startTestConsole, type TestConsole } from './console.ts';
import type { TestDatabase } from './database.ts';
import { startTestGateway, type TestGateway, type TestMerchant } from './gateway.ts';
import { completeRefunds, newPaidIntent, requestRefund } from './refunds.ts';
import { responded, scriptedSender } from './scripted-sender.ts';

export interface ConsoleSamples {
  readonly gateway: TestGateway;
  readonly console: TestConsole;
  readonly clock: TestClock;
  readonly merchant: TestMerchant;
  /** Ids of payments, by what they show. */
  readonly payments: Readonly<
    Record<'paid' | 'refunded' | 'refunding' | 'waiting' | 'cash' | 'cancelled' | 'expired', string>
  >;
  readonly endpointId: string;
  readonly deliveryId: string;
  readonly apiKey: string;
  readonly operatorId: string;
  /** A message in the inbox. */
  readonly webhookId: string;
  /** An operator who may do everything, signed in. */
  readonly admin: ConsoleClient;
  close(): Promise<void>;
}

/** Ten in the morning in Japan. */
const MORNING = new Date('2026-11-28T01:00:00Z');
const MINUTE_MS = 60_000;
const WEBHOOK_SECRET = 'test-webhook-secret';
const FAILING_URL = 'http://localhost:9/webhooks/payments';

const MERCHANTS = [
  { id: 'torigen', name: '炭火焼鳥 とり源', stores: ['神田店', '東京駅前グランドタワー店', '新宿三丁目店'] },
  { id: 'aoba-coffee', name: '青葉珈琲', stores: ['仙台本店', '一番町店'] },
  { id: 'hinode-books', name: '日の出書店', stores: ['吉祥寺店'] },
] as const;

/** @param database by default a clone of the tests' template; the caller drops another */
export async function startConsoleSamples(database?: TestDatabase): Promise<ConsoleSamples> {
  const clock = createTestClock(MORNING);
  const webhookSender = scriptedSender();
  webhookSender.respond = ({ url }) => responded(url === FAILING_URL ? 503 : 204);
  const gateway = await startTestGateway({ clock, webhookSender, ...(database && { database }) });
  const console = await startTestConsole(gateway.deps);
  const shops = await syncShops(gateway);
  const merchant = shops[0] ?? (await gateway.newMerchant());
  const endpointId = await newEndpoints(gateway, merchant.merchantId);
  const payments = await makePayments(gateway, clock, shops, merchant);
  await sendOrphan(gateway);
  await gateway.runPasses();
  const [delivery] = await gateway.database.db('webhook_deliveries').orderBy('id', 'desc').limit(1);
  const [refunder, admin = console.stranger] = await newOperators(gateway, console, merchant);
  await act(admin, endpointId, payments);
  const [webhook] = await gateway.database.db('provider_webhooks').orderBy('id', 'desc').limit(1);
  return {
    gateway,
    console,
    clock,
    merchant,
    payments,
    endpointId,
    deliveryId: delivery.id,
    apiKey: merchant.apiKey,
    operatorId: refunder?.operator?.id ?? '',
    webhookId: String(webhook.id),
    admin,
    async close() {
      await console.close();
      await gateway.close();
    },
  };
}

/** One for each store. */
async function syncShops({ deps }: TestGateway): Promise<TestMerchant[]> {
  const shops: TestMerchant[] = [];
  for (const { id, name, stores } of MERCHANTS) {
    await syncMerchants(deps, [
      {
        id,
        name,
        checkoutFrameAncestors: [`https://${id}.example.jp`],
        stores: stores.map((store, index) => ({
          id: `${id}-${index + 1}`,
          name: store,
          timeZone: 'Asia/Tokyo',
          configs: [{ provider: 'PAYPAY', isActive: true, credentials: { merchant_id: `paypay_${id}` } }],
        })),
      },
    ]);
    const { key, secretKey } = await createApiKey(deps, BY_TEST, id, { label: 'POS' });
    shops.push(
      ...stores.map((_, index) => ({
        merchantId: id,
        storeId: `${id}-${index + 1}`,
        apiKey: key.apiKey,
        secretKey,
      })),
    );
  }
  return shops;
}

async function newEndpoints({ deps }: TestGateway, merchantId: string): Promise<string> {
  const command = {
    merchantId,
    eventTypes: undefined,
    merchantStoreIds: undefined,
    ordering: 'none' as const,
    signature: 'hmac' as const,
    maxPerSecond: undefined,
    idempotencyId: undefined,
  };
  await createWebhookEndpoint(deps, BY_TEST, {
    ...command,
    url: 'https://torigen.example.jp/hooks/payments',
    description: '基幹システム',
  });
  const failing = await createWebhookEndpoint(deps, BY_TEST, {
    ...command,
    url: FAILING_URL,
    description: '会計連携',
  });
  return failing.endpoint.id;
}

async function makePayments(
  gateway: TestGateway,
  clock: TestClock,
  shops: readonly TestMerchant[],
  merchant: TestMerchant,
): Promise<ConsoleSamples['payments']> {
  let order = 20_481;
  const fieldsOf = (amount: number) => {
    order += 1;
    return { amount, merchant_ref_id: `order_${order}`, description: '焼き鳥盛り合わせ ほか3点' };
  };
  const expired = await gateway.newIntent(merchant, { ...fieldsOf(2_480), expires_in_minutes: 1 });
  for (const [index, shop] of [...shops, ...shops].entries()) {
    await clock.advance(17 * MINUTE_MS);
    await newPaidIntent(gateway, shop, fieldsOf(980 + ((index * 1_370) % 7_400)));
    await gateway.runPasses('events', 'deliveries');
  }
  const paid = await newPaidIntent(gateway, merchant, fieldsOf(12_480));
  const refunded = await newPaidIntent(gateway, merchant, fieldsOf(12_480));
  await clock.advance(9 * MINUTE_MS);
  await requestRefund(gateway, merchant, refunded, { amount: 1_480, reason: 'requested_by_customer' });
  await completeRefunds(gateway, refunded);
  await requestRefund(gateway, merchant, refunded, { amount: 3_500 });
  const refunding = await newPaidIntent(gateway, merchant, fieldsOf(4_600));
  await requestRefund(gateway, merchant, refunding, {});
  await clock.advance(4 * MINUTE_MS);
  const cash = await gateway.newIntent(merchant, {
    ...fieldsOf(3_200),
    payment_method_types: ['qr_mpm', 'cash'],
  });
  await gateway.request('POST', `/v1/payment_intents/${cash.id}/capture`, { as: merchant });
  const cancelled = await gateway.newIntent(merchant, fieldsOf(5_400));
  await gateway.request('POST', `/v1/payment_intents/${cancelled.id}/cancel`, { as: merchant });
  await clock.advance(6 * MINUTE_MS);
  const waiting = await gateway.newIntent(merchant, {
    ...fieldsOf(8_800),
    payment_method_types: ['qr_mpm', 'cash'],
  });
  await gateway.confirm(waiting);
  const intents = { paid, refunded, refunding, waiting, cash, cancelled, expired };
  return Object.fromEntries(
    Object.entries(intents).map(([name, { id }]) => [name, id]),
  ) as ConsoleSamples['payments'];
}

/** A message of PayPay about a payment that the gateway does not know. */
async function sendOrphan(gateway: TestGateway): Promise<void> {
  const body = JSON.stringify({
    notification_type: 'Transaction',
    merchant_id: '1',
    order_id: '04912345678901234567',
    merchant_order_id: 'pa_01JHMB5V00ZX8Y7W6V5T4S3R2Q',
    state: 'COMPLETED',
    order_amount: '1000',
  });
  const signature = createHmac('sha256', WEBHOOK_SECRET).update(body).digest('hex');
  await gateway.request('POST', '/v1/webhooks/paypay', {
    body,
    headers: { 'X-PayPay-Signature': signature },
  });
}

const PEOPLE: readonly (readonly [
  name: string,
  grants: (shop: TestMerchant) => readonly Partial<Grant>[],
])[] = [
  ['佐藤 美咲', () => [{ role: 'support' }, { role: 'finance' }]],
  ['鈴木 健太', ({ merchantId, storeId }) => [{ role: 'viewer', merchantId, storeId }]],
  ['高橋 葵', ({ merchantId }) => [{ role: 'refunder', merchantId, maxRefundAmount: 20_000 }]],
  ['山田 花子', () => [{ role: 'admin' }]],
];

/** @returns the last two of them */
async function newOperators(
  { deps }: TestGateway,
  console: TestConsole,
  merchant: TestMerchant,
): Promise<readonly ConsoleClient[]> {
  const clients: ConsoleClient[] = [];
  for (const [name, grantsOf] of PEOPLE) {
    const client = await console.signIn(...grantsOf(merchant));
    const id = client.operator?.id ?? '';
    await deps.db('operators').where({ id }).update({ name });
    await deps.db('operator_passkeys').insert({
      id: `passkey-of-${id}`,
      operator_id: id,
      public_key: Buffer.from('sample'),
      counter: 1,
      label: 'Chrome, macOS',
      created_at: deps.clock.now(),
    });
    clients.push(client);
  }
  return clients.slice(-2);
}

/** Acts of an operator, for the timeline and the audit log. */
async function act(
  admin: ConsoleClient,
  endpointId: string,
  payments: ConsoleSamples['payments'],
): Promise<void> {
  await admin.post(`/payments/${payments.refunded}/notes`, {
    reason: 'お客様より返金時期のお問い合わせ。3営業日以内と回答済み。',
  });
  await admin.post(`/payments/${payments.paid}/refunds`, {
    amount: '2480',
    method: 'provider',
    category: 'other',
    reason: '1点欠品のため差額を返金',
    form_id: 'SampleSampleSampleSample',
  });
  await admin.post(`/endpoints/${endpointId}/pause`, {
    reason: '会計連携サーバーのメンテナンス（加盟店の依頼）',
  });
}
