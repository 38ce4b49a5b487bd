/**
 * The search of the console: every kind of text leads to what it means, within what the operator may see.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../../src/lib/ids.ts';
import { recordAct } from '../../../src/services/audit/record-acts.ts';
import { type ConsoleClient, startTestConsole, type TestConsole } from '../../support/console.ts';
import { sequenceUntil } from '../../support/feed.ts';
import { startTestGateway, type TestGateway } from '../../support/gateway.ts';
import { newKeyWith, newPaidIntent, requestRefund } from '../../support/refunds.ts';
import { newSale, newShops, type TwoShops } from './shops.ts';

let gateway: TestGateway;
let console: TestConsole;
let shops: TwoShops;
let admin: ConsoleClient;
let stranger: ConsoleClient;
let paid: { id: string };
let attempt: { id: string; provider_payment_id: string };

beforeAll(async () => {
  gateway = await startTestGateway();
  console = await startTestConsole(gateway.deps);
  shops = await newShops(gateway);
  admin = await console.signIn('admin');
  stranger = await console.signIn({ role: 'admin', merchantId: shops.other.merchantId });
  paid = await newPaidIntent(gateway, shops.own, { merchant_ref_id: '注文-１', amount: 1_234 });
  attempt = await gateway.database.db('payment_attempts').where({ intent_id: paid.id }).first();
});

afterAll(async () => {
  await console.close();
  await gateway.close();
});

function search(client: ConsoleClient, text: string) {
  return client.get(`/search?q=${encodeURIComponent(text)}`);
}

/** Where the only match leads; `stranger` has another merchant and finds nothing. */
async function expectOnly(text: string, path: string): Promise<void> {
  expect([text, (await search(admin, text)).location]).toEqual([text, path]);
  const outside = await search(stranger, text);
  expect([text, outside.status, outside.location]).toEqual([text, 200, null]);
  expect(outside.text).toContain('Nothing matches');
}

describe('the search', () => {
  it('leads from the id of a payment, an attempt and a refund to the payment', async () => {
    const key = await newKeyWith(gateway, shops.own, ['refunds']);
    const { body: refund } = await requestRefund(gateway, key, paid, { amount: 10 });
    await expectOnly(paid.id, `/payments/${paid.id}`);
    await expectOnly(`  ${paid.id.toLowerCase()} `, `/payments/${paid.id}`);
    await expectOnly(attempt.id, `/payments/${paid.id}`);
    await expectOnly(refund.id, `/payments/${paid.id}#${refund.id}`);
  });

  it("leads from PayPay's number and from the order to the payment, in full-width characters too", async () => {
    await expectOnly(attempt.provider_payment_id, `/payments/${paid.id}`);
    const wide = attempt.provider_payment_id.replaceAll(/\d/g, (digit) =>
      String.fromCodePoint(0xff10 + Number(digit)),
    );
    await expectOnly(wide, `/payments/${paid.id}`);
    await expectOnly('注文-１', `/payments/${paid.id}`);
  });

  it('finds payments by amount and day, in any order and notation', async () => {
    const today = new Date(gateway.deps.clock.now().getTime() + 9 * 3_600_000).toISOString().slice(0, 10);
    const [, month, day] = today.split('-');
    for (const text of [
      `1234 ${today}`,
      `${today} 1234`,
      `１，２３４円　${Number(month)}/${Number(day)}`,
      '1234 今日',
      'today ¥1,234',
      '1234円',
      `1234 ${Number(month)}月${Number(day)}日`,
    ]) {
      await expectOnly(text, `/payments/${paid.id}`);
    }
    for (const text of ['1234 2020-01-01', '1234 yesterday', '1235 today', '1234 2026-02-30']) {
      expect([text, (await search(admin, text)).location]).toEqual([text, null]);
    }
  });

  it('leads from events, endpoints, deliveries, keys and operators to their pages', async () => {
    const { body: endpoint } = await gateway.request('POST', '/v1/webhook_endpoints', {
      as: await newKeyWith(gateway, shops.own, ['events']),
      body: { url: 'https://shop.example.com/hook' },
    });
    await sequenceUntil(gateway, await newKeyWith(gateway, shops.own, ['events']));
    const event = await gateway.database.db('events').where({ object_id: paid.id }).first('id');
    await expectOnly(event.id, `/payments/${paid.id}`);
    await expectOnly(endpoint.id, `/endpoints/${endpoint.id}`);
    await expectOnly(shops.own.apiKey, `/keys/${shops.own.apiKey}`);
    const operator = admin.operator?.id ?? '';
    await expectOnly(operator, `/operators/${operator}`);
    const viewer = await console.signIn('viewer');
    expect((await search(viewer, shops.own.apiKey)).location).toBeNull();
    expect((await search(viewer, operator)).location).toBeNull();
  });

  it('finds what a request has done', async () => {
    const { deps } = gateway;
    await deps.db.transaction((trx) =>
      recordAct(deps, trx, {
        actor: { kind: 'command_line', id: 'root' },
        type: 'payment.refreshed',
        objectType: 'payment_intent',
        objectId: paid.id,
        merchantId: shops.own.merchantId,
        storeId: shops.own.storeId,
        requestId: 'req_1234567890abcdefghij',
      }),
    );
    await expectOnly('req_1234567890abcdefghij', `/payments/${paid.id}`);
  });

  it('finds merchants and stores by id and by a part of the name', async () => {
    await expectOnly('渋谷駅前', `/payments?shop=${shops.own.merchantId}%2Fstore_002`);
    await expectOnly('カフェ', `/merchants/${shops.own.merchantId}`);
    const store = await search(admin, 'store_001');
    expect(store.status).toBe(200);
    expect(store.text).toContain('Merchants and stores');
  });

  it('lists several matches with the reason of each', async () => {
    await newSale(gateway, shops.own, '777', { amount: 10 });
    await newSale(gateway, shops.own, '777', { amount: 20 });
    const { status, text } = await search(admin, '777');
    expect(status).toBe(200);
    expect(text.match(/href="\/payments\/pi_/g)).toHaveLength(2);
    expect(text).toContain('Matches by');
  });

  it('says what can be searched when nothing matches, and survives any text', async () => {
    for (const text of [
      '',
      ' ',
      '\0',
      '\ud800',
      "';--",
      '%',
      '_',
      'x'.repeat(5_000),
      newId('pi', new Date()),
      'evt_7ZZZZZZZZZZZZZZZZZZZZZZZZZ',
      '99999999999 9999-12-31',
      '0 today',
      '1 0000-01-01',
    ]) {
      const { status, text: page } = await search(admin, text.isWellFormed() ? text : '\ufffd');
      expect([text, status]).toEqual([text, 200]);
      expect(page).toContain('req_…');
    }
    expect((await admin.get('/search?q=%ED%A0%80%FF')).status).toBe(200);
  });
});
