import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PaymentIntent } from '../../../src/domain/payment.ts';
import { newId } from '../../../src/lib/ids.ts';
import { findApiKey } from '../../../src/store/api-keys.ts';
import { batchedRead, batchedWrite } from '../../../src/store/db/batches.ts';
import { type Db, inTransaction } from '../../../src/store/db/query.ts';
import { findKey } from '../../../src/store/idempotency-keys.ts';
import {
  insertIdempotent,
  insertPaymentIntent,
  type NewPaymentIntent,
} from '../../../src/store/new-payment-intents.ts';
import { findTokenHolder } from '../../../src/store/payments.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { watchedDb } from '../../support/watched-db.ts';

let database: TestDatabase;
let statements: string[] = [];
/** A database handle of its own that records the statements sent through it. */
const watched = (): Db => {
  statements = [];
  return watchedDb((sql, bindings, options) => {
    statements.push(sql);
    return database.db.raw(sql, bindings).options(options);
  });
};

beforeAll(async () => {
  database = await createTestDatabase();
  await database.db.raw(`
    insert into merchants values ('m', 'M', now(), now());
    insert into stores values ('m', 's', 'S', now(), now());
    insert into api_keys select 'ak_' || n, 'm', array['payments'], repeat('0', 64), now() from generate_series(1, 50) n;`);
});
afterAll(() => database.drop());

let made = 0;
function input(fields: Partial<PaymentIntent> = {}): NewPaymentIntent {
  made += 1;
  const now = new Date();
  const intent = {
    id: newId('pi', now),
    merchantId: 'm',
    merchantStoreId: 's',
    merchantRefId: `order-${made}`,
    amount: made,
    currency: 'JPY',
    paymentMethodTypes: ['qr_mpm'],
    status: 'requires_payment_method',
    createdAt: now,
    expiresAt: new Date(now.getTime() + 60_000),
    ...fields,
  } as unknown as PaymentIntent;
  return { intent, paymentTokenHash: Buffer.alloc(32, made), actor: `actor-${made}` };
}

function keyed(key: string, hash: number, made: NewPaymentIntent | undefined = input()) {
  const now = new Date();
  return {
    id: { scope: 'api_key:a', operation: 'createPaymentIntent', key },
    requestHash: Buffer.alloc(32, hash),
    response: { status: 201, body: Buffer.from(made?.intent.id ?? 'refused') },
    now,
    expiresAt: new Date(now.getTime() + 60_000),
    made,
  };
}

/** An intent as stored, with its events. */
async function stored({ intent }: NewPaymentIntent): Promise<unknown[]> {
  const { rows } = await database.db.raw(
    `select amount, merchant_ref_id, type, actor from payment_intents i join payment_events e on e.intent_id = i.id where i.id = ?`,
    [intent.id],
  );
  return rows;
}

const tick = () => new Promise((resolve) => setImmediate(resolve));

describe('a batch of look-ups', () => {
  it('is one statement for all calls of a tick, with each key once and each result for its call', async () => {
    const db = watched();
    const names = ['ak_3', 'ak_1', 'unknown', 'ak_3', 'ak_2'];
    const found = await Promise.all(names.map((name) => findApiKey(db, name)));
    expect(found.map((key) => key?.apiKey)).toEqual(['ak_3', 'ak_1', undefined, 'ak_3', 'ak_2']);
    expect(statements).toHaveLength(1);
  });

  it('is closed to new items once dispatched', async () => {
    const batches: number[][] = [];
    const answers: (() => void)[] = [];
    const read = batchedRead(async (_: Db, items: readonly number[]) => {
      batches.push([...items]);
      await new Promise<void>((resolve) => answers.push(resolve));
      return items;
    });
    const db = watched();
    const first = [read(db, 1), read(db, 2)];
    await tick();
    const later = [read(db, 3)];
    await tick();
    expect(batches).toEqual([[1, 2], [3]]);
    for (const answer of answers) {
      answer();
    }
    expect(await Promise.all([...first, ...later])).toEqual([1, 2, 3]);
  });

  it('collects calls while the maximum number is in flight, up to the maximum size', async () => {
    const batches: number[] = [];
    const answers: (() => void)[] = [];
    const read = batchedRead(async (_: Db, items: readonly number[]) => {
      batches.push(items.length);
      await new Promise<void>((resolve) => answers.push(resolve));
      return items;
    });
    const db = watched();
    const all: Promise<number>[] = [];
    for (let ticks = 0; ticks < 10; ticks += 1) {
      for (let item = 0; item < 50; item += 1) {
        all.push(read(db, item));
      }
      await tick();
    }
    expect(batches.length).toBeLessThanOrEqual(4);
    while (answers.length > 0) {
      answers.shift()?.();
      await tick();
      await tick();
    }
    expect(await Promise.all(all)).toEqual(Array.from({ length: 500 }, (_, index) => index % 50));
    expect(Math.max(...batches)).toBe(200);
  });

  it('fails for all its calls, and the next one runs', async () => {
    let isUnavailable = true;
    const db = watchedDb(async (sql, bindings) => {
      if (isUnavailable) {
        throw new Error('Connection terminated unexpectedly');
      }
      return database.db.raw(sql, bindings);
    });
    const results = await Promise.allSettled(['ak_1', 'ak_2'].map((name) => findApiKey(db, name)));
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    isUnavailable = false;
    expect((await findApiKey(db, 'ak_2'))?.apiKey).toBe('ak_2');
  });

  it('is never shared with a transaction, which sees its own writes', async () => {
    await inTransaction(database.db, async (trx) => {
      const own = input();
      await insertPaymentIntent(trx, own);
      const [inside, outside] = await Promise.all([
        findTokenHolder(trx, own.intent.id),
        findTokenHolder(database.db, own.intent.id),
      ]);
      expect([inside?.payment.intent.id, outside]).toEqual([own.intent.id, undefined]);
    });
  });
});

describe('a batch of new payment intents', () => {
  it('is one statement, and each intent has its own values and events', async () => {
    const db = watched();
    const inputs = Array.from({ length: 20 }, () => input());
    expect(await Promise.all(inputs.map((each) => insertPaymentIntent(db, each)))).toEqual(
      Array(20).fill(true),
    );
    expect(statements).toHaveLength(1);
    for (const each of inputs) {
      const { amount, merchantRefId } = each.intent;
      expect(await stored(each)).toEqual([
        { amount, merchant_ref_id: merchantRefId, type: 'created', actor: each.actor },
      ]);
    }
  });

  it('refuses an intent with an unknown store and stores the others', async () => {
    const [good, stray, alike] = [input(), input({ merchantStoreId: 'x' }), input()];
    const db = watched();
    const results = await Promise.all([good, stray, alike].map((each) => insertPaymentIntent(db, each)));
    expect([results, statements.length]).toEqual([[true, false, true], 1]);
    expect([(await stored(good)).length, (await stored(stray)).length, (await stored(alike)).length]).toEqual(
      [1, 0, 1],
    );
  });

  it('lets only the bad intent fail', async () => {
    const [good, bad, alike] = [input(), input({ amount: 0 }), input()];
    const db = watched();
    const results = await Promise.allSettled([good, bad, alike].map((each) => insertPaymentIntent(db, each)));
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(results[1]).toMatchObject({ reason: { code: '23514' } });
    expect([(await stored(good)).length, (await stored(bad)).length, (await stored(alike)).length]).toEqual([
      1, 0, 1,
    ]);
  });

  it.each([
    ['a lost connection', new Error('Connection terminated unexpectedly')],
    ['a lock timeout', Object.assign(new Error('canceling statement'), { code: '55P03' })],
    ['a statement timeout', Object.assign(new Error('canceling statement'), { code: '57014' })],
  ])('after %s is not retried one by one', async (_, fault) => {
    let sent = 0;
    const db = watchedDb(async () => {
      sent += 1;
      throw fault;
    });
    const results = await Promise.allSettled([input(), input()].map((each) => insertPaymentIntent(db, each)));
    expect([results.map(({ status }) => status), sent]).toEqual([['rejected', 'rejected'], 1]);
  });

  it('returns only after the commit', async () => {
    const holder = await database.db.transaction();
    await holder.raw('lock table payment_events in access exclusive mode');
    let answered = 0;
    const inputs = [input(), input()];
    const inserting = inputs.map((each) =>
      insertPaymentIntent(database.db, each).then(() => {
        answered += 1;
      }),
    );
    await expect
      .poll(async () => {
        const { rows } = await database.db.raw(
          `select count(*)::int as waiting from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
        );
        return rows[0].waiting;
      })
      .toBe(1);
    expect(answered).toBe(0);
    await holder.rollback();
    await Promise.all(inserting);
    for (const each of inputs) {
      expect(await stored(each)).toHaveLength(1);
    }
  });

  it('replaces lone surrogates, which would fail the whole batch', async () => {
    const odd = input({ description: 'a\ud83d', merchantRefId: '\udc00b' });
    expect(await Promise.all([odd, input()].map((each) => insertPaymentIntent(database.db, each)))).toEqual([
      true,
      true,
    ]);
    expect(await stored(odd)).toMatchObject([{ merchant_ref_id: '\ufffdb' }]);
  });
});

describe('a batch of responses under keys', () => {
  it('gives a key to the first of its requests; for the others it is taken, equal or not', async () => {
    const db = watched();
    const [one, same, other, apart] = [keyed('k1', 1), keyed('k1', 1), keyed('k1', 2), keyed('k2', 1)];
    const results = await Promise.all([one, same, other, apart].map((each) => insertIdempotent(db, each)));
    expect([results, statements.length]).toEqual([['stored', 'taken', 'taken', 'stored'], 1]);
    const counts = await Promise.all(
      [one, same, other, apart].map(async ({ made }) => made && (await stored(made)).length),
    );
    expect(counts).toEqual([1, 0, 0, 1]);
    expect((await findKey(database.db, one.id))?.response?.body).toEqual(one.response.body);
  });

  it('stores nothing under a key that another batch has stored', async () => {
    const first = keyed('k3', 1);
    expect(await insertIdempotent(watched(), first)).toBe('stored');
    const second = keyed('k3', 1);
    expect(await insertIdempotent(watched(), second)).toBe('taken');
    expect(second.made && (await stored(second.made))).toEqual([]);
  });

  it('gives each key to one of two nodes, whatever their order', async () => {
    const keys = ['k4', 'k5', 'k6', 'k7'];
    const [a, b] = [watched(), watched()];
    const results = await Promise.all([
      ...keys.map((key) => insertIdempotent(a, keyed(key, 1))),
      ...[...keys].reverse().map((key) => insertIdempotent(b, keyed(key, 1))),
    ]);
    expect([...results].sort()).toEqual([...Array(4).fill('stored'), ...Array(4).fill('taken')]);
  });

  it('takes over an expired key, and one with an expired lease only for an equal request', async () => {
    const over = { ...keyed('k8', 1), expiresAt: new Date(Date.now() - 1_000) };
    expect(await insertIdempotent(database.db, over)).toBe('stored');
    expect(await insertIdempotent(database.db, keyed('k8', 2))).toBe('stored');
    await database.db.raw(
      `insert into idempotency_keys (scope, operation, key, request_hash, leased_by, leased_until, created_at, expires_at)
       select 'api_key:a', 'createPaymentIntent', key, ?, 'dead', now() - interval '1 second', now(), now() + interval '1 hour'
       from unnest(array['k9', 'k10']) as key`,
      [Buffer.alloc(32, 1)],
    );
    expect(await insertIdempotent(database.db, keyed('k9', 2))).toBe('taken');
    expect(await insertIdempotent(database.db, keyed('k10', 1))).toBe('stored');
  });

  it('claims no key for a refused intent, and stores a response without an intent', async () => {
    const stray = keyed('k11', 1, input({ merchantStoreId: 'x' }));
    expect(await insertIdempotent(database.db, stray)).toBe('unknown_store');
    expect(await findKey(database.db, stray.id)).toBeUndefined();
    expect(await insertIdempotent(database.db, { ...stray, made: undefined })).toBe('stored');
  });

  it('stores neither key nor intent of a bad item, and both of the others', async () => {
    const [good, bad] = [keyed('k12', 1), keyed('k13', 1, input({ amount: 0 }))];
    const results = await Promise.allSettled([good, bad].map((each) => insertIdempotent(database.db, each)));
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect((await findKey(database.db, good.id))?.response).toBeDefined();
    expect(await findKey(database.db, bad.id)).toBeUndefined();
  });
});

describe('a batched write', () => {
  it('returns each call its own result', async () => {
    const write = batchedWrite(async (_: Db, items: readonly number[]) => items.map((item) => item * 2));
    const db = watched();
    expect(await Promise.all([5, 3, 9].map((item) => write(db, item)))).toEqual([10, 6, 18]);
  });
});

describe('a look-up whose connection is lost', () => {
  const lost = () => Object.assign(new Error('terminating connection'), { code: '57P01' });

  it('runs once more on another connection, and fails when that is lost too', async () => {
    let runs = 0;
    const read = batchedRead<string, string>(async (_, items) => {
      runs += 1;
      if (runs !== 2) {
        throw lost();
      }
      return items;
    });
    expect(await read(database.db, 'a')).toBe('a');
    expect(runs).toBe(2);
    await expect(read(database.db, 'b')).rejects.toThrow('terminating connection');
    expect(runs).toBe(4);
  });

  it('is not repeated in a transaction, nor after another error', async () => {
    let runs = 0;
    const read = batchedRead<Error, string>(async (_, [error]) => {
      runs += 1;
      throw error;
    });
    await expect(inTransaction(database.db, (trx) => read(trx, lost()))).rejects.toThrow('terminating');
    const readOnly = Object.assign(new Error('read-only'), { code: '25006' });
    await expect(read(database.db, readOnly)).rejects.toThrow('read-only');
    expect(runs).toBe(2);
  });

  it('finds its rows although every idle connection was just ended', async () => {
    const { rows } = await database.db.raw('select pg_backend_pid() as pid');
    const other = await createTestDatabase();
    await other.db.raw('select pg_terminate_backend(?)', [rows[0].pid]);
    expect((await findApiKey(database.db, 'ak_1'))?.apiKey).toBe('ak_1');
    await other.drop();
  });
});
