/**
 * The audit log in the console.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { setMerchantLimit } from '../../../src/services/operator/change-merchant-limits.ts';
import { type ConsoleClient, startTestConsole, type TestConsole } from '../../support/console.ts';
import { startTestGateway, type TestGateway, type TestMerchant } from '../../support/gateway.ts';

let gateway: TestGateway;
let console: TestConsole;
let merchant: TestMerchant;
let auditor: ConsoleClient;

beforeAll(async () => {
  gateway = await startTestGateway();
  console = await startTestConsole(gateway.deps);
  merchant = await gateway.newMerchant();
  auditor = await console.signIn('admin');
});

afterAll(async () => {
  await console.close();
  await gateway.close();
});

function setLimit(limit: number, reason: string, actorId = auditor.operator?.id ?? ''): Promise<void> {
  const by = { actor: { kind: 'operator', id: actorId }, reason, clientAddress: '192.0.2.7' } as const;
  return setMerchantLimit(gateway.deps, by, merchant.merchantId, limit);
}

describe('the audit log', () => {
  it('says who did what to what, why, from where, and what was before and after', async () => {
    await setLimit(300, 'a <busy> day');
    await setLimit(500, 'a busier day');
    const { status, text } = await auditor.get('/audit?type=merchant_limit.changed');
    expect(status).toBe(200);
    expect(text).toContain('Rate limit changed');
    expect(text).toContain(`<a href="/operators/${auditor.operator?.id}">${auditor.operator?.name}</a>`);
    expect(text).toContain(`<a href="/merchants/${merchant.merchantId}">`);
    expect(text).toContain('a &lt;busy&gt; day');
    expect(text).toContain('192.0.2.7');
    expect(text).toMatch(/<del>300<\/del>.*<ins>500<\/ins>/);
    const japanese = await auditor.get('/audit', { 'Accept-Language': 'ja' });
    expect(japanese.text).toContain('レート制限を変更');
  });

  it('is filtered by actor, act, object, merchant and day', async () => {
    await setLimit(700, 'a reason to find');
    const { merchantId } = merchant;
    const today = new Date(gateway.deps.clock.now().getTime() + 9 * 3_600_000).toISOString().slice(0, 10);
    const found = async (query: string) =>
      (await auditor.get(`/audit?${query}`)).text.includes('a reason to find');
    for (const query of [
      `actor=${auditor.operator?.id}`,
      'type=merchant_limit.changed',
      `object=${merchantId}`,
      `merchant=${merchantId}`,
      `from=${today}&to=${today}`,
    ]) {
      expect([query, await found(query)]).toEqual([query, true]);
    }
    for (const query of [
      'actor=op_other',
      'type=api_key.revoked',
      'object=x',
      'merchant=x',
      'to=2020-01-01',
    ]) {
      expect([query, await found(query)]).toEqual([query, false]);
    }
  });

  it('answers impossible filters without an error of the gateway', async () => {
    for (const query of [
      'from=2026-02-30',
      'from=2026-01-02&to=2026-01-01',
      'object=%00',
      'after=x',
      'type=x',
    ]) {
      const { status } = await auditor.get(`/audit?${query}`);
      expect([query, status]).toEqual([query, 200]);
    }
  });

  it('continues with older acts on further pages, each act once', async () => {
    for (let n = 1; n <= 60; n += 1) {
      await setLimit(10_000 + n, `page act ${n}.`);
    }
    const seen: string[] = [];
    let path: string | undefined = `/audit?object=${merchant.merchantId}`;
    while (path !== undefined) {
      const { text }: { text: string } = await auditor.get(path);
      seen.push(...(text.match(/page act \d+\./g) ?? []));
      const [, next] = /<a href="([^"]*after=\d+)"/.exec(text) ?? [];
      path = next?.replaceAll('&amp;', '&');
    }
    expect(seen).toEqual(Array.from({ length: 60 }, (_, n) => `page act ${60 - n}.`));
  });

  it('is exported with the filter, and the export is an act itself', async () => {
    await setLimit(900, '=HYPERLINK("x")');
    const csv = await auditor.get(`/audit/export?format=csv&object=${merchant.merchantId}`);
    expect(csv.headers.get('Content-Disposition')).toBe('attachment; filename="audit-log.csv"');
    expect(csv.text).toMatch(/^position,created_at,/);
    expect(csv.text).toContain(`'=HYPERLINK`);
    const lines = (await auditor.get('/audit/export?format=jsonl')).text.trimEnd().split('\n');
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({
      type: 'audit.exported',
      actor_id: auditor.operator?.id,
      after: { format: 'jsonl' },
    });
  });

  it('is exported at most twice at once by one operator', async () => {
    const operator = await console.signIn('finance');
    // The lock of the log keeps the exports from beginning to read.
    const lock = await gateway.database.db.transaction();
    await lock.raw('select from audit_head for update');
    const exports = [1, 2, 3].map(() => operator.get('/audit/export'));
    await Promise.race(exports);
    await lock.rollback();
    const statuses = (await Promise.all(exports)).map(({ status }) => status);
    expect(statuses.sort()).toEqual([200, 200, 429]);
    expect((await operator.get('/audit/export')).status).toBe(200);
  });

  it('is for those who may read it in the whole gateway', async () => {
    const { merchantId } = merchant;
    const own = await console.signIn({ role: 'finance', merchantId });
    for (const path of ['/audit', '/audit/export']) {
      expect([path, (await own.get(path)).status]).toEqual([path, 403]);
      expect((await (await console.signIn('support')).get(path)).status).toBe(403);
      expect((await (await console.signIn('finance')).get(path)).status).toBe(200);
    }
    expect((await own.post('/audit/verify')).status).toBe(403);
  });

  it('is verified, also against a head that was kept, and names a row that was changed', async () => {
    const { text } = await auditor.post('/audit/verify');
    expect(text).toContain('Nothing was changed or removed');
    const [head = ''] = /\d+:[0-9a-f]{64}/.exec(text) ?? [];
    expect((await auditor.post('/audit/verify', { kept: head })).text).toContain('Nothing was changed');
    expect((await auditor.post('/audit/verify', { kept: '12' })).status).toBe(400);
    const other = `1:${'a'.repeat(64)}`;
    expect((await auditor.post('/audit/verify', { kept: other })).text).toContain(
      'Row 1 has another hash than the head that was kept',
    );
    await gateway.deps.db.raw(
      "alter table audit_log disable trigger user; update audit_log set reason = 'x', before = 'no JSON' where position = 2",
    );
    expect((await auditor.post('/audit/verify')).text).toContain('Row 2 was changed');
    expect((await auditor.get(`/audit?object=${merchant.merchantId}`)).status).toBe(200);
  });
});
