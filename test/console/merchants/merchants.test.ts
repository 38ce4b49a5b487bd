/**
 * Merchants in the console: search, one merchant within the scope of its reader, and its rate limit.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { syncMerchants } from '../../../src/services/operations/sync-merchants.ts';
import { listActsOnObject } from '../../../src/store/audit/audit-log.ts';
import { listMerchantLimits } from '../../../src/store/merchant-limits.ts';
import { startTestConsole, type TestConsole } from '../../support/console.ts';
import { startTestGateway, type TestGateway } from '../../support/gateway.ts';

let gateway: TestGateway;
let console: TestConsole;

beforeAll(async () => {
  gateway = await startTestGateway();
  console = await startTestConsole(gateway.deps);
  await sync('bakery', 'Ginza Bakery', ['ginza', 'ueno']);
  await sync('florist', 'Kyoto Florist', ['kyoto']);
});

afterAll(async () => {
  await console.close();
  await gateway.close();
});

async function sync(id: string, name: string, stores: readonly string[], account = `account_of_${id}`) {
  const configs = [{ provider: 'PAYPAY' as const, isActive: true, credentials: { merchant_id: account } }];
  await syncMerchants(gateway.deps, [
    { id, name, stores: stores.map((store) => ({ id: store, name: `Store ${store}`, configs })) },
  ]);
}

describe('the list of merchants', () => {
  it('finds merchants by a part of id or name, in any case', async () => {
    const viewer = await console.signIn('viewer');
    expect((await viewer.get('/merchants')).text).toMatch(/bakery[\s\S]*florist/);
    for (const search of ['BAKE', 'ginza b']) {
      const { text } = await viewer.get(`/merchants?q=${encodeURIComponent(search)}`);
      expect(text).toContain('/merchants/bakery');
      expect(text).not.toContain('/merchants/florist');
    }
  });

  it('has the next merchants on the next page', async () => {
    await syncMerchants(
      gateway.deps,
      Array.from({ length: 60 }, (_, n) => ({ id: `page_${n + 100}`, name: `Page ${n}`, stores: [] })),
    );
    const viewer = await console.signIn('viewer');
    const { text } = await viewer.get('/merchants?q=page_');
    expect(text).not.toContain('/merchants/page_150"');
    const next = /href="(\/merchants\?[^"]*after=[^"]*)"/.exec(text)?.[1]?.replaceAll('&amp;', '&') ?? '';
    expect((await viewer.get(next)).text).toContain('/merchants/page_150"');
  });

  it('has only the merchants of an operator who is limited to one', async () => {
    const limited = await console.signIn({ role: 'viewer', merchantId: 'bakery', storeId: 'ginza' });
    const { text } = await limited.get('/merchants');
    expect(text).toContain('/merchants/bakery');
    expect(text).not.toContain('florist');
  });
});

describe('a merchant', () => {
  it('shows stores, time zone and the beginning of the fingerprint of the account, and no credentials', async () => {
    const viewer = await console.signIn('viewer');
    const { status, text } = await viewer.get('/merchants/bakery');
    expect(status).toBe(200);
    expect(text).toMatch(/ginza[\s\S]*Asia\/Tokyo[\s\S]*PAYPAY[\s\S]*<code>[0-9a-f]{8}<\/code>/);
    expect(text).toContain('ueno');
    expect(text).not.toContain('account_of_bakery');
  });

  it('shows to the reader of one store neither other stores nor what was changed there', async () => {
    await sync('bakery', 'Ginza Bakery', ['ueno'], 'another_account');
    const whole = await console.signIn({ role: 'viewer', merchantId: 'bakery' });
    const store = await console.signIn({ role: 'viewer', merchantId: 'bakery', storeId: 'ginza' });
    expect((await whole.get('/merchants/bakery')).text).toContain('ueno');
    const { text } = await store.get('/merchants/bakery');
    expect(text).toContain('Store ginza');
    expect(text).not.toContain('ueno');
  });

  it('is not found outside the scope, and when there is none', async () => {
    const limited = await console.signIn({ role: 'admin', merchantId: 'bakery' });
    expect((await limited.get('/merchants/florist')).status).toBe(404);
    expect((await limited.get('/merchants/nobody')).status).toBe(404);
  });
});

describe('the rate limit of a merchant', () => {
  const perMinute = async () =>
    (await listMerchantLimits(gateway.deps.db)).find(({ merchantId }) => merchantId === 'florist')
      ?.requestsPerMinute;

  it('is set and returned to the default, with the reason in the audit log', async () => {
    const admin = await console.signIn('admin');
    const reason = 'Season of graduation';
    const set = await admin.post('/merchants/florist/limit', { per_minute: '3000', reason });
    expect([set.status, set.location]).toEqual([303, '/merchants/florist?done=limit']);
    expect(await perMinute()).toBe(3000);
    expect((await admin.get(set.location ?? '')).text).toContain('role="status"');
    await admin.post('/merchants/florist/limit', { per_minute: '', reason: 'Over' });
    expect(await perMinute()).toBeUndefined();
    const acts = await listActsOnObject(gateway.deps.db, 'merchant', 'florist', 10);
    const own = acts.filter(({ actor }) => actor.kind === 'operator');
    expect(own.map(({ type, actor, reason: why }) => [type, actor.id, why])).toEqual([
      ['merchant_limit.changed', admin.operator?.id, reason],
      ['merchant_limit.changed', admin.operator?.id, 'Over'],
    ]);
  });

  it('is kept when the form is wrong, which shows again what was entered', async () => {
    const admin = await console.signIn('admin');
    const wrong = await admin.post('/merchants/florist/limit', { per_minute: '12x', reason: 'Too fast' });
    expect(wrong.status).toBe(400);
    expect(wrong.text).toMatch(/role="alert"[\s\S]*value="12x"[\s\S]*Too fast/);
    expect((await admin.post('/merchants/florist/limit', { per_minute: '5', reason: '' })).status).toBe(400);
    expect(await perMinute()).toBeUndefined();
  });

  it('is not offered to whoever may not change it', async () => {
    const viewer = await console.signIn('viewer');
    expect((await viewer.get('/merchants/florist')).text).not.toContain('/limit"');
    const limited = await console.signIn({ role: 'admin', merchantId: 'florist' });
    expect((await limited.post('/merchants/florist/limit', { per_minute: '1', reason: 'More' })).status).toBe(
      403,
    );
  });
});
