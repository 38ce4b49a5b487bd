/**
 * Encryption at rest in the database: what a value is bound to, the check of the key, and the rotation of the key.
 */
import { randomBytes } from 'node:crypto';
import type { Knex } from 'knex';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createCrypt } from '../../../src/lib/encryption.ts';
import type { ServiceDeps } from '../../../src/services/deps.ts';
import { acceptKey, openCrypt } from '../../../src/services/encryption/open-crypt.ts';
import { credentialsPlace, responsePlace } from '../../../src/services/encryption/places.ts';
import { rotateEncryption } from '../../../src/services/encryption/rotate.ts';
import { syncMerchants } from '../../../src/services/operations/sync-merchants.ts';
import { openSigningKeys } from '../../../src/services/webhooks/signing-keys.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { sealAsBefore } from '../../support/former-encryption.ts';
import { startTestGateway, TEST_KEY, type TestGateway, type TestMerchant } from '../../support/gateway.ts';
import { scriptedSender } from '../../support/scripted-sender.ts';
import { ENDPOINTS, newEndpoint } from '../../support/webhooks.ts';

const PATH = '/v1/payment_intents';
const INPUT = { amount: 1000, currency: 'JPY', payment_method_types: ['qr_mpm'], merchant_ref_id: 'order_1' };

let database: TestDatabase;
let gateway: TestGateway;
let merchant: TestMerchant;
let db: Knex;

beforeAll(async () => {
  database = await createTestDatabase();
  db = database.db;
});
afterAll(() => database.drop());
beforeEach(async () => {
  await db.raw('truncate merchants, idempotency_keys, encryption_check cascade');
  gateway = await startTestGateway({ webhookSender: scriptedSender(), database });
  merchant = await gateway.newMerchant();
});
afterEach(() => gateway.close());

const configs = () => db('payment_processor_configs');
const keys = () => db('idempotency_keys');
const keysOf = (current: Buffer, ...old: Buffer[]) => ({ current, old });

/** A gateway on the same database with other encryption keys. */
async function withKeys<T>(
  current: Buffer,
  old: readonly Buffer[],
  work: (other: TestGateway) => Promise<T>,
): Promise<T> {
  const crypt = await openCrypt(db, keysOf(current, ...old));
  if (!crypt) {
    throw new Error('the keys do not open the database');
  }
  const other = await startTestGateway({ webhookSender: scriptedSender(), database, crypt });
  try {
    return await work(other);
  } finally {
    await other.close();
  }
}

const create = (key: string, on = gateway) =>
  on.request('POST', PATH, { as: merchant, body: INPUT, headers: { 'Idempotency-Key': key } });

/** Changes all that is stored into what version 0.1.0 would have stored. */
async function becomeFormer(): Promise<void> {
  const { crypt } = gateway.deps;
  for (const { merchant_id, store_id, provider, credentials } of await configs()) {
    const place = credentialsPlace([merchant_id, store_id, provider]);
    const former = sealAsBefore(TEST_KEY, crypt.open(credentials, place), place.formerContext);
    await configs().where({ merchant_id, store_id, provider }).update({ credentials: former });
  }
  for (const { scope, operation, key, response_body } of await keys()) {
    const place = responsePlace({ scope, operation, key });
    const former = sealAsBefore(TEST_KEY, crypt.open(response_body, place), place.formerContext);
    await keys().where({ scope, operation, key }).update({ response_body: former });
  }
}

/** Versions of all sealed values in the two tables. */
async function versions(): Promise<Set<number>> {
  const all = [
    ...(await configs().select('credentials as sealed')),
    ...(await keys().select('response_body as sealed')),
  ];
  return new Set(all.map(({ sealed }) => sealed[0]));
}

describe('credentials copied into the row of another merchant or store', () => {
  it.each([
    ['of another merchant', 'merchant_other', 'store_001'],
    ['of another store', undefined, 'store_002'],
  ])('%s do not open, and no payment goes to that account', async (_, otherMerchant, storeId) => {
    const id = otherMerchant ?? merchant.merchantId;
    const stored = [{ provider: 'PAYPAY' as const, isActive: true, credentials: { merchant_id: 'thief' } }];
    await syncMerchants(gateway.deps, [
      { id, name: 'Other', stores: [{ id: storeId, name: 'S', configs: stored }] },
    ]);
    const [theirs] = await configs().where({ merchant_id: id, store_id: storeId });
    await configs()
      .where({ merchant_id: merchant.merchantId, store_id: merchant.storeId })
      .update({ credentials: theirs.credentials });
    const intent = await gateway.newIntent(merchant);
    expect((await gateway.confirm(intent)).status).toBe(500);
    expect(gateway.sandbox.ledger()).toEqual([]);
  });
});

describe('signing keys copied into the row of another webhook endpoint', () => {
  it('do not sign there, and a rotation makes the endpoint work again', async () => {
    const [one, two] = [await newEndpoint(gateway, merchant), await newEndpoint(gateway, merchant)];
    const [{ secrets }] = await db('webhook_endpoints').where({ id: one.id });
    await db('webhook_endpoints').where({ id: two.id }).update({ secrets });
    const path = `${ENDPOINTS}/${two.id}`;
    expect((await gateway.request('GET', path, { as: merchant })).status).toBe(200);
    const refused = await gateway.request('POST', `${path}/ping`, { as: merchant });
    expect(refused.body).toMatchObject({ delivered: false, problem: expect.stringMatching(/rotate/) });
    expect((await gateway.request('POST', `${path}/rotate_secret`, { as: merchant })).status).toBe(200);
    expect((await gateway.request('POST', `${path}/ping`, { as: merchant })).body.delivered).toBe(true);
  });
});

describe('the check of the key at a start', () => {
  it('is stored by the first start; the same key opens it, another is recognized', async () => {
    expect(await openCrypt(db, keysOf(TEST_KEY))).toBeDefined();
    expect(await openCrypt(db, keysOf(TEST_KEY))).toBeDefined();
    expect(await openCrypt(db, keysOf(randomBytes(32)))).toBeUndefined();
    expect(await openCrypt(db, keysOf(randomBytes(32), TEST_KEY))).toBeDefined();
  });

  it('lets one key win when two nodes with different keys start first', async () => {
    await db.raw('truncate merchants cascade');
    const opened = await Promise.all([1, 2, 3, 4].map(() => openCrypt(db, keysOf(randomBytes(32)))));
    expect(opened.filter((crypt) => crypt !== undefined)).toHaveLength(1);
  });

  it('recognizes a wrong key at the first start after an upgrade as well', async () => {
    await becomeFormer();
    expect(await openCrypt(db, keysOf(randomBytes(32)))).toBeUndefined();
    expect(await db('encryption_check')).toEqual([]);
    expect(await openCrypt(db, keysOf(TEST_KEY))).toBeDefined();
  });

  it('recognizes it by stored responses too, when there are no credentials', async () => {
    await create('only-a-response');
    await configs().delete();
    expect(await openCrypt(db, keysOf(randomBytes(32)))).toBeUndefined();
    expect(await openCrypt(db, keysOf(TEST_KEY))).toBeDefined();
  });

  it('can be replaced after the loss of the key: credentials work again once they are synced', async () => {
    await openCrypt(db, keysOf(TEST_KEY));
    const fresh = randomBytes(32);
    await acceptKey(db, keysOf(fresh));
    await withKeys(fresh, [], async (other) => {
      const intent = await other.newIntent(merchant);
      expect((await other.confirm(intent)).status).toBe(500);
      const stored = [{ provider: 'PAYPAY' as const, isActive: true, credentials: { merchant_id: 'p' } }];
      await syncMerchants(other.deps, [
        {
          id: merchant.merchantId,
          name: 'M',
          stores: [{ id: merchant.storeId, name: 'S', configs: stored }],
        },
      ]);
      expect((await other.confirm(intent)).status).toBe(200);
    });
  });
});

describe('after an upgrade from version 0.1.0', () => {
  it('credentials and stored responses open, and syncing the same merchants again changes no row', async () => {
    const first = await create('before');
    await becomeFormer();
    await openCrypt(db, keysOf(TEST_KEY));
    await withKeys(TEST_KEY, [], async (other) => {
      expect((await create('before', other)).body).toEqual(first.body);
      expect((await other.confirm(await other.newIntent(merchant))).status).toBe(200);
      const [before] = await configs();
      await syncAgain(other.deps);
      expect(await configs()).toEqual([before]);
    });
  });
});

/** Syncs the merchant of the test with what it has. */
async function syncAgain(deps: ServiceDeps): Promise<void> {
  const credentials = { merchant_id: `paypay_${merchant.merchantId}` };
  const stored = [{ provider: 'PAYPAY' as const, isActive: true, credentials }];
  await syncMerchants(deps, [
    {
      id: merchant.merchantId,
      name: 'Test Merchant',
      stores: [{ id: merchant.storeId, name: 'Test Store', configs: stored }],
    },
  ]);
}

describe('rotating the key', () => {
  it('re-encrypts everything, including values of version 0.1.0; then the old key is not needed', async () => {
    const first = await create('rotated');
    await becomeFormer();
    await openCrypt(db, keysOf(TEST_KEY));
    const next = randomBytes(32);
    await withKeys(next, [TEST_KEY], async (other) => {
      expect(await versions()).toEqual(new Set([1]));
      expect(await rotateEncryption(db, other.deps.crypt)).toEqual({
        resealed: 2,
        remaining: 0,
        unreadable: 0,
      });
      expect(await versions()).toEqual(new Set([2]));
      expect(await rotateEncryption(db, other.deps.crypt)).toEqual({
        resealed: 0,
        remaining: 0,
        unreadable: 0,
      });
    });
    expect(await openCrypt(db, keysOf(TEST_KEY))).toBeUndefined();
    await withKeys(next, [], async (other) => {
      expect((await create('rotated', other)).body).toEqual(first.body);
      expect((await other.confirm(await other.newIntent(merchant))).status).toBe(200);
      const [before] = await configs();
      await syncAgain(other.deps);
      expect(await configs()).toEqual([before]);
    });
  });

  it('re-encrypts the signing keys of webhook endpoints; the same keys sign afterwards', async () => {
    const { id, secret } = await newEndpoint(gateway, merchant);
    const deleted = await newEndpoint(gateway, merchant);
    await gateway.request('DELETE', `${ENDPOINTS}/${deleted.id}`, { as: merchant });
    await openCrypt(db, keysOf(TEST_KEY));
    const next = randomBytes(32);
    await withKeys(next, [TEST_KEY], async (other) => {
      const { resealed, remaining, unreadable } = await rotateEncryption(db, other.deps.crypt);
      expect([resealed, remaining, unreadable]).toEqual([2, 0, 0]);
    });
    await withKeys(next, [], async (other) => {
      const [row] = await db('webhook_endpoints').where({ id });
      expect(openSigningKeys(other.deps, id, row.secrets)).toEqual([{ key: secret, expiresAt: undefined }]);
    });
  });

  it('leaves the account of a chain unambiguous while its stores are sealed under different keys', async () => {
    await openCrypt(db, keysOf(TEST_KEY));
    await withKeys(randomBytes(32), [TEST_KEY], async (other) => {
      const credentials = { merchant_id: `paypay_${merchant.merchantId}` };
      const stored = [{ provider: 'PAYPAY' as const, isActive: true, credentials }];
      await syncMerchants(other.deps, [
        { id: merchant.merchantId, name: 'M', stores: [{ id: 'store_002', name: 'S', configs: stored }] },
      ]);
      const intent = await other.newIntent(merchant, { merchant_store_id: undefined });
      expect((await other.confirm(intent)).status).toBe(200);
    });
  });

  it('works in many batches while the gateway is serving, and loses no concurrent change', async () => {
    await openCrypt(db, keysOf(TEST_KEY));
    const stores = Array.from({ length: 1_200 }, (_, n) => ({
      id: `store_${n}`,
      name: 'S',
      configs: [{ provider: 'PAYPAY' as const, isActive: true, credentials: { merchant_id: 'before' } }],
    }));
    await syncMerchants(gateway.deps, [{ id: merchant.merchantId, name: 'M', stores }]);
    await withKeys(randomBytes(32), [TEST_KEY], async (other) => {
      const { crypt } = other.deps;
      const changes = Array.from({ length: 20 }, (_, n) => n * 60);
      const change = async () => {
        for (const n of changes) {
          const configs = [
            { provider: 'PAYPAY' as const, isActive: true, credentials: { merchant_id: `after_${n}` } },
          ];
          await syncMerchants(other.deps, [
            { id: merchant.merchantId, name: 'M', stores: [{ id: `store_${n}`, name: 'S', configs }] },
          ]);
        }
      };
      const [rotation] = await Promise.all([rotateEncryption(db, crypt), change()]);
      expect(rotation).toMatchObject({ remaining: 0, unreadable: 0 });
      const rows = await configs().where('store_id', '<>', 'store_001');
      for (const { merchant_id, store_id, provider, credentials } of rows) {
        const n = Number(store_id.slice('store_'.length));
        const account = changes.includes(n) ? `after_${n}` : 'before';
        expect(credentials.subarray(0, crypt.header.length)).toEqual(crypt.header);
        const text = crypt.open(credentials, credentialsPlace([merchant_id, store_id, provider]));
        expect(JSON.parse(text)).toEqual({ merchant_id: account });
      }
    });
  });

  it('skips a row that another transaction is changing, and reports what is left', async () => {
    await openCrypt(db, keysOf(TEST_KEY));
    const crypt = createCrypt(randomBytes(32), [TEST_KEY]);
    const changing = await db.transaction();
    await changing('payment_processor_configs').update({ is_active: false });
    expect(await rotateEncryption(db, crypt)).toEqual({ resealed: 0, remaining: 1, unreadable: 0 });
    await changing.rollback();
    expect(await rotateEncryption(db, crypt)).toEqual({ resealed: 1, remaining: 0, unreadable: 0 });
  });

  it('keeps and counts values that none of the keys opens', async () => {
    await openCrypt(db, keysOf(TEST_KEY));
    const lost = createCrypt(randomBytes(32)).seal('{}', credentialsPlace(['a', 'b', 'c']));
    await configs().update({ credentials: lost });
    const crypt = createCrypt(randomBytes(32), [TEST_KEY]);
    expect(await rotateEncryption(db, crypt)).toEqual({ resealed: 0, remaining: 0, unreadable: 1 });
    expect((await configs())[0].credentials).toEqual(lost);
  });
});
