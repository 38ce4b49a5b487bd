import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findShopUrlFault } from '../../../src/domain/checkout/shop-url.ts';
import { sequenceUntil } from '../../support/feed.ts';
import {
  type Credentials,
  startTestGateway,
  type TestGateway,
  type TestMerchant,
} from '../../support/gateway.ts';

const PATH = '/v1/payment_intents';
const INPUT = {
  amount: 1000,
  currency: 'JPY',
  payment_method_types: ['qr_mpm'],
  merchant_ref_id: 'order_12345',
};

let gateway: TestGateway;
let merchant: TestMerchant;
let upstream: Credentials;

beforeAll(async () => {
  gateway = await startTestGateway();
  merchant = await gateway.newMerchant();
  upstream = await gateway.newSyncKey();
});
afterAll(() => gateway.close());

const create = (body: unknown, headers = {}) =>
  gateway.request('POST', PATH, { as: merchant, body, headers });
const countIntents = async () => Number((await gateway.database.db('payment_intents').count())[0]?.['count']);

describe('POST /v1/payment_intents', () => {
  it("creates the reference's own example, with every field it shows", async () => {
    const { status, body } = await create({
      ...INPUT,
      merchant_store_id: 'store_001',
      merchant_terminal_id: 'terminal_001',
      description: 'Order #12345',
      expires_in_minutes: 30,
    });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      ...INPUT,
      status: 'requires_payment_method',
      merchant_store_id: 'store_001',
      merchant_terminal_id: 'terminal_001',
      description: 'Order #12345',
    });
    expect(body.id).toMatch(/^pi_[0-9A-HJKMNP-TV-Z]{26}$/);
    expect(body.payment_token).toMatch(new RegExp(`^${body.id}_secret_[A-Za-z0-9]{24,}$`));
    expect(body.created_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(Date.parse(body.expires_at) - Date.parse(body.created_at)).toBe(30 * 60_000);
  });

  it('expires after 30 minutes by default, and omits unset fields', async () => {
    const { body } = await create(INPUT);
    expect(Date.parse(body.expires_at) - Date.parse(body.created_at)).toBe(30 * 60_000);
    expect(Object.keys(body).sort()).toEqual(
      [
        'amount',
        'checkout_url',
        'created_at',
        'currency',
        'expires_at',
        'id',
        'merchant_ref_id',
        'payment_method_types',
        'payment_token',
        'status',
      ].sort(),
    );
    const short = await create({ ...INPUT, expires_in_minutes: 1 });
    expect(Date.parse(short.body.expires_at) - Date.parse(short.body.created_at)).toBe(60_000);
  });

  it('stores only the SHA-256 of the payment_token', async () => {
    const { body } = await create(INPUT);
    const row = await gateway.database.db('payment_intents').where({ id: body.id }).first();
    expect(JSON.stringify(row)).not.toContain(body.payment_token.split('_secret_')[1]);
    expect(row.payment_token_hash).toHaveLength(32);
  });

  it('shows the return URL as it was given to the merchant, to the payer, in lists and in events', async () => {
    const returnUrl = 'https://Shop.example/orders/12345?a=%E6%B3%A8';
    const { body } = await create({ ...INPUT, return_url: returnUrl });
    expect(body.return_url).toBe(returnUrl);
    const read = await gateway.request('GET', `${PATH}/${body.id}`, { as: merchant });
    const payer = await gateway.retrieve({ id: body.id, token: body.payment_token });
    const list = await gateway.request('GET', `${PATH}?limit=1`, { as: merchant });
    const events = await sequenceUntil(gateway, merchant);
    const created = events.body.data.find(
      ({ data }: { data: { payment_intent: { id: string } } }) => data.payment_intent.id === body.id,
    );
    expect([read.body.return_url, payer.body.return_url, list.body[0].return_url]).toEqual(
      Array(3).fill(returnUrl),
    );
    expect(created.data.payment_intent.return_url).toBe(returnUrl);
  });

  it('accepts a return URL on this machine only where payments are simulated', async () => {
    for (const url of ['http://localhost:3000/', 'http://127.0.0.1/done', 'http://[::1]:8000/']) {
      expect((await create({ ...INPUT, return_url: url })).status).toBe(201);
      expect(
        findShopUrlFault({ path: 'return_url', label: 'Return url' }, url, false)?.details,
      ).toMatchObject({
        field: 'return_url',
        constraint: 'https',
      });
    }
  });

  it('accepts each method alone or with others, and cash in any ISO 4217 currency', async () => {
    for (const fields of [
      { currency: 'USD', payment_method_types: ['cash'] },
      { currency: 'KWD', payment_method_types: ['qr_mpm', 'cash'] },
      { payment_method_types: ['cash'] },
      { payment_method_types: ['cash', 'qr_mpm'] },
    ]) {
      expect((await create({ ...INPUT, ...fields })).status).toBe(201);
    }
  });

  it('refuses a currency that no provider takes, unless staff can take cash, and says what to do', async () => {
    const before = await countIntents();
    const { status, body } = await create({ ...INPUT, currency: 'USD' });
    expect([status, body.code]).toEqual([400, 'invalid_request']);
    expect(body.message).toBe(
      'Currency USD cannot be paid with qr_mpm: use another currency, or add cash to payment_method_types',
    );
    expect(body.details).toMatchObject({ field: 'currency', constraint: 'unsupported' });
    expect(await countIntents()).toBe(before);
  });

  it('accepts the smallest and the largest amount', async () => {
    for (const amount of [1, 99_999_999_999]) {
      const { status, body } = await create({ ...INPUT, amount });
      expect([status, body.amount]).toEqual([201, amount]);
    }
  });

  it("refuses amount 0 with the reference's own error", async () => {
    const { status, body } = await create({ ...INPUT, amount: 0 });
    expect(status).toBe(400);
    expect(body).toEqual({
      code: 'invalid_request',
      message: 'Amount must be greater than 0',
      details: {
        field: 'amount',
        constraint: 'min_value',
        errors: [{ field: 'amount', constraint: 'min_value', message: 'Amount must be greater than 0' }],
      },
    });
  });

  it.each([
    [{ amount: -1 }, 'amount', 'min_value'],
    [{ amount: 100_000_000_000 }, 'amount', 'max_value'],
    [{ amount: 1e300 }, 'amount', 'max_value'],
    [{ amount: 10.5 }, 'amount', 'type'],
    [{ amount: '1000' }, 'amount', 'type'],
    [{ amount: null }, 'amount', 'type'],
    [{ amount: undefined }, 'amount', 'required'],
    [{ currency: 'XXQ' }, 'currency', 'format'],
    [{ currency: 'jpy' }, 'currency', 'format'],
    [{ currency: 'JP' }, 'currency', 'min_length'],
    [{ payment_method_types: [] }, 'payment_method_types', 'min_items'],
    [{ payment_method_types: ['card'] }, 'payment_method_types.0', 'enum'],
    [{ payment_method_types: ['cash', 'cash'] }, 'payment_method_types', 'unique'],
    [{ payment_method_types: 'qr_mpm' }, 'payment_method_types', 'type'],
    [{ merchant_ref_id: '' }, 'merchant_ref_id', 'min_length'],
    [{ merchant_ref_id: 'x'.repeat(256) }, 'merchant_ref_id', 'max_length'],
    [{ merchant_ref_id: 'a\u0000b' }, 'merchant_ref_id', 'pattern'],
    [{ description: 'a\u0000b' }, 'description', 'pattern'],
    [{ merchant_terminal_id: 'till 1' }, 'merchant_terminal_id', 'pattern'],
    [{ expires_in_minutes: 0 }, 'expires_in_minutes', 'min_value'],
    [{ expires_in_minutes: 1441 }, 'expires_in_minutes', 'max_value'],
    [{ surprise: true }, 'surprise', 'unknown_property'],
    [{ return_url: '' }, 'return_url', 'min_length'],
    [{ return_url: `https://shop.example/${'x'.repeat(2_048)}` }, 'return_url', 'max_length'],
    [{ return_url: 'javascript:alert(1)' }, 'return_url', 'pattern'],
    [{ return_url: 'https://shop.example/注文' }, 'return_url', 'pattern'],
    [{ return_url: 'https://shop.example:x/' }, 'return_url', 'url'],
    [{ return_url: 'https:///evil.example/x' }, 'return_url', 'url'],
    [{ return_url: 'https://%65vil.example/' }, 'return_url', 'url'],
    [{ return_url: 'https://@evil.example/' }, 'return_url', 'url'],
    [{ return_url: 'https://shop.example\\@evil.example/' }, 'return_url', 'url'],
    [{ return_url: 'https://a:b@shop.example/' }, 'return_url', 'credentials'],
    [{ return_url: 'https://shop.example/#/orders/1' }, 'return_url', 'fragment'],
    [{ return_url: 'http://shop.example/' }, 'return_url', 'https'],
    [{ merchant_store_id: 'store_999' }, 'merchant_store_id', 'unknown_store'],
  ])('refuses %j: %s breaks %s', async (fields, field, constraint) => {
    const before = await countIntents();
    const { status, body } = await create({ ...INPUT, ...fields });
    expect([status, body.code, body.details.field, body.details.constraint]).toEqual([
      400,
      'invalid_request',
      field,
      constraint,
    ]);
    expect(body.details.errors[0]).toMatchObject({ field, constraint, message: body.message });
    expect(await countIntents()).toBe(before);
  });

  it('null in an optional field is the same as no field, and in any other it is refused', async () => {
    const nulls = {
      merchant_store_id: null,
      merchant_terminal_id: null,
      description: null,
      return_url: null,
      expires_in_minutes: null,
    };
    const headers = { 'Idempotency-Key': 'nulls' };
    const created = await gateway.request('POST', PATH, {
      as: merchant,
      body: { ...INPUT, ...nulls },
      headers,
    });
    expect(created.status).toBe(201);
    const repeated = await gateway.request('POST', PATH, { as: merchant, body: INPUT, headers });
    expect(repeated.body).toEqual(created.body);
    expect(Object.values(created.body)).not.toContain(null);
    for (const [fields, field, constraint] of [
      [{ amount: null }, 'amount', 'type'],
      [{ payment_method_types: [null] }, 'payment_method_types.0', 'type'],
      [{ surprise: null }, 'surprise', 'unknown_property'],
    ] as const) {
      const { status, body } = await create({ ...INPUT, ...fields });
      expect([status, body.details.field, body.details.constraint]).toEqual([400, field, constraint]);
    }
  });

  it('lists all faults at once', async () => {
    const { body } = await create({ amount: 0, currency: 'JPY' });
    expect(body.details.errors.map(({ field }: { field: string }) => field).sort()).toEqual(
      ['amount', 'merchant_ref_id', 'payment_method_types'].sort(),
    );
  });

  it("refuses another merchant's store", async () => {
    const other = await gateway.newMerchant();
    await gateway.request('POST', '/v1/sync/merchants', {
      as: upstream,
      body: {
        merchants: [{ id: other.merchantId, name: 'Other', stores: [{ id: 'store_of_other', name: 'S' }] }],
      },
    });
    const { status, body } = await create({ ...INPUT, merchant_store_id: 'store_of_other' });
    expect([status, body.details.field]).toEqual([400, 'merchant_store_id']);
  });

  it('refuses a request without credentials, and an upstream key', async () => {
    const anonymous = await gateway.request('POST', PATH, { body: INPUT });
    expect([anonymous.status, anonymous.body.code, anonymous.body.details.reason]).toEqual([
      401,
      'unauthorized',
      'missing_authorization',
    ]);
    const wrongScope = await gateway.request('POST', PATH, { as: upstream, body: INPUT });
    expect([wrongScope.status, wrongScope.body.code]).toEqual([403, 'forbidden']);
  });

  it('stores texts in any script unchanged', async () => {
    const description = '抹茶ラテ ☕ <b>&"\'';
    const { body } = await create({ ...INPUT, merchant_ref_id: '注文 12', description });
    expect([body.merchant_ref_id, body.description]).toEqual(['注文 12', description]);
  });
});
