import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { redisCounters } from '../../src/http/rate-limits/counters.ts';
import { connectRedis } from '../../src/http/rate-limits/redis.ts';
import { createMetrics } from '../../src/lib/metrics.ts';
import { revokeApiKey } from '../../src/services/operator/api-keys.ts';
import { BY_TEST } from '../support/acts.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { startTestGateway, type TestGateway, type TestMerchant } from '../support/gateway.ts';
import { hasRedis, startRedis, type TestRedis } from '../support/redis.ts';
import { silentLog } from '../support/silent-log.ts';

const PATH = '/v1/payment_intents';

/** Sends `total` requests to the nodes in turn, `atOnce` concurrently, and counts the statuses. */
async function sendMany(
  nodes: TestGateway[],
  merchant: TestMerchant,
  total: number,
  atOnce: number,
): Promise<Record<number, number>> {
  const statuses: Record<number, number> = {};
  let sent = 0;
  const client = async () => {
    while (sent < total) {
      const node = nodes[sent++ % nodes.length];
      const status = (await node?.request('GET', `${PATH}?limit=1`, { as: merchant }))?.status ?? 0;
      statuses[status] = (statuses[status] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, client));
  return statuses;
}

describe('two nodes on one database', () => {
  let database: TestDatabase;
  let nodes: [TestGateway, TestGateway];
  beforeAll(async () => {
    database = await createTestDatabase();
    nodes = [await startTestGateway({ database }), await startTestGateway({ database })];
  });
  afterAll(async () => {
    await Promise.all(nodes.map((node) => node.close()));
    await database.drop();
  });

  it('a request repeated at another node gets the stored response', async () => {
    const merchant = await nodes[0].newMerchant();
    const body = { amount: 1, currency: 'JPY', payment_method_types: ['cash'], merchant_ref_id: 'r' };
    const create = (node: TestGateway) =>
      node.request('POST', PATH, { as: merchant, body, headers: { 'Idempotency-Key': 'k' } });
    const first = await create(nodes[0]);
    const second = await create(nodes[1]);
    expect([second.body, second.headers.get('Idempotent-Replayed')]).toEqual([first.body, 'true']);
  });

  it('a key revoked at one node is refused by the other', async () => {
    const merchant = await nodes[0].newMerchant();
    const list = () => nodes[1].request('GET', PATH, { as: merchant });
    expect((await list()).status).toBe(200);
    await revokeApiKey(nodes[0].deps, BY_TEST, merchant.apiKey);
    await expect.poll(async () => (await list()).status).toBe(401);
  });
});

describe.skipIf(!hasRedis)('two nodes on one Redis (needs redis-server)', () => {
  let redis: TestRedis;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());

  it('pass exactly 300 of 900 requests against a limit of 300', async () => {
    const database = await createTestDatabase(20);
    const clients = [
      connectRedis(redis.url, silentLog, createMetrics(), Math.random),
      connectRedis(redis.url, silentLog, createMetrics(), Math.random),
    ];
    await expect.poll(() => clients.every(({ status }) => status === 'ready')).toBe(true);
    const limits = { global: 100_000, merchant: 300 };
    const nodes = await Promise.all(
      clients.map((client) => startTestGateway({ database, limits, counters: redisCounters(client) })),
    );
    const merchant = await (nodes[0] as TestGateway).newMerchant();
    // Few at once, because a node counts alone when Redis does not answer within 250 ms.
    expect(await sendMany(nodes, merchant, 900, 8)).toEqual({ 200: 300, 429: 600 });
    await Promise.all(nodes.map((node) => node.close()));
    for (const client of clients) {
      client.disconnect();
    }
    await database.drop();
  });
});
