import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reconcileAttempt } from '../../../src/services/reconcile/reconcile-attempt.ts';
import { sequenceUntil } from '../../support/feed.ts';
import { startTestGateway, type TestGateway, type TestMerchant } from '../../support/gateway.ts';
import {
  completeRefunds,
  newCashIntent,
  newKeyWith,
  newPaidIntent,
  requestRefund,
} from '../../support/refunds.ts';

interface Snapshots {
  readonly type: string;
  readonly data: { readonly payment_intent?: { readonly id: string; readonly provider_payment_id?: string } };
}

let gateway: TestGateway;
let merchant: TestMerchant;
let ids: string[];

beforeAll(async () => {
  gateway = await startTestGateway();
  merchant = await gateway.newMerchant();
  ids = [];
  for (let index = 0; index < 25; index += 1) {
    const store = index % 5 === 0 ? {} : { merchant_store_id: undefined };
    ids.push((await gateway.newIntent(merchant, { merchant_ref_id: `order_${index}`, ...store })).id);
  }
  ids.reverse();
});
afterAll(() => gateway.close());

const list = (query = '') => gateway.request('GET', `/v1/payment_intents${query}`, { as: merchant });
const idsOf = (body: { id: string }[]) => body.map(({ id }) => id);

describe('GET /v1/payment_intents', () => {
  it('returns a bare array, newest first, 20 by default', async () => {
    const { status, body } = await list();
    expect(status).toBe(200);
    expect(idsOf(body)).toEqual(ids.slice(0, 20));
    expect(body[0]).not.toHaveProperty('payment_token');
  });

  it('pages by limit and offset, and by starting_after', async () => {
    expect(idsOf((await list('?limit=5&offset=5')).body)).toEqual(ids.slice(5, 10));
    expect(idsOf((await list(`?limit=5&starting_after=${ids[4]}`)).body)).toEqual(ids.slice(5, 10));
    expect((await list('?starting_after=nonsense')).body).toEqual([]);
    expect((await list('?offset=100')).body).toEqual([]);
  });

  it('filters by store, by order reference and by status', async () => {
    expect((await list('?merchant_store_id=store_001')).body).toHaveLength(5);
    expect(idsOf((await list('?merchant_ref_id=order_3')).body)).toEqual([ids[21]]);
    expect((await list('?status=succeeded')).body).toEqual([]);
    await gateway.request('POST', `/v1/payment_intents/${ids[0]}/capture`, { as: merchant });
    expect(idsOf((await list('?status=succeeded')).body)).toEqual([ids[0]]);
    expect(
      idsOf((await list('?status=requires_payment_method&merchant_store_id=store_001')).body),
    ).toHaveLength(5);
  });

  it("shows the provider's number of what was paid by QR everywhere, and finds it by that number", async () => {
    const payee = await gateway.newMerchant();
    const get = async (path: string) =>
      (await gateway.request('GET', `/v1/payment_intents${path}`, { as: payee })).body;
    const [paid, other, cash] = [
      await newPaidIntent(gateway, payee),
      await newPaidIntent(gateway, payee),
      await newCashIntent(gateway, payee),
    ];
    const { provider_payment_id: number } = await get(`/${paid.id}`);
    expect(number).toMatch(/^\d+$/);
    expect((await gateway.retrieve(paid)).body.provider_payment_id).toBe(number);
    const all = await get('');
    expect(idsOf(all)).toEqual([cash.id, other.id, paid.id]);
    expect(all[2].provider_payment_id).toBe(number);
    expect(all[1].provider_payment_id).not.toBe(number);
    expect(all[0]).not.toHaveProperty('provider_payment_id');
    expect(idsOf(await get(`?provider_payment_id=${number}`))).toEqual([paid.id]);
    expect(await get(`?provider_payment_id=${number}&status=expired`)).toEqual([]);
    expect((await list(`?provider_payment_id=${number}`)).body).toEqual([]);
    const stream = await fetch(
      `${gateway.url}/v1/payment_intents/${paid.id}/events?payment_token=${paid.token}`,
    );
    expect(await stream.text()).toContain(`"provider_payment_id":"${number}"`);
    await requestRefund(gateway, await newKeyWith(gateway, payee, ['refunds']), paid);
    await completeRefunds(gateway, paid);
    const { body: feed } = await sequenceUntil(gateway, payee, 11);
    const numbers = feed.data
      .filter(({ data }: Snapshots) => data.payment_intent?.id === paid.id)
      .map(({ type, data }: Snapshots) => [type, data.payment_intent?.provider_payment_id]);
    expect(numbers).toEqual([
      ['payment_intent.created', undefined],
      ['payment_intent.requires_action', undefined],
      ['payment_intent.succeeded', number],
      ['payment_intent.refunded', number],
    ]);
  });

  it('does not find what was paid after the end and is returned, whose number no PaymentIntent shows', async () => {
    const payee = await gateway.newMerchant();
    const intent = await gateway.newIntent(payee, { payment_method_types: ['qr_mpm', 'cash'] });
    const { body } = await gateway.confirm(intent);
    await gateway.database
      .db('payment_intents')
      .where({ id: intent.id })
      .update({ status: 'cancelled', cancelled_at: new Date() });
    await gateway.sandbox.pay({ qrContent: body.qr_content });
    const attempt = await gateway.database.db('payment_attempts').where({ intent_id: intent.id }).first('id');
    await reconcileAttempt(gateway.deps, attempt.id, { goal: 'read', actor: 'test', isScheduled: true });
    const { provider_payment_id: number } = await gateway.database
      .db('payment_attempts')
      .where({ intent_id: intent.id, status: 'succeeded' })
      .first('provider_payment_id');
    const { body: found } = await gateway.request(
      'GET',
      `/v1/payment_intents?provider_payment_id=${number}`,
      { as: payee },
    );
    expect(found).toEqual([]);
    expect((await gateway.retrieve(intent)).body).not.toHaveProperty('provider_payment_id');
  });

  it('filters by creation time', async () => {
    const { body } = await list('?limit=100');
    const oldest = body.at(-1).created_at;
    expect((await list(`?limit=100&created_from=${oldest}`)).body).toHaveLength(25);
    expect((await list(`?created_to=${oldest}`)).body).toEqual([]);
    expect((await list(`?created_from=${new Date(Date.now() + 3_600_000).toISOString()}`)).body).toEqual([]);
  });

  it.each([
    ['limit=0', 'limit', 'min_value'],
    ['limit=101', 'limit', 'max_value'],
    ['limit=ten', 'limit', 'type'],
    ['limit=', 'limit', 'type'],
    ['limit=1&limit=2', 'limit', 'type'],
    ['offset=-1', 'offset', 'min_value'],
    ['status=paid', 'status', 'enum'],
    ['created_from=yesterday', 'created_from', 'format'],
    ['merchant_store_id=%20', 'merchant_store_id', 'pattern'],
    ['provider_payment_id=', 'provider_payment_id', 'min_length'],
    ['provider_payment_id=%00', 'provider_payment_id', 'pattern'],
    ['page=2', 'page', 'unknown_property'],
  ])('refuses ?%s', async (query, field, constraint) => {
    const { status, body } = await list(`?${query}`);
    expect([status, body.details.field, body.details.constraint]).toEqual([400, field, constraint]);
  });

  it("never shows another merchant's intents", async () => {
    const other = await gateway.newMerchant();
    expect((await gateway.request('GET', '/v1/payment_intents', { as: other })).body).toEqual([]);
  });

  it('refuses a request without credentials', async () => {
    expect((await gateway.request('GET', '/v1/payment_intents')).status).toBe(401);
  });

  it('accepts every valid date-time, and refuses others by format', async () => {
    for (const name of ['created_from', 'created_to']) {
      for (const text of [
        '2026-01-01T00:00:00+09',
        '2016-12-31T23:59:60Z',
        '2017-01-01T08:59:60+09:00',
        '0000-01-01T00:00:00Z',
      ]) {
        const { status } = await list(`?${name}=${encodeURIComponent(text)}`);
        expect([name, text, status]).toEqual([name, text, 200]);
      }
      for (const text of [
        '2026-02-30T00:00:00Z',
        '2026-01-01T23:58:60Z',
        '2026-01-01T00:00:00 09',
        '2026-01-01',
      ]) {
        const { status, body } = await list(`?${name}=${encodeURIComponent(text)}`);
        expect([text, status, body.details.field, body.details.constraint]).toEqual([
          text,
          400,
          name,
          'format',
        ]);
      }
    }
  });
});
