/**
 * API keys in the console: within the scope of the operator, with secrets that are shown once.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { syncMerchants } from '../../../src/services/operations/sync-merchants.ts';
import { createApiKey, type NewKey } from '../../../src/services/operator/api-keys.ts';
import { type ApiKey, findApiKey } from '../../../src/store/api-keys.ts';
import { query } from '../../../src/store/db/query.ts';
import { BY_TEST } from '../../support/acts.ts';
import { type ConsoleClient, startTestConsole, type TestConsole } from '../../support/console.ts';
import { type Credentials, startTestGateway, type TestGateway } from '../../support/gateway.ts';

let gateway: TestGateway;
let console: TestConsole;
let admin: ConsoleClient;
let storeAdmin: ConsoleClient;

const NEW = { merchant: 'bakery', label: 'Till 1', scopes: 'payments', reason: 'New till' };

beforeAll(async () => {
  gateway = await startTestGateway();
  console = await startTestConsole(gateway.deps);
  const stores = ['ginza', 'ueno'].map((id) => ({ id, name: id, configs: [] }));
  await syncMerchants(gateway.deps, [
    { id: 'bakery', name: 'Bakery', stores },
    { id: 'florist', name: 'Florist', stores: [] },
  ]);
});

beforeEach(async () => {
  admin = await console.signIn('admin');
  storeAdmin = await console.signIn({ role: 'admin', merchantId: 'bakery', storeId: 'ginza' });
});

afterAll(async () => {
  await console.close();
  await gateway.close();
});

async function newKey(settings: NewKey = {}, merchantId = 'bakery'): Promise<string> {
  return (await createApiKey(gateway.deps, BY_TEST, merchantId, settings)).key.apiKey;
}

/** The key and the secret on the page that shows them. */
function credentialsIn(text: string): Credentials {
  const [apiKey = ''] = /ak_[A-Za-z0-9]{24}/.exec(text) ?? [];
  const [secretKey = ''] = /sk_[A-Za-z0-9]{40}/.exec(text) ?? [];
  return { apiKey, secretKey };
}

async function stored(apiKey: string): Promise<ApiKey | undefined> {
  return findApiKey(gateway.deps.db, apiKey);
}

function works(as: Credentials) {
  return gateway.request('GET', '/v1/payment_intents', { as });
}

describe('the list of keys', () => {
  it('shows to the admin of a store only keys that are limited to it', async () => {
    const whole = await newKey();
    const own = await newKey({ storeIds: ['ginza'] });
    const other = await newKey({ storeIds: ['ueno'] });
    const both = await newKey({ storeIds: ['ginza', 'ueno'] });
    const { text } = await storeAdmin.get('/keys');
    expect(text).toContain(own);
    for (const hidden of [whole, other, both]) {
      expect(text).not.toContain(hidden);
      expect((await storeAdmin.get(`/keys/${hidden}`)).status).toBe(404);
    }
    expect((await admin.get('/keys')).text).toContain(both);
  });

  it('shows sync keys to admins of the whole gateway only', async () => {
    const sync = (await createApiKey(gateway.deps, BY_TEST, undefined)).key.apiKey;
    const merchantAdmin = await console.signIn({ role: 'admin', merchantId: 'bakery' });
    expect((await merchantAdmin.get('/keys')).text).not.toContain(sync);
    expect((await merchantAdmin.get(`/keys/${sync}`)).status).toBe(404);
    expect((await admin.get('/keys')).text).toContain(sync);
  });

  it('filters by merchant and by whether keys work', async () => {
    const florist = await newKey({}, 'florist');
    const bakery = await newKey();
    await admin.post(`/keys/${florist}/revoke`, { reason: 'Closed' });
    const ended = await admin.get('/keys?state=ended');
    expect(ended.text).toContain(florist);
    expect(ended.text).not.toContain(bakery);
    const working = await admin.get('/keys?state=working&merchant=bakery');
    expect(working.text).toContain(bakery);
    expect(working.text).not.toContain(florist);
  });
});

describe('a new key', () => {
  it('works with the secret that the response shows, which is nowhere else', async () => {
    const made = await admin.post('/keys', { ...NEW, addresses: '127.0.0.0/8', max_refund: '5000' });
    const credentials = credentialsIn(made.text);
    expect(made.status).toBe(200);
    expect(made.headers.get('Cache-Control')).toBe('no-store');
    expect((await works(credentials)).status).toBe(200);
    expect(await stored(credentials.apiKey)).toMatchObject({
      merchantId: 'bakery',
      label: 'Till 1',
      scopes: ['payments'],
      allowedIps: ['127.0.0.0/8'],
      maxRefundAmount: 5000,
    });
    const pages = await Promise.all(
      [`/keys/${credentials.apiKey}`, '/keys', '/merchants/bakery'].map((path) => admin.get(path)),
    );
    const rows = await query<{ row: string }>(
      gateway.deps.db,
      'select audit_log::text as row from audit_log',
    );
    const acts = rows.map(({ row }) => row).join('\n');
    expect(acts).toContain(credentials.apiKey);
    for (const text of [...pages.map(({ text }) => text), acts, gateway.logLines.join('\n')]) {
      expect(text).not.toContain(credentials.secretKey);
    }
  });

  it('is refused with what was entered, and makes none', async () => {
    const before = await query(gateway.deps.db, 'select from api_keys');
    const wrong = [
      { ...NEW, stores: 'nowhere', label: 'Kept label' },
      { ...NEW, addresses: 'not-an-address', label: 'Kept label' },
      { ...NEW, end: '2001-01-01T00:00', label: 'Kept label' },
      { ...NEW, max_refund: '0', label: 'Kept label' },
      { ...NEW, scopes: 'everything', label: 'Kept label' },
      { ...NEW, merchant: '', label: 'Kept label' },
      { ...NEW, reason: '', label: 'Kept label' },
      { ...NEW, label: 'Kept label', kind: 'sync' },
    ];
    for (const form of wrong) {
      const { status, text } = await admin.post('/keys', form);
      expect(status, JSON.stringify(form)).toBe(400);
      expect(text).toMatch(/role="alert"[\s\S]*Kept label/);
    }
    expect(await query(gateway.deps.db, 'select from api_keys')).toHaveLength(before.length);
  });

  it('says in Japanese why it was refused', async () => {
    const { text } = await admin.post('/keys', { ...NEW, stores: 'nowhere' }, { 'Accept-Language': 'ja' });
    expect(text).toContain('加盟店に存在しない店舗IDが含まれています');
  });

  it('for syncs is made by admins of the whole gateway only', async () => {
    const form = { kind: 'sync', upstream: 'pos', reason: 'New system' };
    const made = credentialsIn((await admin.post('/keys', form)).text);
    expect(await stored(made.apiKey)).toMatchObject({ upstream: 'pos', scopes: ['sync'] });
    const merchantAdmin = await console.signIn({ role: 'admin', merchantId: 'bakery' });
    expect((await merchantAdmin.post('/keys', form)).status).toBe(400);
  });

  it('of the admin of a store is limited to it, and of the admin of a merchant to the merchant', async () => {
    const own = await storeAdmin.post('/keys', { ...NEW, stores: 'ginza' });
    expect(await stored(credentialsIn(own.text).apiKey)).toMatchObject({ storeIds: ['ginza'] });
    for (const stores of ['', 'ueno', 'ginza, ueno']) {
      expect((await storeAdmin.post('/keys', { ...NEW, stores })).status, stores).toBe(400);
    }
    const merchantAdmin = await console.signIn({ role: 'admin', merchantId: 'bakery' });
    expect((await merchantAdmin.post('/keys', { ...NEW, merchant: 'florist' })).status).toBe(400);
  });

  it('refunds no more than its maker may', async () => {
    const limited = await console.signIn({ role: 'admin', merchantId: 'bakery', maxRefundAmount: 1000 });
    const refunding = { ...NEW, scopes: 'refunds' };
    expect((await limited.post('/keys', refunding)).status).toBe(400);
    expect((await limited.post('/keys', { ...refunding, max_refund: '1001' })).status).toBe(400);
    expect((await limited.post('/keys', { ...refunding, max_refund: '1000' })).status).toBe(200);
    const unlimited = await newKey({ scopes: ['refunds'] });
    expect((await limited.post(`/keys/${unlimited}/rotate`, { reason: 'Take over' })).status).toBe(400);
  });
});

describe('a key', () => {
  it('is changed in all its settings, and keeps the seconds of an end that the form leaves as it is', async () => {
    const end = new Date('2999-01-15T10:00:42Z');
    const apiKey = await newKey({ plannedExpiresAt: end });
    const form = {
      label: 'Changed',
      scopes: 'events',
      stores: 'ginza',
      addresses: '10.0.0.1',
      max_refund: '7',
    };
    const changed = await admin.post(`/keys/${apiKey}`, {
      ...form,
      end: '2999-01-15T19:00',
      reason: 'Narrower',
    });
    expect(changed.location).toBe(`/keys/${apiKey}?done=updated`);
    expect(await stored(apiKey)).toMatchObject({
      label: 'Changed',
      scopes: ['events'],
      storeIds: ['ginza'],
      allowedIps: ['10.0.0.1/32'],
      maxRefundAmount: 7,
      expiresAt: end,
    });
  });

  it('of a store is not widened by the admin of that store', async () => {
    const apiKey = await newKey({ storeIds: ['ginza'] });
    for (const stores of ['', 'ueno', 'ginza,ueno']) {
      const { status } = await storeAdmin.post(`/keys/${apiKey}`, {
        stores,
        scopes: 'payments',
        reason: 'Wider',
      });
      expect(status, stores).toBe(400);
    }
    expect(await stored(apiKey)).toMatchObject({ storeIds: ['ginza'] });
  });

  it('outside the scope is neither changed, rotated nor revoked', async () => {
    const apiKey = await newKey();
    const acts = [
      ['', { scopes: 'payments', stores: 'ginza', reason: 'Mine' }],
      ['/rotate', { reason: 'Mine' }],
      ['/revoke', { reason: 'Mine' }],
    ] as const;
    for (const [act, form] of acts) {
      expect((await storeAdmin.post(`/keys/${apiKey}${act}`, form)).status).toBe(404);
    }
    expect(await stored(apiKey)).toMatchObject({
      storeIds: undefined,
      expiresAt: undefined,
      revokedAt: undefined,
    });
  });

  it('is rotated: the new secret is shown once, and the old key works for 24 hours', async () => {
    const { key, secretKey } = await createApiKey(gateway.deps, BY_TEST, 'bakery', { label: 'Till 2' });
    const rotated = await admin.post(`/keys/${key.apiKey}/rotate`, { reason: 'Yearly' });
    const text = rotated.text.replaceAll(key.apiKey, '');
    const credentials = credentialsIn(text);
    expect(await stored(credentials.apiKey)).toMatchObject({ label: 'Till 2', merchantId: 'bakery' });
    expect((await works(credentials)).status).toBe(200);
    expect((await works({ apiKey: key.apiKey, secretKey })).status).toBe(200);
    expect((await stored(key.apiKey))?.expiresAt).toBeDefined();
    expect((await admin.get(`/keys/${credentials.apiKey}`)).text).not.toContain(credentials.secretKey);
  });

  it('is revoked at once, and offers nothing more', async () => {
    const { key, secretKey } = await createApiKey(gateway.deps, BY_TEST, 'bakery');
    const revoked = await admin.post(`/keys/${key.apiKey}/revoke`, { reason: 'Leaked' });
    expect((await works({ apiKey: key.apiKey, secretKey })).status).toBe(401);
    const { text } = await admin.get(revoked.location ?? '');
    expect(text).toContain('role="status"');
    expect(text).not.toContain('/revoke"');
    expect((await admin.post(`/keys/${key.apiKey}/revoke`, { reason: 'Again' })).status).toBe(404);
  });
});
