/**
 * The lists of payments and refunds: what they show to whom, their filters, sums and pages.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../../src/lib/ids.ts';
import { type ConsoleClient, startTestConsole, type TestConsole } from '../../support/console.ts';
import { startTestGateway, type TestGateway } from '../../support/gateway.ts';
import { newKeyWith, newPaidIntent, requestRefund } from '../../support/refunds.ts';
import { newSale, newShops, type TwoShops } from './shops.ts';

let gateway: TestGateway;
let console: TestConsole;
let shops: TwoShops;
let all: ConsoleClient;
let today: string;

beforeAll(async () => {
  gateway = await startTestGateway();
  console = await startTestConsole(gateway.deps);
  shops = await newShops(gateway);
  all = await console.signIn('finance');
  await newSale(gateway, shops.own, 'own_1', { amount: 1_200 });
  await newSale(gateway, shops.own, 'own_2', { amount: 800, merchant_store_id: 'store_002' });
  await newSale(gateway, shops.other, 'other_1', { amount: 5_000 });
  await gateway.newIntent(shops.own, { merchant_ref_id: 'open_1', amount: 300 });
  today = new Date(gateway.deps.clock.now().getTime() + 9 * 3_600_000).toISOString().slice(0, 10);
});

afterAll(async () => {
  await console.close();
  await gateway.close();
});

function orders(text: string): string[] {
  return [...text.matchAll(/class="order">([^<]+)</g)].map(([, order = '']) => order);
}

const shopOf = (storeId?: string) =>
  `shop=${shops.own.merchantId}${storeId === undefined ? '' : `/${storeId}`}`;

describe('the list of payments', () => {
  it('shows the newest payments first, with store, order, amount and status', async () => {
    const { status, text } = await all.get('/payments');
    expect(status).toBe(200);
    expect(orders(text)).toEqual(['open_1', 'other_1', 'own_2', 'own_1']);
    expect(text).toContain('渋谷駅前店');
    expect(text).toContain('5,000');
  });

  it('is filtered by merchant, store, status and method', async () => {
    expect(orders((await all.get(`/payments?${shopOf()}`)).text)).toEqual(['open_1', 'own_2', 'own_1']);
    expect(orders((await all.get(`/payments?${shopOf('store_002')}`)).text)).toEqual(['own_2']);
    expect(orders((await all.get('/payments?status=requires_payment_method')).text)).toEqual(['open_1']);
    expect(orders((await all.get('/payments?method=cash')).text)).toEqual(['other_1', 'own_2', 'own_1']);
    expect(orders((await all.get('/payments?method=qr_mpm')).text)).toEqual([]);
    const merchantAndStore = `merchant=${shops.own.merchantId}&store=store_002`;
    expect(orders((await all.get(`/payments?${merchantAndStore}`)).text)).toEqual(['own_2']);
  });

  it('shows an operator of one store nothing of other stores and merchants', async () => {
    const grant = { merchantId: shops.own.merchantId, storeId: 'store_002' };
    const operator = await console.signIn({ role: 'viewer', ...grant });
    for (const query of [
      '',
      '?status=succeeded',
      `?from=${today}`,
      `?from=${today}&by=paid`,
      '?method=cash',
    ]) {
      const { text } = await operator.get(`/payments${query}`);
      expect([query, orders(text)]).toEqual([query, ['own_2']]);
      expect(text).not.toContain(shops.other.merchantId);
    }
    const refused = await operator.get(`/payments?shop=${shops.other.merchantId}`);
    expect([refused.status, orders(refused.text)]).toEqual([400, []]);
  });

  it('adds up the payments of a day by status, in the same scope and filter as the list', async () => {
    const { text } = await all.get(`/payments?from=${today}&${shopOf()}`);
    const figures = [...text.matchAll(/<dd>(?:<span class="money">)?([^<]+)</g)].map(([, value]) => value);
    expect(figures).toEqual(['3', '¥2,000', '¥0', '¥2,000']);
    const store = await all.get(`/payments?from=${today}&by=paid&${shopOf('store_002')}`);
    expect(store.text).toContain('¥800');
    const yesterday = await all.get(`/payments?to=2020-01-01`);
    expect([yesterday.status, orders(yesterday.text)]).toEqual([200, []]);
  });

  it('adds nothing up for more than 31 days', async () => {
    const { status, text } = await all.get(
      `/payments?from=${Number(today.slice(0, 4)) - 1}${today.slice(4)}`,
    );
    expect(status).toBe(200);
    const long = await all.get(`/payments?from=2026-01-01&to=2026-03-01`);
    expect(long.status).toBe(200);
    expect(long.text).toContain('Sums are shown for up to 31 days.');
    expect(text).not.toContain('Sums are shown');
  });

  it('continues on the next page where the last one ended', async () => {
    const merchant = await gateway.newMerchant();
    const expected: string[] = [];
    for (let number = 0; number < 53; number += 1) {
      const reference = `page_${number}`;
      expected.unshift(reference);
      await gateway.newIntent(merchant, { merchant_ref_id: reference });
    }
    const first = await all.get(`/payments?shop=${merchant.merchantId}`);
    const [, next = ''] = /href="([^"]+)">Older/.exec(first.text) ?? [];
    const second = await all.get(next.replaceAll('&amp;', '&'));
    expect([...orders(first.text), ...orders(second.text)]).toEqual(expected);
    expect(second.text).not.toContain('>Older<');
    expect(second.text).toContain('>Newest</a>');
  });

  it('refuses what it cannot read as a filter, and keeps what was entered', async () => {
    for (const query of [
      'from=2026-02-30',
      'from=yesterday',
      'from=2026-03-01&to=2026-02-01',
      'from=2020-01-01&to=2026-01-01',
      'status=nothing',
      'status=pending',
      'method=gold',
      'shop=%25',
      'shop=%00',
      'shop=nobody',
      `shop=${'x'.repeat(500)}`,
      'from=0000-01-01',
      'from=9999-12-31',
    ]) {
      const { status, text } = await all.get(`/payments?${query}`);
      expect([query, status]).toEqual([query, 400]);
      expect(text).toContain('role="alert"');
    }
    expect((await all.get('/payments?after=nothing')).status).toBe(200);
    expect((await all.get(`/payments?after=${newId('pi', new Date())}&by=paid&from=${today}`)).status).toBe(
      200,
    );
  });
});

describe('the list of refunds', () => {
  it('shows why a refund is pending, by status, store and day, to those who may see it', async () => {
    const merchant = await gateway.newMerchant();
    const intent = await newPaidIntent(gateway, merchant, { merchant_ref_id: 'paid_1' });
    const key = await newKeyWith(gateway, merchant, ['refunds']);
    expect((await requestRefund(gateway, key, intent, { amount: 400 })).status).toBe(201);
    const { text } = await all.get(`/refunds?status=pending&shop=${merchant.merchantId}&from=${today}`);
    expect(orders(text)).toEqual(['paid_1']);
    expect(text).toContain('¥400');
    expect(text).toContain('PayPay has to carry it out');
    expect(text).toContain(`/payments/${intent.id}#re_`);
    expect(orders((await all.get(`/refunds?status=failed&shop=${merchant.merchantId}`)).text)).toEqual([]);
    expect((await all.get('/refunds?status=expired')).status).toBe(400);
    const viewer = await console.signIn({ role: 'viewer', merchantId: shops.own.merchantId });
    expect(orders((await viewer.get('/refunds')).text)).toEqual([]);
  });
});
