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

/** Both have their first row before either asks for its second. */
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

/** Stands between the gateway and its database, and can fall silent as a host does that is gone. */
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
  it('is unavailable after a while, and its connection is given up for a new one', async () => {
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

  it('between statements costs nothing, and is noticed with the next one', async () => {
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
  it('is parsed once by each connection, and others are not kept', async () => {
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
  it('that met a deadlock runs again, and its work is done once', async () => {
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
    // The one that runs again may meet the other once more.
    expect(runs).toBeGreaterThanOrEqual(3);
    expect(await database.db('merchants').pluck('name')).toEqual(['2', '2']);
  });

  it('that keeps failing is given up', async () => {
    let runs = 0;
    const failing = inTransaction(database.db, async (trx) => {
      runs += 1;
      await trx.raw("do $$ begin raise exception 'again' using errcode = '40001'; end $$");
    });
    await expect(failing).rejects.toMatchObject({ code: '40001' });
    expect(runs).toBe(4);
  });

  it('with another error is not tried again, and leaves nothing', async () => {
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

describe('what waits for a commit', () => {
  const nameOfA = () => database.db('merchants').where({ id: 'a' }).pluck('name');

  it('happens once the change is there for everybody, and once although the work ran twice', async () => {
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

  it('does not happen when the transaction is undone', async () => {
    const happened: string[] = [];
    const failing = inTransaction(database.db, async (trx) => {
      afterCommit(trx, () => happened.push('outer'));
      await inTransaction(trx, async (inner) => afterCommit(inner, () => happened.push('inner')));
      throw new Error('mine');
    });
    await expect(failing).rejects.toThrow('mine');
    expect(happened).toEqual([]);
  });

  it('inside a savepoint waits for the outermost commit, and is dropped with its savepoint', async () => {
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
  it('is the time of the database, however wrong this machine is, and goes on between measurements', async () => {
    const wrong = createTestClock(new Date('2001-01-01T00:00:00Z'));
    const clock = await createDatabaseClock(database.db, wrong);
    const { rows } = await database.db.raw('select clock_timestamp() as now');
    expect(Math.abs(clock.now().getTime() - rows[0].now.getTime())).toBeLessThan(2_000);
    const before = clock.now().getTime();
    await wrong.advance(5_000);
    expect(clock.now().getTime() - before).toBe(5_000);
  });
});
