import { once } from 'node:events';
import { type AddressInfo, connect as connectSocket, createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabaseClock } from '../../../src/store/db/clock.ts';
import { isDatabaseUnavailable } from '../../../src/store/db/errors.ts';
import { connect } from '../../../src/store/db/knex.ts';
import {
  afterCommit,
  type Db,
  execute,
  executePrepared,
  inTransaction,
  query,
  queryPrepared,
} from '../../../src/store/db/query.ts';
import { createTestClock } from '../../support/clock.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
  for (const id of ['a', 'b']) {
    await database.db('merchants').insert({ id, name: '0', created_at: new Date(), updated_at: new Date() });
  }
});
afterAll(() => database.drop());

const add = (trx: Db, id: string) =>
  execute(trx, `update merchants set name = (name::int + 1)::text where id = :id`, { id });

/** A barrier: resolves for all parties once all have arrived. */
function createMeetingPoint(parties: number): () => Promise<void> {
  let arrived = 0;
  let open: () => void = () => undefined;
  const met = new Promise<void>((resolve) => {
    open = resolve;
  });
  return async () => {
    arrived += 1;
    if (arrived >= parties) {
      open();
    }
    await met;
  };
}

/** A proxy in front of the database that can fall silent, like a host that vanished. */
async function startSilenceable(target: string) {
  const { hostname, port } = new URL(target);
  let isSilent = false;
  const server = createServer((socket) => {
    const upstream = connectSocket(Number(port), hostname);
    const isLost = () => isSilent;
    socket.on('data', (bytes) => !isLost() && upstream.write(bytes));
    upstream.on('data', (bytes) => !isLost() && socket.write(bytes));
    for (const side of [socket, upstream]) {
      side.on('error', () => undefined);
    }
    socket.on('close', () => upstream.destroy());
    upstream.on('close', () => socket.destroy());
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const url = new URL(target);
  url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: url.href,
    setSilent(next: boolean) {
      isSilent = next;
    },
    close: () => new Promise((closed) => server.close(closed)),
  };
}

describe('a database that falls silent', () => {
  it('counts as unavailable after the response timeout, and its connection is replaced', async () => {
    const line = await startSilenceable(database.url);
    const db = connect(line.url, { poolMax: 1, responseTimeoutMs: 300 });
    await db.raw('select 1');
    line.setSilent(true);
    const fault = await db.raw('select 2').catch((error: unknown) => error);
    expect(isDatabaseUnavailable(fault), String(fault)).toBe(true);
    line.setSilent(false);
    expect((await db.raw('select 3 as answer')).rows).toEqual([{ answer: 3 }]);
    await db.destroy();
    await line.close();
  });

  it('on an idle connection is noticed by the next statement; idleness alone destroys nothing', async () => {
    const line = await startSilenceable(database.url);
    const db = connect(line.url, { poolMax: 1, responseTimeoutMs: 100 });
    const pid = async () => (await db.raw('select pg_backend_pid() as pid')).rows[0].pid;
    const before = await pid();
    const connection = await db.client.acquireConnection();
    const timeout = once(connection.connection.stream, 'timeout');
    db.client.releaseConnection(connection);
    await timeout;
    expect(await pid()).toBe(before);
    line.setSilent(true);
    expect(isDatabaseUnavailable(await pid().catch((error: unknown) => error))).toBe(true);
    line.setSilent(false);
    expect(await pid()).not.toBe(before);
    await db.destroy();
    await line.close();
  });
});

describe('a prepared statement', () => {
  it('is parsed once per connection; other statements are not kept', async () => {
    const db = database.connect(1);
    for (const id of ['a', 'b', 'a']) {
      await queryPrepared(db, 'select name from merchants where id = :id', { id });
      await executePrepared(db, 'update merchants set name = name where id = :id', { id });
      await query(db, 'select id from merchants where id = :id', { id });
    }
    const kept = await query<{ statement: string; runs: number }>(
      db,
      `select statement, (generic_plans + custom_plans)::int as runs from pg_prepared_statements
       where name like 'pgw_%' order by statement`,
    );
    expect(kept).toEqual([
      { statement: 'select name from merchants where id = $1', runs: 3 },
      { statement: 'update merchants set name = name where id = $1', runs: 3 },
    ]);
    await db.destroy();
  });
});

describe('a transaction', () => {
  it('runs again after a deadlock and takes effect once', async () => {
    const meet = createMeetingPoint(2);
    let runs = 0;
    const work = (first: string, second: string) =>
      inTransaction(database.db, async (trx) => {
        runs += 1;
        await add(trx, first);
        await meet();
        await add(trx, second);
      });
    await Promise.all([work('a', 'b'), work('b', 'a')]);
    // The retry may deadlock once more.
    expect(runs).toBeGreaterThanOrEqual(3);
    expect(await database.db('merchants').pluck('name')).toEqual(['2', '2']);
  });

  it('is given up after four tries', async () => {
    let runs = 0;
    const failing = inTransaction(database.db, async (trx) => {
      runs += 1;
      await trx.raw("do $$ begin raise exception 'again' using errcode = '40001'; end $$");
    });
    await expect(failing).rejects.toMatchObject({ code: '40001' });
    expect(runs).toBe(4);
  });

  it('is not retried after another error and leaves no changes', async () => {
    let runs = 0;
    const failing = inTransaction(database.db, async (trx) => {
      runs += 1;
      await add(trx, 'a');
      throw new Error('mine');
    });
    await expect(failing).rejects.toThrow('mine');
    expect([runs, await database.db('merchants').where({ id: 'a' }).pluck('name')]).toEqual([1, ['2']]);
  });
});

describe('an effect after the commit', () => {
  const nameOfA = () => database.db('merchants').where({ id: 'a' }).pluck('name');

  it('runs once when the change is visible, even if the work ran twice', async () => {
    let runs = 0;
    const happened: Promise<string[]>[] = [];
    await inTransaction(database.db, async (trx) => {
      runs += 1;
      await trx.raw("update merchants set name = 'seen' where id = 'a'");
      afterCommit(trx, () => happened.push(nameOfA()));
      if (runs === 1) {
        await trx.raw("do $$ begin raise exception 'again' using errcode = '40001'; end $$");
      }
      expect(happened).toEqual([]);
    });
    expect([runs, await Promise.all(happened)]).toEqual([2, [['seen']]]);
  });

  it('does not run when the transaction is rolled back', async () => {
    const happened: string[] = [];
    const failing = inTransaction(database.db, async (trx) => {
      afterCommit(trx, () => happened.push('outer'));
      await inTransaction(trx, async (inner) => afterCommit(inner, () => happened.push('inner')));
      throw new Error('mine');
    });
    await expect(failing).rejects.toThrow('mine');
    expect(happened).toEqual([]);
  });

  it('inside a savepoint waits for the outermost commit, and is dropped when the savepoint is rolled back', async () => {
    const happened: string[] = [];
    await inTransaction(database.db, async (trx) => {
      await inTransaction(trx, async (inner) => afterCommit(inner, () => happened.push('kept')));
      await inTransaction(trx, async (inner) => {
        afterCommit(inner, () => happened.push('undone'));
        throw new Error('mine');
      }).catch(() => undefined);
      expect(happened).toEqual([]);
    });
    expect(happened).toEqual(['kept']);
  });
});

describe("the database's clock", () => {
  it("is independent of this machine's clock, and advances between measurements", async () => {
    const wrong = createTestClock(new Date('2001-01-01T00:00:00Z'));
    const clock = await createDatabaseClock(database.db, wrong);
    const { rows } = await database.db.raw('select clock_timestamp() as now');
    expect(Math.abs(clock.now().getTime() - rows[0].now.getTime())).toBeLessThan(2_000);
    const before = clock.now().getTime();
    await wrong.advance(5_000);
    expect(clock.now().getTime() - before).toBe(5_000);
  });
});
