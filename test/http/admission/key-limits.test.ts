/**
 * The limits of API keys, for every operation that accepts them: the table below has a request for each, and the test fails
 * when one is missing.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OperationId } from '../../../src/http/openapi/contract.ts';
import { OPERATIONS } from '../../../src/http/operations.ts';
import { updateApiKey } from '../../../src/services/operator/api-keys.ts';
import type { Scope } from '../../../src/store/api-keys.ts';
import { BY_TEST } from '../../support/acts.ts';
import { createTestClock, type TestClock } from '../../support/clock.ts';
import { eventually } from '../../support/eventually.ts';
import {
  type Credentials,
  startTestGateway,
  type TestGateway,
  type TestMerchant,
} from '../../support/gateway.ts';
import { addStores, newLimitedKey } from '../../support/keys.ts';
import { newPaidIntent, requestRefund } from '../../support/refunds.ts';
import { scriptedSender } from '../../support/scripted-sender.ts';
import { newEndpoint, seedDelivery, seedEvent } from '../../support/webhooks.ts';

const OWN = 'store_own';
const OTHER = 'store_other';
const ALL: readonly Scope[] = ['payments', 'refunds', 'events', 'reports'];

/** One of each kind, of one store or, of `NOWHERE`, of none. */
interface Objects {
  readonly store: string;
  readonly intent: string;
  readonly refund: string;
  readonly event: string;
  readonly endpoint: string;
  readonly delivery: string;
}

const NOBODY: Objects = {
  store: 'store_unknown',
  intent: 'pi_01JHMB5V00ZX8Y7W6V5T4S3R2Q',
  refund: 're_01JHMB5V00ZX8Y7W6V5T4S3R2Q',
  event: 'evt_01JHMB5V00ZX8Y7W6V5T4S3R2Q',
  endpoint: 'we_01JHMB5V00ZX8Y7W6V5T4S3R2Q',
  delivery: 'wd_01JHMB5V00ZX8Y7W6V5T4S3R2Q',
};

interface Requested {
  readonly call: readonly [method: string, path: string, body?: unknown];
  /** What a key limited to other stores gets: `not_found`, a refusal of the field, a list without them, or no figures. */
  readonly elsewhere: 'not_found' | 'left_out' | 'no_figures' | { readonly field: string };
}

const INTENTS = '/v1/payment_intents';
const ENDPOINTS = '/v1/webhook_endpoints';
/** Of this test, whose clock begins now. */
const DAYS = { from: dayIn(-1), to: dayIn(1) };
const PERIOD = { from: '2026-01-15T00:00:00Z', to: '2026-01-16T00:00:00Z' };

function dayIn(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
}

const named = (...call: Requested['call']): Requested => ({ call, elsewhere: 'not_found' });
const listed = (path: string): Requested => ({ call: ['GET', path], elsewhere: 'left_out' });

const REQUESTS: Partial<Record<OperationId, (of: Objects) => Requested>> = {
  createPaymentIntent: ({ store }) => ({
    call: [
      'POST',
      INTENTS,
      {
        amount: 1,
        currency: 'JPY',
        payment_method_types: ['cash'],
        merchant_ref_id: 'o',
        merchant_store_id: store,
      },
    ],
    elsewhere: { field: 'merchant_store_id' },
  }),
  listPaymentIntents: () => listed(INTENTS),
  retrievePaymentIntent: ({ intent }) => named('GET', `${INTENTS}/${intent}`),
  confirmPaymentIntent: ({ intent }) =>
    named('POST', `${INTENTS}/${intent}/confirm`, { payment_method_type: 'qr_mpm', provider: 'PAYPAY' }),
  cancelPaymentIntent: ({ intent }) => named('POST', `${INTENTS}/${intent}/cancel`, {}),
  capturePaymentIntent: ({ intent }) => named('POST', `${INTENTS}/${intent}/capture`, {}),
  retrieveQrSvg: ({ intent }) => named('GET', `${INTENTS}/${intent}/qr.svg`),
  retrieveQrPng: ({ intent }) => named('GET', `${INTENTS}/${intent}/qr.png`),
  streamPaymentIntentEvents: ({ intent }) => named('GET', `${INTENTS}/${intent}/events`),
  createRefund: ({ intent }) => named('POST', '/v1/refunds', { payment_intent_id: intent, amount: 1 }),
  listRefunds: () => listed('/v1/refunds'),
  reportDaily: ({ store }) => ({
    call: ['GET', `/v1/reports/daily?from=${DAYS.from}&to=${DAYS.to}&store=${store}`],
    elsewhere: 'no_figures',
  }),
  retrieveRefund: ({ refund }) => named('GET', `/v1/refunds/${refund}`),
  listEvents: () => listed('/v1/events?after=oldest'),
  retrieveEvent: ({ event }) => named('GET', `/v1/events/${event}`),
  createWebhookEndpoint: ({ store }) => ({
    call: ['POST', ENDPOINTS, { url: 'https://shop.example.com/', merchant_store_ids: [store] }],
    elsewhere: { field: 'merchant_store_ids' },
  }),
  listWebhookEndpoints: () => listed(ENDPOINTS),
  retrieveWebhookEndpoint: ({ endpoint }) => named('GET', `${ENDPOINTS}/${endpoint}`),
  updateWebhookEndpoint: ({ endpoint }) => named('PATCH', `${ENDPOINTS}/${endpoint}`, { description: 'd' }),
  rotateWebhookSecret: ({ endpoint }) => named('POST', `${ENDPOINTS}/${endpoint}/rotate_secret`, {}),
  pingWebhookEndpoint: ({ endpoint }) => named('POST', `${ENDPOINTS}/${endpoint}/ping`),
  replayWebhookEndpoint: ({ endpoint }) => named('POST', `${ENDPOINTS}/${endpoint}/replay`, PERIOD),
  listWebhookDeliveries: ({ endpoint }) => named('GET', `${ENDPOINTS}/${endpoint}/deliveries`),
  retrieveWebhookDelivery: ({ delivery }) => named('GET', `/v1/webhook_deliveries/${delivery}`),
  redeliverWebhook: ({ delivery }) => named('POST', `/v1/webhook_deliveries/${delivery}/redeliver`),
  // The last of an endpoint.
  deleteWebhookEndpoint: ({ endpoint }) => named('DELETE', `${ENDPOINTS}/${endpoint}`),
  // Not of a merchant, so it has no stores.
  syncMerchants: () => named('POST', '/v1/sync/merchants', { merchants: [] }),
};

const OF_MERCHANTS = Object.entries(REQUESTS).filter(([id]) => id !== 'syncMerchants');

let clock: TestClock;
let gateway: TestGateway;
let merchant: TestMerchant;
let own: Objects;
let other: Objects;
let nowhere: Objects;
let ofOwn: Credentials;

beforeAll(async () => {
  clock = createTestClock();
  gateway = await startTestGateway({ clock, webhookSender: scriptedSender() });
  merchant = await gateway.newMerchant();
  await addStores(gateway, merchant, [OWN, OTHER]);
  own = await newObjects(OWN);
  other = await newObjects(OTHER);
  nowhere = await newObjects(undefined);
  ofOwn = await newLimitedKey(gateway, merchant, { storeIds: [OWN] });
});
afterAll(() => gateway.close());

/** The endpoint first, so that it receives the events of the others. */
async function newObjects(storeId: string | undefined): Promise<Objects> {
  const endpoint = await newEndpoint(gateway, merchant, storeId ? { merchant_store_ids: [storeId] } : {});
  const { id: intent } = await newPaidIntent(gateway, merchant, { merchant_store_id: storeId });
  const refund = await requestRefund(gateway, merchant, { id: intent }, { amount: 10 });
  const read = async (path: string) => (await gateway.request('GET', path, { as: merchant })).body;
  let [delivery, event] = ['', ''];
  await eventually(async () => {
    await gateway.runPasses('events');
    const [newest] = await read(`${ENDPOINTS}/${endpoint.id}/deliveries`);
    const { id, data } = await read(`/v1/events/${newest.event_id}`);
    expect(data.refund.id).toBe(refund.body.id);
    [delivery, event] = [newest.id, id];
  });
  return { store: storeId ?? 'none', intent, refund: refund.body.id, event, endpoint: endpoint.id, delivery };
}

function send(as: Credentials, { call: [method, path, body] }: Requested) {
  return gateway.request(method, path, { as, ...(body !== undefined && { body }) });
}
/** A key with all scopes of whom the operation is for, and these limits. */
function newKeyFor(id: string, limits: Parameters<typeof newLimitedKey>[2]): Promise<Credentials> {
  return newLimitedKey(gateway, id === 'syncMerchants' ? undefined : merchant, limits);
}
const requestOf = (id: string, of: Objects) => REQUESTS[id as OperationId]?.(of) as Requested;

describe('every operation that accepts an API key', () => {
  it('is in this table', () => {
    const keyed = Object.entries(OPERATIONS).filter(([, { scope }]) => scope !== 'none');
    expect(Object.keys(REQUESTS).sort()).toEqual(keyed.map(([id]) => id).sort());
  });
});

describe('a key that is limited to a store', () => {
  it.each(OF_MERCHANTS)('%s: works for its own store', async (id) => {
    const { status } = await send(
      ofOwn,
      requestOf(id, id === 'deleteWebhookEndpoint' ? await newObjects(OWN) : own),
    );
    // Not all of these are possible with a paid intent, but all find it.
    expect([200, 201, 204, 400]).toContain(status);
  });

  it.each(OF_MERCHANTS)('%s: finds nothing of another store, or of none', async (id) => {
    const { elsewhere } = requestOf(id, other);
    const missing = await send(ofOwn, requestOf(id, NOBODY));
    for (const objects of [other, nowhere]) {
      const { status, body } = await send(ofOwn, requestOf(id, objects));
      if (elsewhere === 'left_out') {
        expect(status).toBe(200);
        const text = JSON.stringify(body);
        expect(text).not.toMatch(new RegExp(Object.values(objects).slice(1).join('|')));
        expect(text).toMatch(new RegExp(Object.values(own).slice(1).join('|')));
      } else if (elsewhere === 'no_figures') {
        expect([status, body.rows, body.totals]).toEqual([200, [], []]);
        expect((await send(ofOwn, requestOf(id, own))).body.totals).toHaveLength(1);
      } else if (elsewhere === 'not_found') {
        // Exactly what an id gets that does not exist.
        expect([status, body]).toEqual([404, missing.body]);
      } else {
        expect([status, body.details.field]).toEqual([400, elsewhere.field]);
      }
    }
  });

  it('changes nothing of another store by what it is refused', async () => {
    const intent = await gateway.request('GET', `${INTENTS}/${other.intent}`, { as: merchant });
    expect(intent.body).toMatchObject({ status: 'succeeded', amount_refunded: 10 });
    const endpoint = await gateway.request('GET', `${ENDPOINTS}/${other.endpoint}`, { as: merchant });
    expect(endpoint.body.description).toBeUndefined();
  });
});

describe('creating with a key that is limited to stores', () => {
  const create = (store: string | undefined, as: Credentials, headers = {}) => {
    const [, , body] = requestOf('createPaymentIntent', own).call;
    const fields = { ...(body as object), merchant_store_id: store };
    return gateway.request('POST', INTENTS, { as, body: fields, headers });
  };

  it('requires a store, and refuses one of the others like one that does not exist', async () => {
    const without = await create(undefined, ofOwn);
    expect([without.status, without.body.details.constraint]).toEqual([400, 'required']);
    const [foreign, unknown] = [await create(OTHER, ofOwn), await create('store_unknown', merchant)];
    expect(foreign.body).toEqual(unknown.body);
    expect(foreign.body.details).toMatchObject({ field: 'merchant_store_id', constraint: 'unknown_store' });
  });

  it('does not replay what another key has created for another store', async () => {
    const headers = { 'Idempotency-Key': 'of-another-store' };
    expect((await create(OTHER, merchant, headers)).status).toBe(201);
    expect((await create(OTHER, merchant, headers)).headers.get('Idempotent-Replayed')).toBe('true');
    expect((await create(OTHER, ofOwn, headers)).status).toBe(400);
  });

  it('names no refund of another store that has the same reference', async () => {
    const fields = { amount: 1, merchant_refund_ref_id: 'taken' };
    const taken = await requestRefund(gateway, merchant, { id: other.intent }, fields);
    const { status, body } = await requestRefund(gateway, ofOwn, { id: own.intent }, fields);
    expect([status, body.details.constraint]).toEqual([400, 'unique']);
    expect(JSON.stringify(body)).not.toContain(taken.body.id);
  });

  it('creates no endpoint, and widens none, that receives events of other stores', async () => {
    const url = 'https://shop.example.com/';
    for (const stores of [undefined, [], [OWN, OTHER]]) {
      const body = { url, ...(stores && { merchant_store_ids: stores }) };
      expect((await gateway.request('POST', ENDPOINTS, { as: ofOwn, body })).status).toBe(400);
    }
    const { id } = await newEndpoint(gateway, ofOwn, { merchant_store_ids: [OWN] });
    for (const stores of [[], [OTHER], [OWN, OTHER]]) {
      const body = { merchant_store_ids: stores };
      expect((await gateway.request('PATCH', `${ENDPOINTS}/${id}`, { as: ofOwn, body })).status).toBe(400);
    }
    const { body } = await gateway.request('GET', `${ENDPOINTS}/${id}`, { as: ofOwn });
    expect(body.merchant_store_ids).toEqual([OWN]);
  });
});

describe('an endpoint that was narrowed to a store', () => {
  it('shows and sends again to keys of this store only the deliveries of its events', async () => {
    const { db } = gateway.database;
    const chain = await gateway.newMerchant();
    await addStores(gateway, chain, [OWN, OTHER]);
    const key = await newLimitedKey(gateway, chain, { storeIds: [OWN] });
    const { merchantId } = chain;
    const { id } = await newEndpoint(gateway, chain, { merchant_store_ids: [OWN, OTHER] });
    const deliveries: string[] = [];
    for (const storeId of [OWN, OTHER]) {
      const event = await seedEvent(db, { merchantId, storeId, at: new Date('2026-01-15T10:00:00Z') });
      deliveries.push(await seedDelivery(db, id, event, { status: 'failed' }));
    }
    const narrow = { as: chain, body: { merchant_store_ids: [OWN] } };
    expect((await gateway.request('PATCH', `${ENDPOINTS}/${id}`, narrow)).status).toBe(200);
    const listedIds = async (as: Credentials) =>
      (await gateway.request('GET', `${ENDPOINTS}/${id}/deliveries`, { as })).body.map(
        (delivery: { id: string }) => delivery.id,
      );
    expect((await listedIds(chain)).sort()).toEqual([...deliveries].sort());
    expect(await listedIds(key)).toEqual([deliveries[0]]);
    const replay = { body: { ...PERIOD, only: 'failed', dry_run: true } };
    const count = async (as: Credentials) =>
      (await gateway.request('POST', `${ENDPOINTS}/${id}/replay`, { as, ...replay })).body.count;
    expect([await count(chain), await count(key)]).toEqual([2, 1]);
    const redeliver = (delivery: string | undefined) =>
      gateway.request('POST', `/v1/webhook_deliveries/${delivery}/redeliver`, { as: key });
    expect([(await redeliver(deliveries[0])).status, (await redeliver(deliveries[1])).status]).toEqual([
      200, 404,
    ]);
  });
});

describe('lists with a key that is limited to several stores', () => {
  it('are in one order over these stores, page by page, and with every filter', async () => {
    const chain = await gateway.newMerchant();
    await addStores(gateway, chain, ['a', 'b', 'c']);
    const as = await newLimitedKey(gateway, chain, { storeIds: ['a', 'c', 'store_001'] });
    const expected: string[] = [];
    for (const store of ['a', 'b', 'c', 'a', 'b', 'c', 'c']) {
      const { id } = await gateway.newIntent(chain, {
        merchant_store_id: store,
        merchant_ref_id: `of_${store}`,
      });
      expected.unshift(...(store === 'b' ? [] : [id]));
    }
    const idsOf = async (query: string) => {
      const { status, body } = await gateway.request('GET', `${INTENTS}?${query}`, { as });
      expect(status).toBe(200);
      return body.map(({ id }: { id: string }) => id);
    };
    expect(await idsOf('')).toEqual(expected);
    expect(await idsOf('limit=2&offset=1')).toEqual(expected.slice(1, 3));
    expect(await idsOf(`limit=2&starting_after=${expected[1]}`)).toEqual(expected.slice(2, 4));
    expect(await idsOf('status=requires_payment_method&limit=100')).toEqual(expected);
    expect(await idsOf('status=succeeded')).toEqual([]);
    expect(await idsOf('merchant_ref_id=of_c')).toHaveLength(3);
    expect(await idsOf('merchant_ref_id=of_b')).toEqual([]);
    expect(await idsOf('merchant_store_id=c')).toHaveLength(3);
    expect(await idsOf('merchant_store_id=b')).toEqual([]);
    const far = await gateway.request('GET', `${INTENTS}?offset=1001`, { as });
    expect([far.status, far.body.details.field]).toEqual([400, 'offset']);
  });
});

describe.each(Object.keys(REQUESTS))('%s', (id) => {
  it('refuses a key without its scope, and names the scope', async () => {
    const { scope } = OPERATIONS[id as OperationId];
    const scopes = ALL.filter((one) => one !== scope);
    const { status, body } = await send(
      await newLimitedKey(gateway, merchant, { scopes }),
      requestOf(id, own),
    );
    expect([status, body.code, body.details]).toEqual([403, 'forbidden', { required_scope: scope }]);
  });

  it('refuses a key from an address that it is not for, but says so only to its holder', async () => {
    const key = await newKeyFor(id, { allowedIps: ['203.0.113.0/24', '2001:db8::/32'] });
    const { status, body } = await send(key, requestOf(id, own));
    expect([status, body.code, body.details.reason]).toEqual([401, 'unauthorized', 'address_not_allowed']);
    const stranger = await send({ ...key, secretKey: 'sk_wrong' }, requestOf(id, own));
    expect([stranger.status, stranger.body.details]).toEqual([401, { reason: 'signature_mismatch' }]);
  });

  it('refuses a key that has expired, but says so only to its holder', async () => {
    const key = await newKeyFor(id, { plannedExpiresAt: new Date(clock.now().getTime() + 1_000) });
    await clock.advance(1_000);
    const { status, body } = await send(key, requestOf(id, own));
    expect([status, body.code, body.details.reason]).toEqual([401, 'unauthorized', 'key_expired']);
    const stranger = await send({ ...key, secretKey: 'sk_wrong' }, requestOf(id, own));
    expect([stranger.status, stranger.body.details]).toEqual([401, { reason: 'unknown_key' }]);
  });
});

describe('a key that is limited to addresses', () => {
  it('works from these, and a changed list applies to the next request', async () => {
    const key = await newLimitedKey(gateway, merchant, { allowedIps: ['127.0.0.0/8', '::1'] });
    const list = async () => (await gateway.request('GET', INTENTS, { as: key })).status;
    expect(await list()).toBe(200);
    await updateApiKey(gateway.deps, BY_TEST, key.apiKey, { allowedIps: ['203.0.113.7'] });
    expect(await list()).toBe(401);
    await updateApiKey(gateway.deps, BY_TEST, key.apiKey, { allowedIps: undefined });
    expect(await list()).toBe(200);
  });

  it('is used from the address that a trusted proxy reports, and from no other that a client claims', async () => {
    const { database } = gateway;
    const proxied = await startTestGateway({ clock, database, trustedProxies: ['127.0.0.1', '::1'] });
    const key = await newLimitedKey(gateway, merchant, { allowedIps: ['203.0.113.7'] });
    const from = (at: TestGateway, address: string) =>
      at.request('GET', INTENTS, { as: key, headers: { 'X-Forwarded-For': address } });
    expect((await from(proxied, '203.0.113.7')).status).toBe(200);
    expect((await from(proxied, '203.0.113.7, 198.51.100.1')).status).toBe(401);
    expect((await from(gateway, '203.0.113.7')).status).toBe(401);
    await proxied.close();
  });
});

describe('a key with a maximum for refunds', () => {
  it('refunds up to it at once, and no more, also when it leaves the amount out', async () => {
    const till = await newLimitedKey(gateway, merchant, { maxRefundAmount: 300 });
    const intent = await newPaidIntent(gateway, merchant);
    const refused = await requestRefund(
      gateway,
      till,
      intent,
      { amount: 301 },
      { 'Idempotency-Key': 'above' },
    );
    expect([refused.status, refused.body.code]).toEqual([403, 'forbidden']);
    expect(refused.body.details).toEqual({
      reason: 'max_refund_amount',
      field: 'amount',
      constraint: 'max_value',
      max: 300,
    });
    expect((await requestRefund(gateway, till, intent)).status).toBe(403);
    expect((await requestRefund(gateway, till, intent, { amount: 300 })).status).toBe(201);
    // The refusal is not stored: another key may do it with the same Idempotency-Key.
    const headers = { 'Idempotency-Key': 'above' };
    expect((await requestRefund(gateway, merchant, intent, { amount: 301 }, headers)).status).toBe(201);
  });
});
