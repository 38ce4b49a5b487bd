/**
 * The order of the deliveries of one object, and its races: one side is held between its statement and its commit while the
 * other one runs on another connection.
 */
import type { Knex } from 'knex';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Db, inTransaction, query } from '../../../src/store/db/query.ts';
import { makeDue } from '../../../src/store/webhooks/deliveries.ts';
import { unblockNext, unblockObjects } from '../../../src/store/webhooks/delivery-order.ts';
import { saveAccepted } from '../../../src/store/webhooks/delivery-outcomes.ts';
import { claimDeliveries } from '../../../src/store/webhooks/delivery-queue.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { watchedDb } from '../../support/watched-db.ts';

const NOW = new Date('2026-01-15T10:00:00Z');
const LIMITS = { total: 100, perMerchant: 32, perEndpoint: 8, failing: 50 };
const ENDPOINT = idOf('we', 1);
const ATTEMPT = {
  at: NOW,
  durationMs: 3,
  status: 200,
  problem: undefined,
  message: undefined,
  responseExcerpt: undefined,
};

let database: TestDatabase;
let db: Db;

beforeAll(async () => {
  database = await createTestDatabase();
  ({ db } = database);
  await db.raw("insert into merchants (id, name, created_at, updated_at) values ('m', 'M', now(), now())");
  await db.raw(
    `insert into webhook_endpoints (id, merchant_id, url, ordering, signature, status, secrets, created_at, updated_at)
     values (?, 'm', 'https://shop.example.com/', 'per_payment_intent', 'hmac', 'enabled', 'sealed', now(), now())`,
    [ENDPOINT],
  );
});
afterAll(() => database.drop());
beforeEach(() => db.raw('truncate webhook_deliveries'));

function idOf(prefix: string, n: number): string {
  return `${prefix}_${String(n).padStart(26, '0')}`;
}

const wd = (n: number) => idOf('wd', n);

/** Inserts due deliveries with these positions, which are also their ids. */
async function insert(positions: readonly number[], { objectId = 'pi_a', on = db } = {}): Promise<void> {
  await query(
    on,
    `insert into webhook_deliveries (id, endpoint_id, merchant_id, event_id, position, event_type, object_id, is_ordered,
       status, next_try_at, created_at)
     select 'wd_' || lpad(n::text, 26, '0'), :endpoint, 'm', 'evt_' || n, n, 'payment_intent.created', :objectId, true,
            'pending', cast(:now as timestamptz) - interval '1 hour' + n * interval '1 ms', :now
     from unnest(cast(:positions as int[])) as n`,
    { endpoint: ENDPOINT, objectId, now: NOW, positions },
  );
}

const claimOn = async (on: Db) => {
  const { deliveries, blocked } = await claimDeliveries(on, LIMITS, [], NOW);
  return { taken: deliveries.map(({ id }) => id), blocked };
};
const claim = () => claimOn(db);
const end = (id: string, on = db) => saveAccepted(on, { id, attempt: ATTEMPT, now: NOW });

async function endAndUnblock(id: string): Promise<void> {
  await end(id);
  await unblockNext(db, id);
}

/** Begins a transaction, and returns a function that commits it. */
async function begin(work: (trx: Db) => Promise<unknown>): Promise<() => Promise<void>> {
  const trx = await (db as Knex).transaction();
  await work(trx);
  return async () => {
    await trx.commit();
  };
}

describe('deliveries of one object to an ordered endpoint', () => {
  it('are sent one after the other, and only one claim reads those that wait', async () => {
    await insert([1, 2, 3]);
    expect(await claim()).toEqual({ taken: [wd(1)], blocked: 2 });
    expect(await claim()).toEqual({ taken: [], blocked: 0 });
    for (const [ended, next] of [
      [1, 2],
      [2, 3],
    ] as const) {
      await endAndUnblock(wd(ended));
      expect(await claim()).toEqual({ taken: [wd(next)], blocked: 0 });
    }
  });

  it('do not delay those of other objects, however many of them are due before', async () => {
    await insert(Array.from({ length: 100 }, (_, n) => n + 1));
    await insert([200], { objectId: 'pi_b' });
    const taken: string[] = [];
    for (let run = await claim(); run.taken.length + run.blocked > 0; run = await claim()) {
      taken.push(...run.taken);
    }
    expect(taken).toEqual([wd(1), wd(200)]);
  });

  it('wait for an earlier one that is sent again, and go on after it', async () => {
    await insert([1]);
    await end(wd(1));
    await insert([2, 3]);
    await makeDue(db, [wd(1)], NOW);
    expect(await claim()).toEqual({ taken: [wd(1)], blocked: 2 });
    await endAndUnblock(wd(1));
    expect(await claim()).toEqual({ taken: [wd(2)], blocked: 0 });
  });

  it('can be sent again after they were accepted while they waited', async () => {
    await insert([1, 2]);
    await claim();
    // Another process had claimed it before, and stores its outcome only now.
    await endAndUnblock(wd(2));
    await endAndUnblock(wd(1));
    await makeDue(db, [wd(2)], NOW);
    expect(await claim()).toEqual({ taken: [wd(2)], blocked: 0 });
  });

  it('wait for the first one that is pending when one in between ends before it', async () => {
    await insert([1, 2, 3]);
    await claim();
    await endAndUnblock(wd(2));
    expect(await claim()).toEqual({ taken: [], blocked: 0 });
    await endAndUnblock(wd(1));
    expect(await claim()).toEqual({ taken: [wd(3)], blocked: 0 });
  });
});

describe('no delivery stays blocked', () => {
  it('when the one before it ends while a claim is finding it blocked', async () => {
    await insert([1, 2]);
    await claimOnlyFirst();
    let isFirst = true;
    const racing = watchedDb((sql, bindings, options) => {
      if (!isFirst) {
        return db.raw(sql, bindings).options(options);
      }
      isFirst = false;
      return inTransaction(db, async (trx) => {
        const claimed = await trx.raw(sql, bindings).options(options);
        // The mark is not committed, so this does not see it.
        await endAndUnblock(wd(1));
        return claimed;
      });
    });
    expect(await claimOn(racing)).toEqual({ taken: [], blocked: 1 });
    expect(await claim()).toEqual({ taken: [wd(2)], blocked: 0 });
  });

  it('when a claim finds it blocked while the end of the one before it is not committed', async () => {
    await insert([1, 2]);
    await claimOnlyFirst();
    const commit = await begin((trx) => end(wd(1), trx));
    expect(await claim()).toEqual({ taken: [], blocked: 1 });
    await commit();
    await unblockNext(db, wd(1));
    expect(await claim()).toEqual({ taken: [wd(2)], blocked: 0 });
  });

  it('when the two before it end at once', async () => {
    await insert([1]);
    await end(wd(1));
    await insert([2]);
    await claim();
    await makeDue(db, [wd(1)], NOW);
    await insert([3]);
    expect(await claim()).toEqual({ taken: [wd(1)], blocked: 1 });
    const commits = [await begin((trx) => end(wd(1), trx)), await begin((trx) => end(wd(2), trx))];
    for (const [index, commit] of commits.entries()) {
      await commit();
      await unblockNext(db, wd(index + 1));
    }
    expect(await claim()).toEqual({ taken: [wd(3)], blocked: 0 });
  });

  it('when it is inserted while the one before it ends', async () => {
    await insert([1]);
    await claim();
    const commit = await begin((trx) => insert([2], { on: trx }));
    await endAndUnblock(wd(1));
    await commit();
    expect(await claim()).toEqual({ taken: [wd(2)], blocked: 0 });
  });

  it('when processes end and claim deliveries of the same objects at once', async () => {
    const objects = ['pi_a', 'pi_b', 'pi_c'];
    for (const [index, objectId] of objects.entries()) {
      await insert(
        Array.from({ length: 30 }, (_, n) => 3 * n + index + 1),
        { objectId },
      );
    }
    const taken: string[] = [];
    const node = async () => {
      for (let idleRuns = 0; idleRuns < 3; ) {
        const run = await claim();
        taken.push(...run.taken);
        await Promise.all(run.taken.map(endAndUnblock));
        idleRuns = run.taken.length + run.blocked > 0 ? 0 : idleRuns + 1;
      }
    };
    await Promise.all([node(), node(), node()]);
    // Each node may have been idle while another one was still ending a delivery.
    await node();
    expect(taken.sort()).toEqual(Array.from({ length: 90 }, (_, n) => wd(n + 1)));
    const left = await query(db, `select id from webhook_deliveries where status = 'pending'`);
    expect(left).toEqual([]);
  });
});

describe('deliveries that a process has left blocked', () => {
  it('are found, a limited number of objects at a time, and only the first of each object', async () => {
    for (const [index, objectId] of ['pi_a', 'pi_b', 'pi_c'].entries()) {
      await insert(
        [1, 2, 3].map((n) => 10 * index + n),
        { objectId },
      );
    }
    expect((await claim()).taken).toHaveLength(3);
    await end(wd(1));
    await end(wd(21));
    expect(await claim()).toEqual({ taken: [], blocked: 0 });

    const first = await unblockObjects(db, undefined, 2);
    expect(first).toEqual({ unblocked: 1, last: { endpointId: ENDPOINT, objectId: 'pi_b' } });
    expect((await claim()).taken).toEqual([wd(2)]);
    expect(await unblockObjects(db, first.last, 2)).toEqual({ unblocked: 1, last: undefined });
    expect(await claim()).toEqual({ taken: [wd(22)], blocked: 0 });
    expect(await unblockObjects(db, undefined, 2)).toMatchObject({ unblocked: 0 });
  });

  it('are none when nothing is pending', async () => {
    expect(await unblockObjects(db, undefined, 2)).toEqual({ unblocked: 0, last: undefined });
  });
});

/** Claims the first of two deliveries as if the second one had not been due. */
async function claimOnlyFirst(): Promise<void> {
  await db.raw('update webhook_deliveries set next_try_at = ? where id = ?', [
    new Date(NOW.getTime() + 1),
    wd(2),
  ]);
  expect(await claim()).toEqual({ taken: [wd(1)], blocked: 0 });
  await db.raw('update webhook_deliveries set next_try_at = ? where id = ?', [NOW, wd(2)]);
}
