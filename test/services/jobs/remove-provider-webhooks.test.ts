import { afterAll, beforeAll, expect, it } from 'vitest';
import { removeProviderWebhooks } from '../../../src/services/jobs/remove-provider-webhooks.ts';
import { startTestGateway, type TestGateway } from '../../support/gateway.ts';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.close());

const DAY_MS = 24 * 3_600_000;
const runOnce = (limit = 100) => removeProviderWebhooks(gateway.deps, { limit, concurrency: 1 });
const left = async (): Promise<string[]> =>
  (await gateway.database.db('provider_webhooks').orderBy('dedupe_key')).map(({ dedupe_key }) => dedupe_key);

async function store(dedupeKey: string, status: string, ageDays: number): Promise<void> {
  const at = new Date(gateway.deps.clock.now().getTime() - ageDays * DAY_MS);
  await gateway.database.db('provider_webhooks').insert({
    provider: 'PAYPAY',
    dedupe_key: dedupeKey,
    type: 'Transaction',
    body: Buffer.from('{}'),
    status,
    received_at: at,
    ...(status === 'received' ? { next_try_at: at } : { processed_at: at }),
  });
}

it('removes webhooks 30 days after they were processed, and keeps the waiting and the orphaned', async () => {
  await store('ignored_old', 'ignored', 31);
  await store('orphaned_old', 'orphaned', 400);
  await store('processed_new', 'processed', 29);
  await store('processed_old', 'processed', 31);
  await store('received_old', 'received', 31);
  expect(await runOnce()).toEqual({ taken: 2, done: 2, failed: 0 });
  expect(await left()).toEqual(['orphaned_old', 'processed_new', 'received_old']);
});

it('removes the oldest first, a bounded number a run', async () => {
  for (const age of [40, 42, 41]) {
    await store(`batch_${age}`, 'processed', age);
  }
  expect((await runOnce(2)).taken).toBe(2);
  expect((await left()).filter((key) => key.startsWith('batch'))).toEqual(['batch_40']);
  await gateway.runPasses('old-webhooks');
  expect((await left()).filter((key) => key.startsWith('batch'))).toEqual([]);
});

it('finds them by an index', async () => {
  const { db } = gateway.database;
  await db.raw(`
    insert into provider_webhooks (provider, dedupe_key, type, body, status, received_at, processed_at)
    select 'PAYPAY', 'many_' || n, 'Transaction', '\\x00', 'processed', now(), now() - n * interval '1 minute'
    from generate_series(1, 20000) n;
    analyze provider_webhooks`);
  const { rows } = await db.raw(`
    explain select id from provider_webhooks
    where status in ('processed', 'ignored') and processed_at < now() - interval '30 days'
    order by processed_at limit 1000 for update skip locked`);
  expect(JSON.stringify(rows)).toContain('provider_webhooks_to_remove');
});
