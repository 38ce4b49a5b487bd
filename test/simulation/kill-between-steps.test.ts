/**
 * kill -9 between every two steps of create, confirm, cancel and refund, with the merchant's retry after the restart: one effect,
 * one response. The process is stopped at a step by what it waits for there: a database lock that the test holds, or a
 * response that the sandbox holds back.
 */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import { createCrypt } from '../../src/lib/encryption.ts';
import { findFreePort } from '../../src/lib/net/free-port.ts';
import { authorizationHeader } from '../../src/lib/signing.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.ts';
import type { ServiceDeps } from '../../src/services/deps.ts';
import { syncMerchants } from '../../src/services/operations/sync-merchants.ts';
import { createApiKey } from '../../src/services/operator/api-keys.ts';
import { BY_TEST } from '../support/acts.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { type Program, startProgram, waitForHealth } from '../support/program.ts';

const PATH = '/v1/payment_intents';
const PAYPAY = { apiKey: 'k', apiSecret: 's' };
const ENCRYPTION_KEY = randomBytes(32);

let database: TestDatabase;
let sandbox: Sandbox;
let port: number;
let gateway: Program;
let credentials: { apiKey: string; secretKey: string };
let keys = 0;

beforeAll(async () => {
  database = await createTestDatabase();
  sandbox = await startSandbox({ credentials: [PAYPAY], refundDelaySeconds: 0 });
  port = await findFreePort();
  const deps = { db: database.db, clock: systemClock, crypt: createCrypt(ENCRYPTION_KEY) } as ServiceDeps;
  const configs = [{ provider: 'PAYPAY' as const, isActive: true, credentials: { merchant_id: 'p' } }];
  await syncMerchants(deps, [{ id: 'm', name: 'M', stores: [{ id: 's', name: 'S', configs }] }]);
  const { key, secretKey } = await createApiKey(deps, BY_TEST, 'm');
  credentials = { apiKey: key.apiKey, secretKey };
  await startGateway();
});
afterAll(async () => {
  await gateway.stop('SIGKILL');
  await sandbox.close();
  await database.drop();
});

async function startGateway(): Promise<void> {
  gateway = startProgram(['start'], {
    DATABASE_URL: database.url,
    ENCRYPTION_KEY: ENCRYPTION_KEY.toString('base64'),
    PORT: String(port),
    PAYPAY_BASE_URL: sandbox.url,
    PAYPAY_API_KEY: PAYPAY.apiKey,
    PAYPAY_API_SECRET: PAYPAY.apiSecret,
    LOG_LEVEL: 'fatal',
  });
  await waitForHealth(gateway, port);
}

async function post(
  path: string,
  body: object,
  key: string,
): Promise<{ status: number; body: Record<string, string> } | undefined> {
  const text = JSON.stringify(body);
  const authorization = authorizationHeader(credentials, { method: 'POST', path, body: text }, new Date());
  try {
    const headers = {
      Authorization: authorization,
      'Content-Type': 'application/json',
      'Idempotency-Key': key,
    };
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', headers, body: text });
    return { status: response.status, body: (await response.json()) as Record<string, string> };
  } catch {
    return undefined;
  }
}

/** Repeats a request like a merchant, until its response is final. */
async function insist(path: string, body: object, key: string) {
  for (;;) {
    const answer = await post(path, body, key);
    if (answer && answer.status < 409) {
      return answer;
    }
    await systemClock.sleep(20);
  }
}

/** Holds a lock that makes the gateway wait. @returns how to wait until it does, and how to release the lock */
async function holdLock(sql: string, ...bindings: string[]) {
  const holder = database.connect(2);
  const trx = await holder.transaction();
  await trx.raw('set local idle_in_transaction_session_timeout = 0');
  await trx.raw(sql, bindings);
  return {
    reached: () =>
      expect
        .poll(async () => {
          const { rows } = await holder.raw(
            `select count(*)::int as waiting from pg_stat_activity
             where datname = current_database() and application_name = 'mpac-pgw' and wait_event_type = 'Lock' and pid <> pg_backend_pid()`,
          );
          return rows[0].waiting;
        })
        .toBeGreaterThan(0),
    async release() {
      await trx.rollback();
      await holder.destroy();
    },
  };
}

async function kill(): Promise<void> {
  await gateway.stop('SIGKILL');
}

const INPUT = { amount: 100, currency: 'JPY', payment_method_types: ['qr_mpm'], merchant_ref_id: '' };
const CONFIRM = { payment_method_type: 'qr_mpm', provider: 'PAYPAY' };

const LOCK_INTENT = 'select 1 from payment_intents where id = ? for update';

describe('create, killed', () => {
  it.each([
    ['before the key is claimed', 'lock table idempotency_keys in access exclusive mode'],
    ['before the intent is stored', 'lock table payment_intents in access exclusive mode'],
    ['after the intent and before the commit', 'lock table payment_events in access exclusive mode'],
  ])('%s, makes one intent', async (_, sql) => {
    const key = `create-${++keys}`;
    const body = { ...INPUT, merchant_ref_id: key };
    const lock = await holdLock(sql);
    const first = post(PATH, body, key);
    await lock.reached();
    await kill();
    await lock.release();
    await first;
    await startGateway();
    const answer = await insist(PATH, body, key);
    expect(answer.status).toBe(201);
    expect(await database.db('payment_intents').where({ merchant_ref_id: key }).select('id')).toEqual([
      { id: answer.body['id'] },
    ]);
  });
});

type Step = readonly [
  name: string,
  stop: (intentId: string) => Promise<{ reached(): Promise<unknown>; release(): unknown }>,
];

type CallName = 'createCode' | 'deleteCode' | 'paymentDetails' | 'refund';

/** Waits at a call to PayPay, before or after its effect. */
function at(operation: CallName, when: 'before' | 'after') {
  return async () => {
    const hold = sandbox.faults.hold(operation, when);
    return { reached: () => hold.reached, release: () => hold.release() };
  };
}

/** Waits where PayPay's response is about to be stored. */
function storing(operation: 'createCode' | 'paymentDetails' | 'refund') {
  return async (intentId: string) => {
    const hold = sandbox.faults.hold(operation, 'after');
    let lock: Awaited<ReturnType<typeof holdLock>> | undefined;
    return {
      async reached() {
        await hold.reached;
        lock = await holdLock(LOCK_INTENT, intentId);
        hold.release();
        await lock.reached();
      },
      release: () => lock?.release(),
    };
  };
}

describe('confirm, killed', () => {
  const steps: Step[] = [
    ['before the attempt is stored', (intentId) => holdLock(LOCK_INTENT, intentId)],
    ['before PayPay makes the code', at('createCode', 'before')],
    ['after PayPay made the code', at('createCode', 'after')],
    ['before the code is stored', storing('createCode')],
  ];
  it.each(steps)('%s, ends with one payable code', async (_, stop) => {
    const key = `confirm-${++keys}`;
    const { body } = await insist(PATH, { ...INPUT, merchant_ref_id: key }, key);
    const id = body['id'] ?? '';
    const step = await stop(id);
    const first = post(`${PATH}/${id}/confirm`, CONFIRM, key);
    await step.reached();
    await kill();
    await step.release();
    await first;
    await startGateway();
    const answer = await insist(`${PATH}/${id}/confirm`, CONFIRM, key);
    expect(answer.status).toBe(200);
    const attempts = await database.db('payment_attempts').where({ intent_id: id }).select('id', 'status');
    const payable = sandbox
      .ledger()
      .filter(
        (entry) =>
          attempts.some((attempt) => attempt.id === entry.merchantPaymentId) &&
          entry.status === 'CREATED' &&
          !entry.deletedAt &&
          !entry.cancelRequestedAt,
      );
    expect(payable.map(({ url }) => url)).toEqual([answer.body['qr_content']]);
  });
});

describe('cancel, killed', () => {
  const steps: Step[] = [
    ['before anything is stored', (intentId) => holdLock(LOCK_INTENT, intentId)],
    ['before PayPay deletes the code', at('deleteCode', 'before')],
    ['after PayPay deleted the code', at('deleteCode', 'after')],
    ['before PayPay is read', at('paymentDetails', 'before')],
    ['after PayPay was read', at('paymentDetails', 'after')],
    ['before what was read is stored', storing('paymentDetails')],
  ];
  it.each(steps)('%s, ends cancelled with a dead code', async (_, stop) => {
    const key = `cancel-${++keys}`;
    const { body } = await insist(PATH, { ...INPUT, merchant_ref_id: key }, key);
    const id = body['id'] ?? '';
    const code = await insist(`${PATH}/${id}/confirm`, CONFIRM, `c-${key}`);
    const step = await stop(id);
    const first = post(`${PATH}/${id}/cancel`, {}, key);
    await step.reached();
    await kill();
    await step.release();
    await first;
    await startGateway();
    expect(await insist(`${PATH}/${id}/cancel`, {}, key)).toMatchObject({
      status: 200,
      body: { id, status: 'cancelled' },
    });
    expect((await sandbox.pay({ qrContent: code.body['qr_content'] ?? '' })).isAccepted).toBe(false);
  });
});

/** An intent that was paid by QR, as the gateway knows. */
async function sell(key: string): Promise<string> {
  const { body } = await insist(PATH, { ...INPUT, merchant_ref_id: key }, key);
  const id = body['id'] ?? '';
  const code = await insist(`${PATH}/${id}/confirm`, CONFIRM, `c-${key}`);
  await sandbox.pay({ qrContent: code.body['qr_content'] ?? '' });
  await expect
    .poll(() => database.db('payment_intents').where({ id }).first('status'), { timeout: 60_000 })
    .toEqual({ status: 'succeeded' });
  return id;
}

describe('a refund, killed', () => {
  const steps: Step[] = [
    ['before it is stored', (intentId) => holdLock(LOCK_INTENT, intentId)],
    ['before the payment is read', at('paymentDetails', 'before')],
    ['before PayPay makes it', at('refund', 'before')],
    ['after PayPay made it', at('refund', 'after')],
    ['before its outcome is stored', storing('refund')],
  ];
  it.each(steps)(
    '%s, is made once',
    async (_, stop) => {
      const key = `refund-${++keys}`;
      const id = await sell(key);
      const body = { payment_intent_id: id, amount: 40 };
      const step = await stop(id);
      const first = post('/v1/refunds', body, key);
      await step.reached();
      await kill();
      await step.release();
      await first;
      await passClaims();
      await startGateway();
      const refund = await insist('/v1/refunds', body, key);
      expect(refund.status).toBe(201);
      await expect
        .poll(() => database.db('refunds').where({ intent_id: id }).select('id', 'status'), {
          timeout: 60_000,
        })
        .toEqual([{ id: refund.body['id'], status: 'succeeded' }]);
      expect(refundsAtPayPay()).toEqual([
        { merchantRefundId: refund.body['id'], amount: 40, status: 'REFUNDED' },
      ]);
      expect(await database.db('payment_intents').where({ id }).first('amount_refunded')).toEqual({
        amount_refunded: 40,
      });

      function refundsAtPayPay() {
        return sandbox
          .ledger()
          .flatMap(({ refunds }) => refunds)
          .filter(({ merchantRefundId }) => merchantRefundId === refund.body['id'])
          .map(({ merchantRefundId, amount, status }) => ({ merchantRefundId, amount, status }));
      }
    },
    240_000,
  );
});

/** What the killed process had claimed is due at once, as it would be minutes later. */
async function passClaims(): Promise<void> {
  await database.db('refunds').where({ status: 'pending' }).update({ next_try_at: systemClock.now() });
  await database.db('payment_attempts').update({ leased_by: null, leased_until: null });
}
