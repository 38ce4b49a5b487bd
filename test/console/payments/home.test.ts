/**
 * The start page of the console.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ConsoleClient, startTestConsole, type TestConsole } from '../../support/console.ts';
import { startTestGateway, type TestGateway } from '../../support/gateway.ts';
import { newKeyWith, newPaidIntent, requestRefund } from '../../support/refunds.ts';
import { newSale, newShops, type TwoShops } from './shops.ts';

let gateway: TestGateway;
let console: TestConsole;
let shops: TwoShops;
let support: ConsoleClient;

beforeAll(async () => {
  gateway = await startTestGateway();
  console = await startTestConsole(gateway.deps);
  shops = await newShops(gateway);
  support = await console.signIn('support');
  await newSale(gateway, shops.own, 'own_1', { amount: 1_200 });
  await newSale(gateway, shops.other, 'other_1', { amount: 5_000 });
});

afterAll(async () => {
  await console.close();
  await gateway.close();
});

function valuesOf(text: string): string[] {
  return [...text.matchAll(/<dd>(?:<a[^>]*>)?(?:<span class="money">)?([^<]+)</g)].map(
    ([, value = '']) => value,
  );
}

describe('the start page', () => {
  it("shows today's payments and money of the operator's shops only", async () => {
    const all = await support.get('/');
    expect(all.status).toBe(200);
    expect(valuesOf(all.text).slice(0, 4)).toEqual(['2', '¥6,200', '¥0', '¥6,200']);
    const ofMerchant = await console.signIn({ role: 'viewer', merchantId: shops.own.merchantId });
    const { text } = await ofMerchant.get('/');
    expect(valuesOf(text).slice(0, 4)).toEqual(['1', '¥1,200', '¥0', '¥1,200']);
    expect(text).toContain('own_1');
    expect(text).not.toContain('other_1');
  });

  it('says what needs somebody: old and failed refunds, failing endpoints, unknown payments', async () => {
    expect((await support.get('/')).text).toContain('Nothing needs somebody.');
    const { db } = gateway.database;
    const intent = await newPaidIntent(gateway, shops.own);
    const key = await newKeyWith(gateway, shops.own, ['refunds', 'events']);
    await requestRefund(gateway, key, intent, { amount: 10 });
    const old = new Date(gateway.deps.clock.now().getTime() - 2 * 3_600_000);
    await db('refunds').where({ intent_id: intent.id }).update({ created_at: old });
    const { body: endpoint } = await gateway.request('POST', '/v1/webhook_endpoints', {
      as: key,
      body: { url: 'https://shop.example.com/hook' },
    });
    await db('webhook_endpoints').where({ id: endpoint.id }).update({ failing_since: old });
    await db('provider_webhooks').insert({
      provider: 'PAYPAY',
      dedupe_key: 'orphan',
      type: 'Transaction',
      body: Buffer.from('{}'),
      status: 'orphaned',
      received_at: old,
      processed_at: old,
    });
    const { text } = await support.get('/');
    expect(text).toContain('Refunds pending for more than an hour: 1');
    expect(text).toContain(`/endpoints/${endpoint.id}`);
    expect(text).toContain('href="/inbox"');
    const ofOther = await console.signIn({ role: 'support', merchantId: shops.other.merchantId });
    expect((await ofOther.get('/')).text).toContain('Nothing needs somebody.');
  });

  it('is there for an operator whose shop has no payments', async () => {
    const merchant = await gateway.newMerchant();
    const viewer = await console.signIn({
      role: 'viewer',
      merchantId: merchant.merchantId,
      storeId: merchant.storeId,
    });
    const { status, text } = await viewer.get('/');
    expect(status).toBe(200);
    expect(text).toContain('There are no payments yet.');
  });
});
