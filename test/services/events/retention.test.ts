import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/lib/clock.ts';
import type { ServiceDeps } from '../../../src/services/deps.ts';
import { removeEvents } from '../../../src/services/jobs/remove-events.ts';
import { eventually } from '../../support/eventually.ts';
import { sequenceUntil } from '../../support/feed.ts';
import { startTestGateway, type TestGateway } from '../../support/gateway.ts';

const DAY_MS = 24 * 3_600_000;

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway();
});

afterAll(() => gateway.close());

/** The gateway's dependencies this many days later. */
function later(days: number): ServiceDeps {
  const now = () => new Date(systemClock.now().getTime() + days * DAY_MS);
  return { ...gateway.deps, clock: { ...systemClock, now } };
}

async function days(): Promise<number> {
  const { rows } = await gateway.database.db.raw(
    "select count(*)::int as count from pg_inherits where inhparent = 'events'::regclass",
  );
  return rows[0].count;
}

describe('events of a day', () => {
  it('are removed after 30 days, and then a cursor before them is refused', async () => {
    const merchant = await gateway.newMerchant();
    await gateway.newIntent(merchant);
    const first = await sequenceUntil(gateway, merchant, 1);
    const list = (after: string) => gateway.request('GET', `/v1/events?after=${after}`, { as: merchant });
    const [epoch] = first.body.next_cursor.split('-');
    // Partitions of today and of tomorrow, which the sequencer creates ahead.
    expect(await days()).toBe(2);

    expect(await removeEvents(later(30), { limit: 10, concurrency: 1 })).toMatchObject({ done: 0 });
    expect((await list(`${epoch}-0`)).body.data).toHaveLength(1);

    await eventually(async () => {
      await removeEvents(later(31), { limit: 10, concurrency: 1 });
      expect(await days()).toBe(1);
    });
    const refused = await list(`${epoch}-0`);
    expect(refused).toMatchObject({
      status: 410,
      body: { details: { oldest_cursor: first.body.next_cursor } },
    });
    const { id } = first.body.data[0];
    expect((await gateway.request('GET', `/v1/events/${id}`, { as: merchant })).status).toBe(404);
    expect((await list(first.body.next_cursor)).status).toBe(200);
    expect((await list('oldest')).body.data).toEqual([]);
  });
});
