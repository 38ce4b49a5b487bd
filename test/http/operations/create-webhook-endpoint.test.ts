import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/lib/clock.ts';
import { idempotencyIdOf } from '../../../src/services/idempotency/stored-responses.ts';
import { query } from '../../../src/store/db/query.ts';
import { createWebhookSender } from '../../../src/webhook-sender/create-sender.ts';
import { startTestGateway, type TestGateway, type TestMerchant } from '../../support/gateway.ts';
import { scriptedSender } from '../../support/scripted-sender.ts';
import { ENDPOINTS, newEndpoint } from '../../support/webhooks.ts';

const URL = 'https://shop.example.com/webhooks';

let gateway: TestGateway;
let merchant: TestMerchant;

beforeAll(async () => {
  gateway = await startTestGateway({ webhookSender: scriptedSender() });
});
afterAll(() => gateway.close());
beforeEach(async () => {
  merchant = await gateway.newMerchant();
});

const create = (body: unknown, headers = {}, as = merchant) =>
  gateway.request('POST', ENDPOINTS, { as, body, headers });

describe('POST /v1/webhook_endpoints', () => {
  it('creates an endpoint that is enabled, and returns its secret', async () => {
    const { status, body } = await create({
      url: URL,
      description: 'Order system',
      event_types: ['payment_intent.succeeded', 'payment_intent.succeeded', 'payment_intent.expired'],
      merchant_store_ids: [merchant.storeId],
      ordering: 'per_payment_intent',
      max_per_second: 20,
    });
    expect(status).toBe(201);
    const { id, secret, created_at, updated_at, ...rest } = body;
    expect(id).toMatch(/^we_/);
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(updated_at).toBe(created_at);
    expect(rest).toEqual({
      url: URL,
      description: 'Order system',
      event_types: ['payment_intent.succeeded', 'payment_intent.expired'],
      merchant_store_ids: [merchant.storeId],
      ordering: 'per_payment_intent',
      signature: 'hmac',
      max_per_second: 20,
      status: 'enabled',
    });
  });

  it('subscribes to everything and signs with a secret by default', async () => {
    const { body } = await create({ url: URL });
    expect(body).toMatchObject({ ordering: 'none', signature: 'hmac', status: 'enabled' });
    expect(body).not.toHaveProperty('event_types');
    expect(body).not.toHaveProperty('max_per_second');
  });

  it('with Ed25519 returns the public key, and no private key', async () => {
    const { body } = await create({ url: URL, signature: 'ed25519' });
    expect(body.public_key).toMatch(/^whpk_/);
    expect(JSON.stringify(body)).not.toMatch(/whsk_|secret/);
  });

  it('gives the secret out only here: not in other responses, in rows or in logs', async () => {
    const { body } = await create({ url: URL }, { 'Idempotency-Key': 'secret' });
    const shown = await gateway.request('GET', `${ENDPOINTS}/${body.id}`, { as: merchant });
    const listed = await gateway.request('GET', ENDPOINTS, { as: merchant });
    const rows = await query(
      gateway.deps.db,
      `select encode(secrets, 'escape') as text from webhook_endpoints
       union all select encode(response_body, 'escape') from idempotency_keys`,
    );
    const key = body.secret.slice('whsec_'.length);
    expect(key.length).toBeGreaterThan(40);
    for (const text of [JSON.stringify([shown.body, listed.body, rows]), gateway.logLines.join('\n')]) {
      expect(text).not.toContain(key);
    }
  });

  it('repeated with the same key returns the same secret and creates nothing', async () => {
    const headers = { 'Idempotency-Key': 'again' };
    const first = await create({ url: URL }, headers);
    const second = await create({ url: URL }, headers);
    expect(second.body).toEqual(first.body);
    expect(second.headers.get('Idempotent-Replayed')).toBe('true');
    expect((await create({ url: `${URL}/2` }, headers)).status).toBe(409);
    expect((await gateway.request('GET', ENDPOINTS, { as: merchant })).body).toHaveLength(1);
  });

  it('repeated after a crash before its response was stored returns what the first run created', async () => {
    const headers = { 'Idempotency-Key': 'crashed' };
    const first = await create({ url: URL }, headers);
    await query(gateway.deps.db, `delete from idempotency_keys where key = 'crashed'`);
    const second = await create({ url: URL }, headers);
    expect([second.status, second.body]).toEqual([201, first.body]);
    const scope = `merchant:${merchant.merchantId}`;
    const id = idempotencyIdOf({ scope, operation: 'createWebhookEndpoint', key: 'crashed' });
    expect(
      await query(gateway.deps.db, 'select id from webhook_endpoints where idempotency_id = :id', { id }),
    ).toEqual([{ id: first.body.id }]);
  });

  it('allows 20 endpoints, also when 30 are created at once', async () => {
    const responses = await Promise.all(
      Array.from({ length: 30 }, (_, index) => create({ url: `${URL}/${index}` })),
    );
    const created = responses.filter(({ status }) => status === 201);
    const refused = responses.filter(({ status }) => status === 400);
    expect([created.length, refused.length]).toEqual([20, 10]);
    expect(refused[0]?.body.details.constraint).toBe('max_items');
    expect((await gateway.request('GET', ENDPOINTS, { as: merchant })).body).toHaveLength(20);
    await gateway.request('DELETE', `${ENDPOINTS}/${created[0]?.body.id}`, { as: merchant });
    expect((await create({ url: URL })).status).toBe(201);
  });

  it.each([
    [{}, 'url', 'required'],
    [{ url: '' }, 'url', 'min_length'],
    [{ url: `https://a.example/${'x'.repeat(2048)}` }, 'url', 'max_length'],
    [{ url: 'https://a.example/\0' }, 'url', 'pattern'],
    [{ url: URL, event_types: [] }, 'event_types', 'min_items'],
    [{ url: URL, event_types: ['payment_intent.paid'] }, 'event_types.0', 'enum'],
    [{ url: URL, event_types: ['ping'] }, 'event_types.0', 'enum'],
    [{ url: URL, event_types: Array(33).fill('payment_intent.created') }, 'event_types', 'max_items'],
    [{ url: URL, merchant_store_ids: [] }, 'merchant_store_ids', 'min_items'],
    [{ url: URL, merchant_store_ids: ['store_of_another'] }, 'merchant_store_ids', 'unknown_store'],
    [{ url: URL, merchant_store_ids: Array(101).fill('store_001') }, 'merchant_store_ids', 'max_items'],
    [{ url: URL, max_per_second: 0 }, 'max_per_second', 'min_value'],
    [{ url: URL, max_per_second: 1001 }, 'max_per_second', 'max_value'],
    [{ url: URL, description: 'x'.repeat(256) }, 'description', 'max_length'],
    [{ url: URL, description: 'a\0b' }, 'description', 'pattern'],
    [{ url: URL, ordering: 'strict' }, 'ordering', 'enum'],
    [{ url: URL, signature: 'rsa' }, 'signature', 'enum'],
    [{ url: URL, secret: 'mine' }, 'secret', 'unknown_property'],
  ])('refuses %j', async (body, field, constraint) => {
    const refused = await create(body);
    expect([refused.status, refused.body.details.field, refused.body.details.constraint]).toEqual([
      400,
      field,
      constraint,
    ]);
  });

  it('names the known types when a type is unknown', async () => {
    const { body } = await create({ url: URL, event_types: ['payment_intent.paid'] });
    expect(body.message).toContain('payment_intent.succeeded');
    expect(body.message).toContain('webhook_endpoint.disabled');
    expect(body.message).not.toContain('ping');
  });

  it('is for keys of merchants', async () => {
    expect((await gateway.request('POST', ENDPOINTS, { body: { url: URL } })).status).toBe(401);
    const upstream = await gateway.newSyncKey();
    const refused = await gateway.request('POST', ENDPOINTS, { as: upstream, body: { url: URL } });
    expect([refused.status, refused.body.details.required_scope]).toEqual([403, 'events']);
  });
});

describe('the URL of an endpoint, where payments are real', () => {
  let live: TestGateway;
  beforeAll(async () => {
    // Names resolve to addresses of their own, so that no test depends on DNS.
    const lookup = async (host: string) => [host === 'inside.example' ? '10.0.0.7' : '93.184.216.34'];
    const webhookSender = createWebhookSender({ isSandbox: false, wallClock: systemClock, lookup });
    live = await startTestGateway({ isSandbox: false, webhookSender });
  });
  afterAll(() => live.close());

  const refused = [
    ['http://shop.example.com/', 'https'],
    ['ftp://shop.example.com/', 'url'],
    ['shop.example.com/webhooks', 'url'],
    ['https://', 'url'],
    ['https://user:pa55word@shop.example.com/', 'credentials'],
    ['https://shop.example.com/#fragment', 'fragment'],
    ['https://shop.example.com:8080/', 'port'],
    ['https://shop.example.com:22/', 'port'],
    ['https://inside.example/', 'public_address'],
    ['https://localhost/', 'public_address'],
    ['https://127.0.0.1/', 'public_address'],
    ['https://2130706433/', 'public_address'],
    ['https://0x7f.1/', 'public_address'],
    ['https://0177.0.0.1/', 'public_address'],
    ['https://10.1.2.3/', 'public_address'],
    ['https://169.254.169.254/latest/meta-data', 'public_address'],
    ['https://100.64.0.1/', 'public_address'],
    ['https://[::1]/', 'public_address'],
    ['https://[::ffff:10.0.0.1]/', 'public_address'],
    ['https://[fd00::1]/', 'public_address'],
    ['https://[64:ff9b::a00:1]/', 'public_address'],
  ] as const;

  it.each(refused)('refuses %s, at creation and at an update', async (url, constraint) => {
    const as = await live.newMerchant();
    const { id } = await newEndpoint(live, as);
    const created = await live.request('POST', ENDPOINTS, { as, body: { url } });
    const updated = await live.request('PATCH', `${ENDPOINTS}/${id}`, { as, body: { url } });
    for (const { status, body } of [created, updated]) {
      expect([status, body.details.field, body.details.constraint]).toEqual([400, 'url', constraint]);
      expect(body.message).not.toBe('');
      expect(JSON.stringify(body)).not.toContain('pa55word');
    }
    const [only, ...more] = (await live.request('GET', ENDPOINTS, { as })).body;
    expect([only.url, more]).toEqual([URL, []]);
  });

  it.each(['https://shop.example.com', 'https://shop.example.com:8443/a?b=c', 'https://93.184.216.34/'])(
    'accepts %s',
    async (url) => {
      const as = await live.newMerchant();
      expect((await newEndpoint(live, as, { url })).id).toMatch(/^we_/);
    },
  );
});
