import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Db } from '../../../src/store/db/query.ts';
import { unblockNext } from '../../../src/store/webhooks/delivery-order.ts';
import { saveAccepted, saveFailed } from '../../../src/store/webhooks/delivery-outcomes.ts';
import {
  type ClaimedDelivery,
  type ClaimLimits,
  claimDeliveries,
  type InFlight,
} from '../../../src/store/webhooks/delivery-queue.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';

const NOW = new Date('2026-01-15T10:00:00Z');
const later = (seconds: number) => new Date(NOW.getTime() + seconds * 1000);
const LIMITS: ClaimLimits = { total: 100, perMerchant: 32, perEndpoint: 8, failing: 50 };

let database: TestDatabase;
let db: Db;
let made = 0;

beforeAll(async () => {
  database = await createTestDatabase();
  ({ db } = database);
});
afterAll(() => database.drop());
beforeEach(async () => {
  await db.raw('truncate webhook_deliveries, webhook_endpoints');
});

const idOf = (prefix: string, n: number) => `${prefix}_${String(n).padStart(26, '0')}`;

interface Settings {
  readonly merchant?: string;
  readonly status?: string;
  readonly failures?: number;
  readonly suspendedUntil?: Date;
  readonly maxPerSecond?: number;
}

async function newEndpoint({ merchant = 'm', status = 'enabled', ...settings }: Settings = {}) {
  made += 1;
  const id = idOf('we', made);
  await db.raw(
    "insert into merchants (id, name, created_at, updated_at) values (?, 'M', now(), now()) on conflict do nothing",
    [merchant],
  );
  await db.raw(
    `insert into webhook_endpoints (id, merchant_id, url, ordering, signature, status, disabled_reason, secrets, created_at,
       updated_at, failures, suspended_until, max_per_second)
     values (?, ?, 'https://shop.example.com/', 'none', 'hmac', ?, ?, 'sealed', now(), now(), ?, ?, ?)`,
    [
      ...[id, merchant, status, status === 'disabled' ? 'failing' : null, settings.failures ?? 0],
      ...[settings.suspendedUntil ?? null, settings.maxPerSecond ?? null],
    ],
  );
  return { id, merchant };
}

async function newDeliveries(
  endpoint: { readonly id: string; readonly merchant: string },
  count: number,
  { at = NOW, objectId = '', isOrdered = false } = {},
): Promise<void> {
  const first = made + 1;
  made += count;
  await db.raw(
    `insert into webhook_deliveries (id, endpoint_id, merchant_id, event_id, position, event_type, object_id, is_ordered,
       status, next_try_at, created_at)
     select 'wd_' || lpad(n::text, 26, '0'), :id, :merchant, 'evt_' || lpad(n::text, 26, '0'), n, 'payment_intent.created',
            coalesce(nullif(:objectId, ''), 'pi_' || n), :isOrdered, 'pending',
            cast(:at as timestamptz) - make_interval(secs => :last - n), :at
     from generate_series(cast(:first as int), cast(:last as int)) as n`,
    { ...endpoint, first, last: made, at, objectId, isOrdered },
  );
}

async function statusOf({ id }: { readonly id: string }): Promise<unknown> {
  const { rows } = await db.raw(
    'select status, tries, next_try_at, attempts from webhook_deliveries where id = ?',
    [id],
  );
  return rows[0];
}

const claim = async (now = NOW, limits: Partial<ClaimLimits> = {}, inFlight: InFlight[] = []) =>
  (await claimDeliveries(db, { ...LIMITS, ...limits }, inFlight, now)).deliveries;
function countBy(claimed: readonly ClaimedDelivery[], key: 'endpointId' | 'merchantId') {
  const counts: Record<string, number> = {};
  for (const delivery of claimed) {
    counts[delivery[key]] = (counts[delivery[key]] ?? 0) + 1;
  }
  return counts;
}
const attempt = (status: number) => ({
  at: NOW,
  durationMs: 3,
  status,
  problem: undefined,
  message: undefined,
  responseExcerpt: undefined,
});

describe('claiming deliveries', () => {
  it('takes those that are due, once, until their lease ends', async () => {
    const endpoint = await newEndpoint();
    await newDeliveries(endpoint, 2);
    await newDeliveries(endpoint, 1, { at: later(30) });
    expect(await claim()).toHaveLength(2);
    expect(await claim()).toEqual([]);
    expect(await claim(later(30))).toHaveLength(1);
    expect(await claim(later(61))).toHaveLength(2);
  });

  it('takes no more for an endpoint than it may have in flight, also over several claims', async () => {
    const endpoint = await newEndpoint();
    await newDeliveries(endpoint, 20);
    expect(await claim()).toHaveLength(8);
    const busy = [{ endpointId: endpoint.id, merchantId: endpoint.merchant, count: 6 }];
    expect(await claim(NOW, {}, busy)).toHaveLength(2);
    expect(await claim(NOW, {}, [{ ...busy[0], count: 8 } as InFlight])).toEqual([]);
  });

  it('takes the earliest first', async () => {
    const endpoint = await newEndpoint();
    await newDeliveries(endpoint, 20);
    const first = made - 19;
    const ids = (await claim(NOW, { total: 3 })).map(({ id }) => id);
    expect(ids.sort()).toEqual([first, first + 1, first + 2].map((n) => idOf('wd', n)));
  });

  it('serves merchants in turn, so that one with a large backlog delays no other', async () => {
    const large = await newEndpoint({ merchant: 'large' });
    const second = await newEndpoint({ merchant: 'large' });
    await newDeliveries(large, 500, { at: later(-60) });
    await newDeliveries(second, 500, { at: later(-60) });
    const small = await newEndpoint({ merchant: 'small' });
    await newDeliveries(small, 3);
    expect(countBy(await claim(NOW, { total: 6 }), 'merchantId')).toEqual({ large: 3, small: 3 });
  });

  it('takes no more for a merchant than it may have in flight', async () => {
    for (let n = 0; n < 6; n += 1) {
      await newDeliveries(await newEndpoint(), 20);
    }
    expect(await claim()).toHaveLength(32);
  });

  it('takes one at a time for an endpoint whose last try failed, and leaves capacity for healthy ones', async () => {
    for (let n = 0; n < 5; n += 1) {
      await newDeliveries(await newEndpoint({ merchant: `failing_${n}`, failures: 2 }), 20);
    }
    const healthy = await newEndpoint({ merchant: 'healthy' });
    await newDeliveries(healthy, 4);
    const claimed = await claim(NOW, { failing: 3 });
    expect(countBy(claimed, 'merchantId')).toMatchObject({ healthy: 4 });
    expect(claimed.filter(({ isFailing }) => isFailing)).toHaveLength(3);
  });

  it('takes one delivery of a suspended endpoint a period, whichever node asks', async () => {
    const endpoint = await newEndpoint({ failures: 5, suspendedUntil: later(60) });
    await newDeliveries(endpoint, 20);
    expect(await claim(later(59))).toEqual([]);
    expect(await claim(later(60))).toMatchObject([{ isProbe: true, isFailing: true }]);
    expect(await claim(later(61))).toEqual([]);
    expect(await claim(later(120))).toHaveLength(1);
  });

  it('ignores a suspension that a clock has set too far ahead', async () => {
    await newDeliveries(await newEndpoint({ failures: 5, suspendedUntil: later(86_400) }), 1);
    expect(await claim()).toHaveLength(1);
  });

  it.each(['paused', 'disabled'])('leaves those of a %s endpoint', async (status) => {
    await newDeliveries(await newEndpoint({ status }), 2);
    expect(await claim()).toEqual([]);
  });

  it('begins no more in a second than max_per_second, over all claims', async () => {
    await newDeliveries(await newEndpoint({ maxPerSecond: 3 }), 20);
    expect(await claim(NOW, { total: 2 })).toHaveLength(2);
    expect(await claim(later(0.5))).toHaveLength(1);
    expect(await claim(later(0.9))).toEqual([]);
    expect(await claim(later(1))).toHaveLength(3);
  });

  it('takes the deliveries of one object to an ordered endpoint one after the other', async () => {
    const endpoint = await newEndpoint();
    await newDeliveries(endpoint, 3, { objectId: 'pi_a', isOrdered: true });
    await newDeliveries(endpoint, 1, { objectId: 'pi_b', isOrdered: true });
    const claimed = await claim();
    expect(claimed).toHaveLength(2);
    const first = { id: claimed.map(({ id }) => id).sort()[0] ?? '' };
    await saveAccepted(db, { ...first, attempt: attempt(200), now: NOW });
    await unblockNext(db, first.id);
    expect((await claim()).map(({ id }) => id)).toEqual([idOf('wd', made - 2)]);
  });

  it('gives each delivery to one of several nodes that claim at once', async () => {
    for (let n = 0; n < 10; n += 1) {
      await newDeliveries(await newEndpoint({ merchant: `m_${n}` }), 5);
    }
    const nodes = Array.from({ length: 4 }, () => claim());
    const ids = (await Promise.all(nodes)).flat().map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    ids.push(...(await claim()).map(({ id }) => id));
    expect(new Set(ids).size).toBe(50);
  });
});

describe('the outcome of a delivery', () => {
  const fail = (delivery: ClaimedDelivery | undefined, nextTryAt: Date | undefined) => {
    const { id = '', tries = 0 } = delivery ?? {};
    return saveFailed(db, { id, tries, attempt: attempt(500), nextTryAt, now: NOW });
  };

  it('is stored with the attempt, of which the last twenty are kept', async () => {
    await newDeliveries(await newEndpoint(), 1);
    for (let n = 0; n < 21; n += 1) {
      const [delivery] = await claim();
      await fail(delivery, NOW);
    }
    const [last] = await claim();
    await saveAccepted(db, { id: last?.id ?? '', attempt: attempt(204), now: NOW });
    const stored = (await statusOf({ id: last?.id ?? '' })) as { attempts: { status: number }[] };
    expect(stored).toMatchObject({ status: 'succeeded', tries: 22, next_try_at: null });
    expect(stored.attempts).toHaveLength(20);
    expect(stored.attempts.at(-1)).toMatchObject({ status: 204, duration_ms: 3 });
  });

  it('ends the delivery when there are no further tries', async () => {
    await newDeliveries(await newEndpoint(), 1);
    const [delivery] = await claim();
    await fail(delivery, undefined);
    expect(await statusOf({ id: delivery?.id ?? '' })).toMatchObject({ status: 'failed', next_try_at: null });
  });

  it('changes nothing when the lease has ended and another process has tried since', async () => {
    await newDeliveries(await newEndpoint(), 1);
    const [slow] = await claim();
    const [other] = await claim(later(61));
    await fail(other, later(120));
    await fail(slow, undefined);
    expect(await statusOf({ id: slow?.id ?? '' })).toMatchObject({ status: 'pending', tries: 1 });
  });

  it('is success when any process was accepted, however late it stores it', async () => {
    await newDeliveries(await newEndpoint(), 1);
    const [slow] = await claim();
    const [other] = await claim(later(61));
    await fail(other, later(120));
    await saveAccepted(db, { id: slow?.id ?? '', attempt: attempt(200), now: NOW });
    expect(await statusOf({ id: slow?.id ?? '' })).toMatchObject({ status: 'succeeded' });
    await fail(other, later(180));
    expect(await statusOf({ id: slow?.id ?? '' })).toMatchObject({ status: 'succeeded' });
  });
});
