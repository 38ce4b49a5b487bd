import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../../src/lib/ids.ts';
import { numberEvents } from '../../../src/services/events/number-events.ts';
import { type Db, inTransaction } from '../../../src/store/db/query.ts';
import { type FeedStart, readFeed } from '../../../src/store/events/feed.ts';
import { hasUnnumberedEvents } from '../../../src/store/events/sequencer.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { eventually } from '../../support/eventually.ts';
import { APPEND, insertIntents } from './random-writers.ts';

const NOW = new Date('2026-01-15T10:00:00Z');
const TYPE = 'payment_intent.processing';

let database: TestDatabase;
let merchants = 0;

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(() => database.drop());

/**
 * Numbers until nothing is left of the transactions below `upTo`, by default of all that have written rows.
 * @returns the rows taken by each run
 */
async function sequence(limit = 1_000, upTo?: string): Promise<number[]> {
  await eventually(async () => expect(await isHorizonAt(upTo)).toBe(true));
  const runs: number[] = [];
  for (;;) {
    const { taken } = await inTransaction(database.db, (trx) => numberEvents(trx, NOW, limit));
    if (taken === 0) {
      return runs;
    }
    runs.push(taken);
  }
}

/** Transactions of other test files hold back the horizon of the whole server for a moment. */
async function isHorizonAt(upTo: string | undefined): Promise<boolean> {
  const { rows } = await database.db.raw(
    `select coalesce(?::xid8, max(xact::text::bigint + 1)::text::xid8) <= pg_snapshot_xmin(pg_current_snapshot())
       as is_reached
     from payment_events where xact < '7000000000'`,
    [upTo ?? null],
  );
  return rows[0].is_reached;
}

async function xactOf(trx: Db): Promise<string> {
  const { rows } = await trx.raw('select pg_current_xact_id()::text as xact');
  return rows[0].xact;
}

/** A merchant with this number of intents. */
async function newIntents(count: number): Promise<{ merchantId: string; ids: string[] }> {
  merchants += 1;
  const merchantId = `merchant_${merchants}`;
  const ids = Array.from({ length: count }, () => newId('pi', NOW));
  await insertIntents(database.db, merchantId, ids);
  return { merchantId, ids };
}

async function versionsOf(merchantId: string): Promise<number[]> {
  const { rows } = await database.db.raw(
    'select version from events where merchant_id = ? order by position',
    [merchantId],
  );
  return rows.map(({ version }: { version: number }) => version);
}

async function rowsOf(ids: string[]): Promise<number[]> {
  const { rows } = await database.db.raw(
    'select id::int from payment_events where intent_id = any(?) order by id',
    [ids],
  );
  return rows.map(({ id }: { id: number }) => id);
}

async function headOf(merchantId: string): Promise<FeedStart & object> {
  const { epoch, head } = await readFeed(
    database.db,
    { merchantId, types: undefined, storeIds: undefined, limit: 1 },
    'now',
  );
  return { epoch, position: head };
}

/** Writes one event as a transaction of its own. */
async function append(id: string | undefined): Promise<void> {
  await database.db.raw(APPEND, [id ?? '', TYPE]);
}

describe('the order of events', () => {
  it('is kept when a transaction that is older than the one it waited for ends below the horizon', async () => {
    const { merchantId, ids } = await newIntents(2);
    const [first = '', second = ''] = ids;
    const early = await database.db.transaction();
    await early.raw('select pg_current_xact_id()');
    const old = await database.db.transaction();
    await old.raw(APPEND, [second, TYPE]);
    const late = await database.db.transaction();
    await late.raw(APPEND, [first, TYPE]);
    await late.commit();
    // It is older than `late`, but its row is the younger one of the intent. `old` is between the two.
    await early.raw(APPEND, [first, TYPE]);
    await early.commit();
    await sequence(1_000, await xactOf(old));
    const seen = await versionsOf(merchantId);
    await old.commit();
    await sequence();
    expect(seen).toEqual([]);
    const rows = await rowsOf([first]);
    const { rows: numbered } = await database.db.raw(
      'select version from events where object_id = ? order by position',
      [first],
    );
    expect(numbered.map(({ version }: { version: number }) => version)).toEqual(rows);
    expect((await versionsOf(merchantId)).length).toBe(3);
  });

  it('does not wait for rows far ahead that belong to one transaction', async () => {
    const { merchantId, ids } = await newIntents(12);
    await database.db.raw(
      `insert into payment_events (intent_id, type, actor, created_at, merchant_event)
       select id, 'created', 'test', now(), 'payment_intent.created' from unnest(?::text[]) as id`,
      [ids],
    );
    expect(await sequence(5)).toEqual([5, 5, 2]);
    expect(await versionsOf(merchantId)).toEqual(await rowsOf(ids));
  });
});

describe('a transaction that is still running', () => {
  it('holds back the events of later ones, which then follow without a gap', async () => {
    const { merchantId, ids } = await newIntents(2);
    const before = await headOf(merchantId);
    const open = await database.db.transaction();
    await open.raw(APPEND, [ids[0] ?? '', TYPE]);
    await append(ids[1]);
    await sequence(1_000, await xactOf(open));
    const held = await versionsOf(merchantId);
    await open.commit();
    await sequence();
    expect(held).toEqual([]);
    expect(await versionsOf(merchantId)).toEqual(await rowsOf(ids));
    expect((await headOf(merchantId)).position).toBe(before.position + 2);
  });
});

describe('two sequencers', () => {
  it('do not number at the same time: the second finds the lock taken and returns', async () => {
    const { ids, merchantId } = await newIntents(1);
    await append(ids[0]);
    await eventually(async () => expect(await hasUnnumberedEvents(database.db)).toBe(true));
    await inTransaction(database.db, async (trx) => {
      expect((await numberEvents(trx, NOW, 10)).taken).toBe(1);
      const second = await inTransaction(database.db, (other) => numberEvents(other, NOW, 10));
      expect(second.taken).toBe(0);
    });
    expect(await versionsOf(merchantId)).toEqual(await rowsOf(ids));
  });
});

describe('a restored database', () => {
  const other = [
    ['another system identifier', 'update event_sequencer set system_identifier = 1'],
    ['another timeline', 'update event_sequencer set timeline = timeline + 1'],
    ['transactions that the server has not reached', "update event_sequencer set horizon = '9000000000'"],
  ] as const;

  it.each(other)('with %s begins an epoch and numbers what was left once, in order', async (_, change) => {
    const { merchantId, ids } = await newIntents(3);
    await append(ids[0]);
    await sequence();
    const cursor = await headOf(merchantId);
    await append(ids[1]);
    await append(ids[1]);
    await database.db.raw(change);
    await append(ids[2]);
    await sequence(1);
    const after = await headOf(merchantId);
    expect(after.epoch).not.toBe(cursor.epoch);
    expect(await versionsOf(merchantId)).toEqual(await rowsOf(ids));
    await append(ids[0]);
    await sequence();
    expect(await versionsOf(merchantId)).toEqual(await rowsOf(ids));
    const read = await readFeed(
      database.db,
      { merchantId, types: undefined, storeIds: undefined, limit: 100 },
      cursor,
    );
    expect(read.start).toBe(cursor.position);
    expect(read.events).toHaveLength(4);
  });

  it('begins an epoch in the middle of a window, and numbers the rest of the window once, in order', async () => {
    const { merchantId, ids } = await newIntents(3);
    // A window has more rows than a run may take only if they belong to one transaction.
    await inTransaction(database.db, async (trx) => {
      for (const id of ids) {
        await trx.raw(APPEND, [id, TYPE]);
      }
    });
    await eventually(async () => expect(await isHorizonAt(undefined)).toBe(true));
    const { taken } = await inTransaction(database.db, (trx) => numberEvents(trx, NOW, 1));
    expect(taken).toBe(1);
    expect(await database.db('event_sequencer').select('is_only').whereNotNull('window_end')).toHaveLength(1);
    const cursor = await headOf(merchantId);
    await database.db.raw('update event_sequencer set timeline = timeline + 1');
    await append(ids[0]);
    await sequence(1);
    expect((await headOf(merchantId)).epoch).not.toBe(cursor.epoch);
    expect(await versionsOf(merchantId)).toEqual(await rowsOf(ids));
  });

  it('numbers rows whose transactions are above those of the server once', async () => {
    const { merchantId, ids } = await newIntents(2);
    await database.db.raw(
      `insert into payment_events (intent_id, type, actor, created_at, merchant_event, xact)
       values (?, 'created', 'test', now(), ?, '8000000000')`,
      [ids[0] ?? '', TYPE],
    );
    await database.db.raw("update event_sequencer set horizon = '7000000000'");
    await sequence();
    await append(ids[1]);
    await append(ids[0]);
    await sequence();
    expect([...(await versionsOf(merchantId))].sort((a, b) => a - b)).toEqual(await rowsOf(ids));
  });

  it('gives later changes greater versions than any that was lost with it', async () => {
    const { merchantId, ids } = await newIntents(1);
    await append(ids[0]);
    await sequence();
    await database.db.raw('update event_sequencer set timeline = timeline + 1');
    await sequence(1);
    await append(ids[0]);
    await sequence();
    const [before = 0, after = 0] = (await versionsOf(merchantId)).slice(-2);
    expect(after - before).toBeGreaterThan(999_999);
  });

  it('reads events again after a cursor whose positions were lost with it', async () => {
    const { merchantId, ids } = await newIntents(1);
    await append(ids[0]);
    await sequence();
    const cursor = await headOf(merchantId);
    await database.db.raw('update event_sequencer set timeline = timeline + 1');
    await append(ids[0]);
    await sequence();
    const lost = { epoch: cursor.epoch, position: cursor.position + 50 };
    const read = await readFeed(
      database.db,
      { merchantId, types: undefined, storeIds: undefined, limit: 100 },
      lost,
    );
    expect(read.start).toBe(cursor.position);
    expect(read.events).toHaveLength(1);
  });
});

describe('after a stop', () => {
  it('works off 50,000 rows in order, 1,000 at a time', { timeout: 120_000 }, async () => {
    const { merchantId, ids } = await newIntents(500);
    for (let batch = 0; batch < 50; batch += 1) {
      await database.db.raw(
        `insert into payment_events (intent_id, type, actor, created_at, merchant_event)
         select id, 'created', 'test', now(), case when n = 1 then '${TYPE}' end
         from unnest(?::text[]) as id, generate_series(1, 2) as n`,
        [ids],
      );
    }
    const runs = await sequence();
    expect(runs.reduce((sum, taken) => sum + taken, 0)).toBe(50_000);
    expect(Math.max(...runs)).toBeLessThanOrEqual(1_000);
    const versions = await versionsOf(merchantId);
    expect(versions).toHaveLength(25_000);
    const { rows } = await database.db.raw(
      `select count(*)::int as count from (
         select version < lag(version) over (partition by object_id order by position) as is_wrong
         from events where merchant_id = ?) as pairs where is_wrong`,
      [merchantId],
    );
    expect(rows[0].count).toBe(0);
  });
});
