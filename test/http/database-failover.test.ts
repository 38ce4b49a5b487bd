/**
 * What a failover, a full disk and a stuck table look like to callers. A failover needs no cluster here: a database whose
 * new sessions are read-only behaves like a server that was demoted.
 */
import { randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { codeOf, isDatabaseUnavailable } from '../../src/store/db/errors.ts';
import { queryPrepared } from '../../src/store/db/query.ts';
import {
  startTestGateway,
  type TestGateway,
  type TestMerchant,
  type TestResponse,
} from '../support/gateway.ts';

const PATH = '/v1/payment_intents';
const INPUT = { amount: 1, currency: 'JPY', payment_method_types: ['cash'], merchant_ref_id: 'r' };

let gateway: TestGateway;
let merchant: TestMerchant;
let admin: Knex;

beforeAll(async () => {
  gateway = await startTestGateway();
  merchant = await gateway.newMerchant();
});
afterAll(() => gateway.close());
// A pool per test, because what it does ends other connections.
beforeEach(() => {
  admin = gateway.database.connect(1);
});
afterEach(() => admin.destroy());

const create = (headers: Record<string, string> = { 'Idempotency-Key': randomUUID() }) =>
  gateway.request('POST', PATH, { as: merchant, body: INPUT, headers });
const ready = () => gateway.request('GET', '/ready');

/** The statuses allowed while the database is unavailable. */
function expectUnavailable({ status, body, headers }: TestResponse): void {
  expect([status, body.code]).toEqual([503, 'service_unavailable']);
  expect(Number(headers.get('Retry-After'))).toBeGreaterThan(0);
}

/** Sends creates until one succeeds; everything before must be a 503. */
async function createUntilPossible(): Promise<void> {
  await vi.waitFor(
    async () => {
      const answer = await create();
      if (answer.status !== 201) {
        expectUnavailable(answer);
      }
      expect(answer.status).toBe(201);
    },
    { timeout: 30_000 },
  );
}

const database = () => new URL(gateway.database.url).pathname.slice(1);
const setReadOnly = (isReadOnly: boolean) =>
  admin.raw(
    `set transaction_read_only = off; alter database ${database()} ${isReadOnly ? 'set default_transaction_read_only = on' : 'reset default_transaction_read_only'}`,
  );
const endOtherConnections = () =>
  admin.raw(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'`,
  );

/** Connections of the gateway that are open, by the number of their server process. */
async function warmUp(): Promise<void> {
  await Promise.all(Array.from({ length: 20 }, () => gateway.database.db.raw('select pg_sleep(0.05)')));
}

describe('a server that is demoted', () => {
  it('causes nothing but 503 and "not ready", and is replaced as soon as another server accepts writes', async () => {
    await warmUp();
    await setReadOnly(true);
    await endOtherConnections();
    // The connections that were ended, and after them new ones to the read-only server.
    for (let requests = 0; requests < 20; requests += 1) {
      expectUnavailable(await create());
      expectUnavailable(await create({}));
      expectUnavailable(await ready());
    }
    await setReadOnly(false);
    await createUntilPossible();
    await expect.poll(async () => (await ready()).status, { timeout: 10_000 }).toBe(200);
    const answers = await Promise.all(Array.from({ length: 30 }, () => create()));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201));
  });

  it('whose connections stay open loses all of them at the first refused write', async () => {
    await warmUp();
    const pids = new Set<number>();
    const holders = await Promise.all(
      Array.from({ length: 10 }, () => gateway.database.db.client.acquireConnection()),
    );
    for (const holder of holders) {
      await holder.query('set default_transaction_read_only = on');
      pids.add(holder.processID);
      gateway.database.db.client.releaseConnection(holder);
    }
    expectUnavailable(await create());
    const answers = await Promise.all(Array.from({ length: 30 }, () => create()));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201));
    const { rows } = await gateway.database.db.raw('select pg_backend_pid() as pid');
    expect(pids).not.toContain(rows[0].pid);
  });

  it('is found by the readiness check when no request writes', async () => {
    await warmUp();
    await setReadOnly(true);
    await endOtherConnections();
    await expect.poll(async () => (await ready()).status, { timeout: 10_000 }).toBe(503);
    expectUnavailable(await ready());
    await setReadOnly(false);
    await expect.poll(async () => (await ready()).status, { timeout: 10_000 }).toBe(200);
    expect((await create()).status).toBe(201);
  });
});

describe('a server without disk space', () => {
  it('makes requests fail with 503 and the process not ready, until writes succeed again', async () => {
    await admin.raw(`create function refuse() returns trigger language plpgsql as
      $$ begin raise exception 'could not extend file' using errcode = '53100'; end $$`);
    await admin.raw(
      'create trigger full_disk before insert on payment_intents for each row execute function refuse()',
    );
    expectUnavailable(await create());
    expectUnavailable(await create({}));
    expectUnavailable(await ready());
    await admin.raw('drop trigger full_disk on payment_intents');
    expect((await create()).status).toBe(201);
    await expect.poll(async () => (await ready()).status, { timeout: 10_000 }).toBe(200);
  });
});

describe('a locked table', () => {
  it('makes requests fail with 503 and not with the conflict of a repeated key', async () => {
    const holder = await admin.transaction();
    await holder.raw('lock table payment_intents in access exclusive mode');
    const answers = await Promise.all([create(), create({}), gateway.request('GET', PATH, { as: merchant })]);
    answers.forEach(expectUnavailable);
    await holder.rollback();
    expect((await create()).status).toBe(201);
  });
});

describe('a connection that is no longer usable', () => {
  it.each(['26000', '42P05', '57P01', '57P05'])(
    'is discarded after an error with SQLSTATE %s',
    async (code) => {
      const pool = gateway.database.connect(1);
      const pid = async () => (await pool.raw('select pg_backend_pid() as pid')).rows[0].pid;
      const before = await pid();
      expect(await pid()).toBe(before);
      const fault = pool.raw(`do $$ begin raise exception 'x' using errcode = '${code}'; end $$`);
      await expect(fault).rejects.toMatchObject({ code });
      expect(await pid()).not.toBe(before);
      await pool.destroy();
    },
  );

  it.each([
    ['the server has lost', 'deallocate all', '26000'],
    ['a migration has changed', 'alter table merchants add column more text', '0A000'],
  ])('because %s its prepared statements is discarded', async (_, change, code) => {
    const pool = gateway.database.connect(1);
    const read = () => queryPrepared(pool, "select * from merchants where id = ''");
    await read();
    await pool.raw(change);
    const fault = await read().catch((error: unknown) => error);
    expect([codeOf(fault), isDatabaseUnavailable(fault)]).toEqual([code, true]);
    await expect(read()).resolves.toEqual([]);
    await pool.raw('alter table merchants drop column if exists more');
    await pool.destroy();
  });
});

describe('readiness', () => {
  it('sends one statement, however many callers there are', async () => {
    await vi.waitFor(async () => expect((await ready()).status).toBe(200), { timeout: 10_000 });
    let sent = 0;
    const count = ({ sql }: { sql: string }) => {
      sent += sql.includes('provider_reads') ? 1 : 0;
    };
    gateway.database.db.on('query', count);
    const startedMs = performance.now();
    const answers = await Promise.all(Array.from({ length: 200 }, ready));
    const seconds = Math.ceil((performance.now() - startedMs) / 1000);
    gateway.database.db.removeListener('query', count);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(sent).toBeLessThanOrEqual(seconds + 1);
  });

  it('is 503 and not an internal error when the check fails for any other reason', async () => {
    await admin.raw('alter table provider_reads rename to elsewhere');
    await expect.poll(async () => (await ready()).status, { timeout: 10_000 }).toBe(503);
    await admin.raw('alter table elsewhere rename to provider_reads');
    await expect.poll(async () => (await ready()).status, { timeout: 10_000 }).toBe(200);
    expect(gateway.logLines.join('')).toContain('ready again');
  });

  it('is 503 in time while all connections are busy', async () => {
    const { db } = gateway.database;
    await vi.waitFor(async () => expect((await ready()).status).toBe(200), { timeout: 10_000 });
    const holders = await Promise.all(Array.from({ length: 10 }, () => db.client.acquireConnection()));
    await expect.poll(async () => (await ready()).status, { timeout: 10_000 }).toBe(503);
    await Promise.all(holders.map((holder) => db.client.releaseConnection(holder)));
    await expect.poll(async () => (await ready()).status, { timeout: 10_000 }).toBe(200);
  });
});
