import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  type CounterFactory,
  clusterCounters,
  memoryCounters,
  redisCounters,
} from '../../../src/http/rate-limits/counters.ts';
import { connectRedis } from '../../../src/http/rate-limits/redis.ts';
import { createLog } from '../../../src/lib/log.ts';
import { createMetrics } from '../../../src/lib/metrics.ts';
import { hasRedis, startRedis, type TestRedis } from '../../support/redis.ts';

async function countTo(factory: CounterFactory, scope: string, requests: number): Promise<number[]> {
  const counter = factory(scope);
  const windows = await Promise.all(Array.from({ length: requests }, () => counter.increment('key')));
  return windows.map(({ count }) => count).sort((a, b) => a - b);
}

describe('counters in memory', () => {
  it('count each request once, separately by key and scope', async () => {
    expect(await countTo(memoryCounters, 'a', 100)).toEqual(
      Array.from({ length: 100 }, (_, index) => index + 1),
    );
    const counter = memoryCounters('b');
    await counter.increment('one');
    expect((await counter.increment('two')).count).toBe(1);
    expect((await counter.read('one'))?.count).toBe(1);
    expect(await counter.read('three')).toBeUndefined();
  });
});

describe('counters of several processes', () => {
  it('count locally while the primary process does not answer', async () => {
    // This process has no primary, so every count ends with the time-out of the library.
    const counter = clusterCounters('orphan');
    expect(await countTo(clusterCounters, 'orphans', 2)).toEqual([1, 2]);
    expect(await counter.read('key')).toBeUndefined();
  });
});

describe('a window', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it('lasts a minute from its first request, to the millisecond', async () => {
    vi.useFakeTimers();
    const counter = memoryCounters('edge');
    await counter.increment('key');
    await vi.advanceTimersByTimeAsync(59_999);
    expect(await counter.increment('key')).toEqual({ count: 2, resetInMs: 1 });
    await vi.advanceTimersByTimeAsync(1);
    expect(await counter.increment('key')).toEqual({ count: 1, resetInMs: 60_000 });
  });
});

describe('a window in memory, whatever happens to the wall clock,', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it.each([-86_400_000, -3_600_000, 3_600_000, 86_400_000])(
    'ends within a minute, and says so, after the clock was set by %i ms',
    async (stepMs) => {
      vi.useFakeTimers();
      const counter = memoryCounters('stepped');
      await counter.increment('key');
      vi.setSystemTime(Date.now() + stepMs);
      const { resetInMs } = await counter.increment('key');
      expect(resetInMs).toBeGreaterThanOrEqual(0);
      expect(resetInMs).toBeLessThanOrEqual(60_000);
      await vi.advanceTimersByTimeAsync(60_000);
      expect((await counter.increment('key')).count).toBe(1);
    },
  );
});

describe.skipIf(!hasRedis)('counters in Redis (needs redis-server)', () => {
  let redis: TestRedis;
  const lines: string[] = [];
  const log = createLog('info', { write: (line) => void lines.push(line) });
  const metrics = createMetrics();
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());

  it('count for all nodes together, to the request', async () => {
    const clients = [
      connectRedis(redis.url, log, metrics, Math.random),
      connectRedis(redis.url, log, metrics, Math.random),
    ];
    await expect.poll(() => clients.every(({ status }) => status === 'ready')).toBe(true);
    const counts = await Promise.all(clients.map((client) => countTo(redisCounters(client), 'shared', 500)));
    expect(counts.flat().sort((a, b) => a - b)).toEqual(
      Array.from({ length: 1000 }, (_, index) => index + 1),
    );
    for (const client of clients) {
      client.disconnect();
    }
  });

  it('count locally while Redis is unavailable, log it, and return to Redis by themselves', async () => {
    const client = connectRedis(redis.url, log, metrics, Math.random);
    await expect.poll(() => client.status).toBe('ready');
    const counter = redisCounters(client)('away');
    for (let index = 0; index < 3; index += 1) {
      await counter.increment('key');
    }
    await redis.kill();
    expect((await counter.increment('key')).count).toBe(1);
    await expect.poll(() => lines.join('')).toContain('lost Redis');
    await expect
      .poll(async () => (await metrics.render()).text)
      .toContain('pgw_rate_limit_shared_counters_available 0');
    await redis.start();
    await expect.poll(() => client.status).toBe('ready');
    expect((await counter.increment('key')).count).toBe(1);
    await expect
      .poll(async () => (await metrics.render()).text)
      .toContain('pgw_rate_limit_shared_counters_available 1');
    client.disconnect();
  });

  describe('that refuses or ignores commands on an open connection', () => {
    let admin: Redis;
    beforeAll(() => {
      admin = new Redis(redis.url, { retryStrategy: () => 50 });
      admin.on('error', () => undefined);
    });
    afterAll(() => admin.disconnect());

    it.each<[string, RegExp, () => Promise<unknown>, () => Promise<unknown>]>([
      [
        'because it became a replica',
        /READONLY/,
        () => admin.replicaof('127.0.0.1', 1),
        () => admin.replicaof('NO', 'ONE'),
      ],
      [
        'because it has no memory left',
        /OOM/,
        () => admin.config('SET', 'maxmemory', '1'),
        () => admin.config('SET', 'maxmemory', '0'),
      ],
      [
        'because its user may not',
        /NOPERM/,
        () => admin.call('ACL', 'SETUSER', 'default', '-evalsha', '-eval'),
        () => admin.call('ACL', 'SETUSER', 'default', '+@all'),
      ],
      ['because it is frozen', /timed out/i, async () => redis.freeze(), async () => redis.thaw()],
    ])('%s is left for local counters at once, and used again by itself', async (_, reason, break_, mend) => {
      const said: string[] = [];
      const ownMetrics = createMetrics();
      const gauge = async () =>
        /^pgw_rate_limit_shared_counters_available (\d)/m.exec((await ownMetrics.render()).text)?.[1];
      const ownLog = createLog('info', { write: (line) => void said.push(line) });
      const client = connectRedis(redis.url, ownLog, ownMetrics, Math.random);
      await expect.poll(() => client.status, { timeout: 10_000 }).toBe('ready');
      expect(await gauge()).toBe('1');
      const counter = redisCounters(client)(`refused-${String(reason)}`);
      await counter.increment('key');
      await break_();
      // The first is counted here after its failure; all others do not wait for Redis at all.
      expect(await counter.increment('key')).toMatchObject({ count: 1 });
      expect(counter.increment('key')).toMatchObject({ count: 2 });
      expect(counter.read('key')).toMatchObject({ count: 2 });
      expect(await gauge()).toBe('0');
      expect(said.filter((line) => line.includes('lost Redis'))).toHaveLength(1);
      expect(said.join('')).toMatch(reason);
      await mend();
      await expect.poll(() => client.status, { timeout: 20_000 }).toBe('ready');
      expect(await gauge()).toBe('1');
      expect(said.filter((line) => line.includes('lost Redis'))).toHaveLength(1);
      client.disconnect();
    });

    it('logs neither the password that it refuses nor any other argument', async () => {
      const said: string[] = [];
      const ownLog = createLog('trace', { write: (line) => void said.push(line) });
      await admin.config('SET', 'requirepass', 'right');
      const url = redis.url.replace('//', '//:canary-of-a-password@');
      const client = connectRedis(url, ownLog, metrics, Math.random);
      await expect.poll(() => said.join('')).toContain('WRONGPASS');
      expect(redisCounters(client)('refused').increment('key')).toMatchObject({ count: 1 });
      client.disconnect();
      await admin.config('SET', 'requirepass', '');
      expect(said.filter((line) => line.includes('lost Redis'))).toHaveLength(1);
      expect(said.join('')).not.toMatch(/canary|args/);
    });
  });
});
