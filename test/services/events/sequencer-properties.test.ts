/**
 * The sequencer under random transactions, with sequencers that die: every committed event gets one position, positions have no
 * gaps, the events of an intent are in the order of its rows, and readers by cursor receive all of them.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../../src/lib/ids.ts';
import { numberEvents } from '../../../src/services/events/number-events.ts';
import type { Db } from '../../../src/store/db/query.ts';
import { inTransaction } from '../../../src/store/db/query.ts';
import { type FeedStart, readFeed } from '../../../src/store/events/feed.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { isLongRun } from '../../support/long.ts';
import { insertIntents, seeded, writeRandomly } from './random-writers.ts';

const SEEDS = isLongRun ? 2_000 : 60;
const FIRST_SEED = Number(process.env['SEED'] ?? 1);
const NOW = new Date('2026-01-15T10:00:00Z');
const RUN_LIMIT = 5;

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase(12);
});

afterAll(() => database.drop());

/** A handle whose statements fail from a random one on, as when the process or its connection dies there. */
function dyingAt(trx: Db, statement: number): Db {
  let sent = 0;
  return new Proxy(trx, {
    get(target, name, receiver) {
      if (name === 'raw' && ++sent > statement) {
        throw new Error('died');
      }
      return Reflect.get(target, name, receiver);
    },
  });
}

/** A killed connection may hold the horizon back for a moment after its client has noticed. */
async function areAllNumbered(): Promise<boolean> {
  const { rows } = await database.db.raw(
    `select from payment_events, event_sequencer where xact >= horizon and payment_events.id > first_row_id limit 1`,
  );
  return rows.length === 0;
}

/** Numbers until `isOver` and nothing is left. */
async function sequence(random: (n: number) => number, isOver: () => boolean): Promise<void> {
  for (;;) {
    const isLast = isOver();
    const willDie = !isLast && random(4) === 0;
    const taken = await inTransaction(database.db, async (trx) => {
      const run = await numberEvents(willDie ? dyingAt(trx, random(9)) : trx, NOW, RUN_LIMIT);
      if (willDie) {
        throw new Error('died');
      }
      return run.taken;
    }).catch((error: Error) => {
      if (error.message !== 'died') {
        throw error;
      }
      return 1;
    });
    if (isLast && taken === 0 && (await areAllNumbered())) {
      return;
    }
  }
}

/** Follows the feed by its cursor until `isOver` and nothing is left. */
async function follow(merchantId: string, start: FeedStart, isOver: () => boolean): Promise<number[]> {
  const versions: number[] = [];
  let from = start;
  for (;;) {
    const isLast = isOver();
    const read = await readFeed(
      database.db,
      { merchantId, types: undefined, storeIds: undefined, limit: 7 },
      from,
    );
    const page = read.events.slice(0, 7);
    versions.push(...page.map(({ body }) => JSON.parse(body).data.payment_intent.version));
    from = { epoch: read.epoch, position: page.at(-1)?.position ?? read.head };
    if (isLast && page.length === 0) {
      return versions;
    }
  }
}

async function runSeed(seed: number): Promise<void> {
  const random = seeded(seed);
  const merchantId = `merchant_${seed}`;
  const intentIds = Array.from({ length: 2 + random(3) }, () => newId('pi', NOW));
  await insertIntents(database.db, merchantId, intentIds);
  const before = await readFeed(
    database.db,
    { merchantId, types: undefined, storeIds: undefined, limit: 1 },
    'now',
  );
  const start = { epoch: before.epoch, position: before.head };
  const state = { areWritten: false, areNumbered: false };
  const writing = writeRandomly(database, random, { intentIds, count: 16, connections: 4 }).finally(() => {
    state.areWritten = true;
  });
  const sequencing = Promise.all([
    sequence(random, () => state.areWritten),
    sequence(random, () => state.areWritten),
  ]).finally(() => {
    state.areNumbered = true;
  });
  const readers = [
    follow(merchantId, start, () => state.areNumbered),
    follow(merchantId, start, () => state.areNumbered),
  ];
  await Promise.all([writing, sequencing, ...readers]);
  const { rows: written } = await database.db.raw(
    `select id::int from payment_events where intent_id = any(?) and merchant_event is not null order by id`,
    [intentIds],
  );
  const { rows: numbered } = await database.db.raw(
    'select position::int, object_id, version::int from events where merchant_id = ? order by position',
    [merchantId],
  );
  const versions = numbered.map(({ version }: { version: number }) => version);
  expect(
    [...versions].sort((a, b) => a - b),
    `seed ${seed}`,
  ).toEqual(written.map(({ id }: { id: number }) => id));
  expect(
    numbered.map(({ position }: { position: number }) => position),
    `seed ${seed}`,
  ).toEqual(numbered.map((_: unknown, index: number) => start.position + 1 + index));
  for (const id of intentIds) {
    const own = numbered.filter((row: { object_id: string }) => row.object_id === id);
    const order = own.map(({ version }: { version: number }) => version);
    expect(order, `seed ${seed}`).toEqual([...order].sort((a, b) => a - b));
  }
  for (const reader of readers) {
    expect(await reader, `seed ${seed}`).toEqual(versions);
  }
}

describe('the sequencer', () => {
  it(`numbers every committed event once, without gaps and in order within an intent, in ${SEEDS} random histories`, {
    timeout: SEEDS * 4_000,
  }, async () => {
    for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed += 1) {
      await runSeed(seed);
    }
  });
});
