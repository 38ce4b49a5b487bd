/**
 * The inbox of PayPay's webhooks in the console.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { listActsOnObject } from '../../../src/store/audit/audit-log.ts';
import { finishWebhook, insertWebhook } from '../../../src/store/provider-webhooks.ts';
import { type ConsoleClient, startTestConsole, type TestConsole } from '../../support/console.ts';
import { startTestGateway, type TestGateway } from '../../support/gateway.ts';

let gateway: TestGateway;
let console: TestConsole;
let support: ConsoleClient;
let inserted = 0;

beforeAll(async () => {
  gateway = await startTestGateway();
  console = await startTestConsole(gateway.deps);
});

beforeEach(async () => {
  support = await console.signIn('support');
});

afterAll(async () => {
  await console.close();
  await gateway.close();
});

async function webhook(body: string, attemptId?: string): Promise<number> {
  inserted += 1;
  const { id } = await insertWebhook(
    gateway.deps.db,
    {
      provider: 'PAYPAY',
      dedupeKey: `key_${inserted}`,
      type: 'Transaction',
      attemptId,
      providerPaymentId: undefined,
      body: Buffer.from(body),
      peerAddress: undefined,
    },
    gateway.deps.clock.now(),
  );
  return id;
}

function finish(id: number, status: 'processed' | 'ignored' | 'orphaned', note?: string): Promise<void> {
  return finishWebhook(gateway.deps.db, id, status, note, gateway.deps.clock.now());
}

describe('the inbox', () => {
  it('lists webhooks by status, newest first and page by page', async () => {
    const orphaned = await webhook('{}');
    const processed = await webhook('{}');
    await finish(orphaned, 'orphaned', 'unknown_reference');
    await finish(processed, 'processed');
    const { text } = await support.get('/inbox?status=orphaned');
    expect(text).toMatch(new RegExp(`/inbox/${orphaned}"[\\s\\S]*unknown_reference`));
    expect(text).not.toContain(`/inbox/${processed}"`);
    for (let n = 0; n < 50; n += 1) {
      await finish(await webhook('{}'), 'orphaned');
    }
    const first = (await support.get('/inbox?status=orphaned')).text;
    expect(first).not.toContain(`/inbox/${orphaned}"`);
    const next = /href="(\/inbox\?[^"]*after=[^"]*)"/.exec(first)?.[1]?.replaceAll('&amp;', '&') ?? '';
    expect((await support.get(next)).text).toContain(`/inbox/${orphaned}"`);
  });

  it('leads to the payment that a webhook is about', async () => {
    const merchant = await gateway.newMerchant();
    const intent = await gateway.newIntent(merchant);
    await gateway.confirm(intent);
    const [attempt] = await gateway.deps.db('payment_attempts').select('id').where({ intent_id: intent.id });
    const id = await webhook('{}', attempt.id);
    expect((await support.get('/inbox')).text).toContain(`/payments/${intent.id}`);
    expect((await support.get(`/inbox/${id}`)).text).toContain(`/payments/${intent.id}`);
  });

  it('is for operators of the whole gateway', async () => {
    const limited = await console.signIn({
      role: 'support',
      merchantId: (await gateway.newMerchant()).merchantId,
    });
    expect((await limited.get('/inbox')).status).toBe(403);
  });
});

describe('a webhook of the inbox', () => {
  it('shows its content as text, bounded and without secrets', async () => {
    const long = 'x'.repeat(40_000);
    const id = await webhook(
      JSON.stringify({ state: '<b>PAID</b>', access_token: 's3cret-1', nested: { apiKey: 's3cret-2' } }),
    );
    const cut = await webhook(`{"state":"<i>","client_secret":"s3cret-3","long":"${long}"}`);
    const page = await support.get(`/inbox/${id}`);
    expect(page.text).toContain('&lt;b&gt;PAID&lt;/b&gt;');
    const cutPage = await support.get(`/inbox/${cut}`);
    expect(cutPage.text).toContain('&lt;i&gt;');
    expect(cutPage.text.length).toBeLessThan(40_000);
    expect(page.text + cutPage.text).not.toMatch(/s3cret/);
  });

  it('is processed again with a reason, which the audit log keeps', async () => {
    const id = await webhook('{}');
    await finish(id, 'ignored', 'timeout');
    const replayed = await support.post(`/inbox/${id}/replay`, { reason: 'PayPay is back' });
    expect(replayed.location).toBe(`/inbox/${id}?done=replayed`);
    expect((await support.get(replayed.location ?? '')).text).toContain('role="status"');
    const [row] = await gateway.deps.db('provider_webhooks').select('status').where({ id });
    expect(row).toEqual({ status: 'received' });
    const acts = await listActsOnObject(gateway.deps.db, 'provider_webhook', String(id), 5);
    expect(acts.map(({ type, reason }) => [type, reason])).toEqual([
      ['provider_webhook.replayed', 'PayPay is back'],
    ]);
  });

  it('is not processed again without a reason, and is not found when there is none', async () => {
    const id = await webhook('{}');
    expect((await support.post(`/inbox/${id}/replay`, { reason: ' ' })).status).toBe(400);
    for (const path of ['/inbox/999999', '/inbox/one', '/inbox/99999999999999999999']) {
      expect((await support.get(path)).status).toBe(404);
      expect((await support.post(`${path}/replay`, { reason: 'Try it' })).status).toBe(404);
    }
  });
});
