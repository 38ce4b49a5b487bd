import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { responsePlace } from '../../src/services/encryption/places.ts';
import { hashContent, idempotencyIdOf } from '../../src/services/idempotency/stored-responses.ts';
import { capturePaymentIntent } from '../../src/services/operations/capture-payment-intent.ts';
import { rotateApiKey } from '../../src/services/operator/api-keys.ts';
import { claimKey } from '../../src/store/idempotency-keys.ts';
import { BY_TEST } from '../support/acts.ts';
import { createTestClock, type TestClock } from '../support/clock.ts';
import { sealAsBefore } from '../support/former-encryption.ts';
import {
  type Credentials,
  startTestGateway,
  TEST_KEY,
  type TestGateway,
  type TestMerchant,
} from '../support/gateway.ts';

const PATH = '/v1/payment_intents';
const INPUT = { amount: 1000, currency: 'JPY', payment_method_types: ['qr_mpm'], merchant_ref_id: 'order_1' };

let clock: TestClock;
let gateway: TestGateway;
let merchant: TestMerchant;
let keys = 0;

beforeAll(async () => {
  clock = createTestClock();
  gateway = await startTestGateway({ clock });
  merchant = await gateway.newMerchant();
});
afterAll(() => gateway.close());

const newKey = () => `key-${++keys}`;
const create = (key: string, body: unknown = INPUT, as = merchant) =>
  gateway.request('POST', PATH, { as, body, headers: { 'Idempotency-Key': key } });
const countIntents = async (of = merchant) =>
  Number(
    (await gateway.database.db('payment_intents').where({ merchant_id: of.merchantId }).count())[0]?.[
      'count'
    ],
  );

describe('Idempotency-Key', () => {
  it('returns the first response for a repeated request, with the token, and does nothing', async () => {
    const key = newKey();
    const first = await create(key);
    const count = await countIntents();
    const second = await create(key);
    expect(second.body).toEqual(first.body);
    expect([second.status, second.headers.get('Idempotent-Replayed')]).toEqual([201, 'true']);
    expect(first.headers.get('Idempotent-Replayed')).toBeNull();
    expect(await countIntents()).toBe(count);
  });

  it('compares bodies by content, not by formatting', async () => {
    const key = newKey();
    const first = await create(key, JSON.stringify(INPUT));
    const respelled = `{ "merchant_ref_id": "order_1", "payment_method_types":["qr_mpm"], "currency":"JPY","amount":1.0e3 }`;
    expect((await create(key, respelled)).body).toEqual(first.body);
  });

  it('refuses another body with the same key', async () => {
    const key = newKey();
    await create(key);
    const { status, body } = await create(key, { ...INPUT, amount: 2000 });
    expect([status, body.code, body.details.reason]).toEqual([
      409,
      'idempotency_conflict',
      'different_request',
    ]);
  });

  it('runs one of a hundred concurrent equal requests; the others get its response or have to wait', async () => {
    const other = await gateway.newMerchant();
    const key = newKey();
    const answers = await Promise.all(Array.from({ length: 100 }, () => create(key, INPUT, other)));
    const created = answers.filter(({ status }) => status === 201);
    expect(new Set(created.map(({ body }) => body.id)).size).toBe(1);
    for (const waiting of answers.filter(({ status }) => status !== 201)) {
      expect([waiting.status, waiting.body.details.reason]).toEqual([409, 'in_progress']);
      expect(waiting.headers.get('Retry-After')).toBe('1');
    }
    expect(await countIntents(other)).toBe(1);
    expect((await create(key, INPUT, other)).body).toEqual(created[0]?.body);
  });

  it("separates the callers' keys", async () => {
    const key = newKey();
    const other = await gateway.newMerchant();
    expect((await create(key)).body.id).not.toBe((await create(key, INPUT, other)).body.id);
  });

  it('recognizes a retry after its API key was rotated, even while both keys work', async () => {
    const owner = await gateway.newMerchant();
    const [key, shared] = [newKey(), newKey()];
    const first = await create(key, INPUT, owner);
    const { key: next, secretKey } = await rotateApiKey(gateway.deps, BY_TEST, owner.apiKey);
    const rotated = { ...owner, apiKey: next.apiKey, secretKey };
    const again = await create(key, INPUT, rotated);
    expect([again.body, again.headers.get('Idempotent-Replayed')]).toEqual([first.body, 'true']);
    const both = await Promise.all([create(shared, INPUT, owner), create(shared, INPUT, rotated)]);
    expect(new Set(both.filter(({ status }) => status === 201).map(({ body }) => body.id)).size).toBe(1);
    expect(await countIntents(owner)).toBe(2);
  });

  it('recognizes a retried sync after its API key was rotated', async () => {
    const upstream = await gateway.newSyncKey();
    const key = newKey();
    const sync = (as: Credentials) =>
      gateway.request('POST', '/v1/sync/merchants', {
        as,
        body: { merchants: [{ id: `synced_${key}`, name: 'M', stores: [] }] },
        headers: { 'Idempotency-Key': key },
      });
    expect((await sync(upstream)).headers.get('Idempotent-Replayed')).toBeNull();
    const { key: next, secretKey } = await rotateApiKey(gateway.deps, BY_TEST, upstream.apiKey);
    expect((await sync({ apiKey: next.apiKey, secretKey })).headers.get('Idempotent-Replayed')).toBe('true');
  });

  it('separates operations, and refuses the same key for another intent', async () => {
    const key = newKey();
    const [one, two] = [await gateway.newIntent(merchant), await gateway.newIntent(merchant)];
    const capture = (id: string) =>
      gateway.request('POST', `${PATH}/${id}/capture`, {
        as: merchant,
        body: {},
        headers: { 'Idempotency-Key': key },
      });
    expect((await create(key)).status).toBe(201);
    expect((await capture(one.id)).status).toBe(200);
    expect((await capture(one.id)).headers.get('Idempotent-Replayed')).toBe('true');
    expect((await capture(two.id)).status).toBe(409);
  });

  it('stores a refusal by the domain', async () => {
    const key = newKey();
    const refused = await create(key, { ...INPUT, merchant_store_id: 'store_later' });
    await gateway.request('POST', '/v1/sync/merchants', {
      as: await gateway.newSyncKey(),
      body: {
        merchants: [{ id: merchant.merchantId, name: 'M', stores: [{ id: 'store_later', name: 'S' }] }],
      },
    });
    const repeated = await create(key, { ...INPUT, merchant_store_id: 'store_later' });
    expect([repeated.status, repeated.body]).toEqual([400, refused.body]);
    expect(repeated.headers.get('Idempotent-Replayed')).toBe('true');
  });

  it('does not store a failure that a retry may cure: validation, 401, 5xx', async () => {
    const key = newKey();
    expect((await create(key, { ...INPUT, amount: 0 })).status).toBe(400);
    expect(
      (await gateway.request('POST', PATH, { body: INPUT, headers: { 'Idempotency-Key': key } })).status,
    ).toBe(401);
    expect((await create(key)).status).toBe(201);

    const intent = await gateway.newIntent(merchant);
    const confirmKey = { 'Idempotency-Key': newKey() };
    gateway.sandbox.faults.add({ operation: 'createCode', kind: 'maintenance', times: 1 });
    expect((await gateway.confirm(intent, confirmKey)).status).toBe(503);
    expect((await gateway.confirm(intent, confirmKey)).status).toBe(200);
  });

  it('replays confirm and cancel, for signed and token requests, within the scope of their intent', async () => {
    const intent = await gateway.newIntent(merchant);
    const headers = { 'Idempotency-Key': newKey() };
    const first = await gateway.confirm(intent, headers);
    const second = await gateway.confirm(intent, headers);
    expect(second.body).toEqual(first.body);
    expect(second.headers.get('Idempotent-Replayed')).toBe('true');
    const other = await gateway.newIntent(merchant);
    expect((await gateway.confirm(other, headers)).headers.get('Idempotent-Replayed')).toBeNull();
  });

  it('forgets a key after 24 hours, and the sweep removes it', async () => {
    const key = newKey();
    const first = await create(key);
    await clock.advance(24 * 3_600_000 + 1);
    await gateway.runPasses('idempotency-keys');
    expect(await gateway.database.db('idempotency_keys').where({ key })).toEqual([]);
    expect((await create(key)).body.id).not.toBe(first.body.id);
  });

  it('stores nothing in plain text', async () => {
    const key = newKey();
    const { body } = await create(key);
    const row = await gateway.database.db('idempotency_keys').where({ key }).first();
    const stored = row.response_body.toString('latin1');
    for (const secret of [body.payment_token, body.id, 'payment_token']) {
      expect(stored).not.toContain(secret);
    }
  });

  it.each(['', ' ', 'a b', 'é', 'x'.repeat(256)])('refuses the key %j', async (key) => {
    const response = await fetch(`${gateway.url}${PATH}`, { method: 'GET' });
    expect(response.status).toBe(401);
    if (key.trim() === '' || key === 'é') {
      return;
    }
    const { status, body } = await create(key);
    expect([status, body.details.field]).toEqual([400, 'idempotency-key']);
  });

  it('the request of a process that died is taken over by the next retry within seconds', async () => {
    const intent = await gateway.newIntent(merchant);
    const key = newKey();
    const scope = `intent:${intent.id}`;
    gateway.sandbox.faults.add({ operation: 'createCode', kind: 'error', when: 'before', times: 1 });
    expect((await gateway.confirm(intent, { 'Idempotency-Key': key })).status).toBe(502);
    // A process that dies in the middle leaves a claimed key without a response.
    await gateway.confirm(intent, { 'Idempotency-Key': key });
    await gateway.database
      .db('idempotency_keys')
      .where({ scope, key })
      .update({
        response_status: null,
        response_body: null,
        leased_by: 'dead',
        leased_until: new Date(clock.now().getTime() + 5_000),
      });
    expect((await gateway.confirm(intent, { 'Idempotency-Key': key })).body.details.reason).toBe(
      'in_progress',
    );
    await clock.advance(5_000);
    expect((await gateway.confirm(intent, { 'Idempotency-Key': key })).status).toBe(200);
  });

  it('a capture whose process died before its response was stored gets it from the retry', async () => {
    const { id } = await gateway.newIntent(merchant);
    const key = newKey();
    const capture = () =>
      gateway.request('POST', `${PATH}/${id}/capture`, {
        as: merchant,
        body: { amount: 700 },
        headers: { 'Idempotency-Key': key },
      });
    const first = await capture();
    await gateway.database.db('idempotency_keys').where({ key }).update({
      response_status: null,
      response_body: null,
      leased_by: 'dead',
      leased_until: clock.now(),
    });
    const second = await capture();
    expect([second.status, second.body]).toEqual([200, first.body]);
  });
});

describe('what version 0.1.0 stored under the scope of an API key', () => {
  /** Changes the row of a key into what that version would have stored. */
  async function storeAsBefore(key: string, as = merchant): Promise<void> {
    const rows = gateway.database.db('idempotency_keys').where({ key });
    const row = await rows.clone().first();
    const { operation } = row;
    const scope = `api_key:${as.apiKey}`;
    const response = gateway.deps.crypt.open(
      row.response_body,
      responsePlace({ scope: row.scope, operation, key }),
    );
    const { formerContext } = responsePlace({ scope, operation, key });
    await rows.update({ scope, response_body: sealAsBefore(TEST_KEY, response, formerContext) });
  }

  it('is replayed after an upgrade: the retry creates no second payment', async () => {
    const key = newKey();
    const first = await create(key);
    await storeAsBefore(key);
    const count = await countIntents();
    const again = await create(key);
    expect([again.body, again.headers.get('Idempotent-Replayed')]).toEqual([first.body, 'true']);
    expect((await create(key, { ...INPUT, amount: 2000 })).body.details.reason).toBe('different_request');
    expect(await countIntents()).toBe(count);
  });

  it('no longer counts once it has expired', async () => {
    const key = newKey();
    const first = await create(key);
    await storeAsBefore(key);
    await clock.advance(24 * 3_600_000 + 1);
    expect((await create(key)).body.id).not.toBe(first.body.id);
  });

  it('is continued after an upgrade if its process died before a response was stored', async () => {
    const { id } = await gateway.newIntent(merchant);
    const path = `${PATH}/${id}/capture`;
    const former = { scope: `api_key:${merchant.apiKey}`, operation: 'capturePaymentIntent', key: newKey() };
    const command = { merchantId: merchant.merchantId, intentId: id, actor: 'before', amount: 700 };
    await capturePaymentIntent(gateway.deps, { ...command, idempotencyId: idempotencyIdOf(former) });
    const now = clock.now();
    await claimKey(gateway.database.db, former, {
      requestHash: hashContent([path, { amount: 700 }]),
      holder: 'dead',
      now,
      leasedUntil: new Date(now.getTime() + 5_000),
      expiresAt: new Date(now.getTime() + 3_600_000),
    });
    const headers = { 'Idempotency-Key': former.key };
    const retry = () => gateway.request('POST', path, { as: merchant, body: { amount: 700 }, headers });
    expect((await retry()).body.details.reason).toBe('in_progress');
    await clock.advance(5_000);
    const { status, body } = await retry();
    expect([status, body.status, body.amount_captured]).toEqual([200, 'succeeded', 700]);
  });
});
