/**
 * Two nodes, one of which has its wall clock set: payments are not affected.
 */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import { findFreePort } from '../../src/lib/net/free-port.ts';
import { authorizationHeader } from '../../src/lib/signing.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.ts';
import { createApiKey } from '../../src/services/operator/api-keys.ts';
import { BY_TEST } from '../support/acts.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { type SteppedProgram, startStepped, waitForHealth } from '../support/program.ts';

const PATH = '/v1/payment_intents';
const PAYPAY = { PAYPAY_API_KEY: 'k', PAYPAY_API_SECRET: 's' };
const MERCHANT = 'm1';
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const STEPS_MS = [-DAY_MS, -HOUR_MS, -MINUTE_MS, MINUTE_MS, HOUR_MS, DAY_MS];

type Credentials = Parameters<typeof authorizationHeader>[0];

interface NodeUnderTest {
  readonly port: number;
  readonly metricsPort: number;
  readonly program: SteppedProgram;
}

// biome-ignore lint/suspicious/noExplicitAny: the test reads what it expects
type Answer = { readonly status: number; readonly body: any };

let folder: string;
let database: TestDatabase;
let sandbox: Sandbox;
let merchant: Credentials;
let stepped: NodeUnderTest;
let steady: NodeUnderTest;
const encryptionKey = randomBytes(32).toString('base64');

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pgw-clock-'));
  database = await createTestDatabase();
  // No webhooks, so that everything depends on the times that the nodes store.
  sandbox = await startSandbox({ credentials: [{ apiKey: 'k', apiSecret: 's' }], webhookMode: 'manual' });
  [stepped, steady] = await Promise.all([
    startNode({ PAYPAY_BASE_URL: sandbox.url }),
    startNode({ PAYPAY_BASE_URL: sandbox.url }),
  ]);
  merchant = await newMerchant(steady);
}, 120_000);
afterAll(async () => {
  await Promise.all([stepped, steady].map((node) => node?.program.stop()));
  await sandbox.close();
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});
afterEach(() => Promise.all([stepped.program.setClock(0), sandbox.clock.reset()]));

async function startNode(more: Record<string, string>): Promise<NodeUnderTest> {
  const [port, metricsPort] = [await findFreePort(), await findFreePort()];
  const program = startStepped(['start'], {
    DATABASE_URL: database.url,
    DATA_DIR: folder,
    ENCRYPTION_KEY: encryptionKey,
    PORT: String(port),
    METRICS_PORT: String(metricsPort),
    LOG_LEVEL: 'warn',
    ...PAYPAY,
    ...more,
  });
  await waitForHealth(program, port, '/ready');
  return { port, metricsPort, program };
}

async function newMerchant(node: NodeUnderTest): Promise<Credentials> {
  const deps = { db: database.db, clock: systemClock };
  const upstream = await createApiKey(deps, BY_TEST, undefined);
  const configs = [{ provider: 'PAYPAY', is_active: true, credentials: { merchant_id: 'pp1' } }];
  const stores = [{ id: 's1', name: 'S', payment_processor_configs: configs }];
  const synced = await send(
    { apiKey: upstream.key.apiKey, secretKey: upstream.secretKey },
    node,
    'POST',
    '/v1/sync/merchants',
    { merchants: [{ id: MERCHANT, name: 'M', stores }] },
  );
  expect(synced.status).toBe(200);
  const { key, secretKey } = await createApiKey(deps, BY_TEST, MERCHANT);
  return { apiKey: key.apiKey, secretKey };
}

async function send(
  as: Credentials,
  { port }: NodeUnderTest,
  method: string,
  path: string,
  value?: unknown,
): Promise<Answer> {
  const body = value === undefined ? '' : JSON.stringify(value);
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    headers: {
      Authorization: authorizationHeader(as, { method, path, body }, new Date()),
      ...(body && { 'Content-Type': 'application/json' }),
    },
    ...(body && { body }),
  });
  return { status: response.status, body: await response.json() };
}

async function newIntent(node: NodeUnderTest): Promise<string> {
  const { status, body } = await send(merchant, node, 'POST', PATH, {
    amount: 1000,
    currency: 'JPY',
    payment_method_types: ['qr_mpm'],
    merchant_ref_id: 'r',
    merchant_store_id: 's1',
  });
  expect(status).toBe(201);
  return body.id;
}

async function confirm(node: NodeUnderTest, id: string): Promise<string> {
  const input = { payment_method_type: 'qr_mpm', provider: 'PAYPAY' };
  const { status, body } = await send(merchant, node, 'POST', `${PATH}/${id}/confirm`, input);
  expect([status, body.code]).toEqual([200, undefined]);
  return body.qr_content;
}

const retrieve = async (node: NodeUnderTest, id: string) =>
  (await send(merchant, node, 'GET', `${PATH}/${id}`)).body.status;

/** Reads only the database, because a retrieve would read the payment from PayPay. */
const storedStatus = async (id: string) =>
  (await database.db('payment_intents').where({ id }).first('status')).status;

async function runsOf({ metricsPort }: NodeUnderTest, worker: string): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
  const line = new RegExp(`^pgw_worker_pass_seconds_count\\{worker="${worker}"\\} (\\d+)`, 'm').exec(text);
  return Number(line?.[1] ?? 0);
}

/** Waits until each worker that ends or reads payments has run twice, so that at least one run began after the call. */
async function untilWorkersRan(node: NodeUnderTest): Promise<void> {
  const workers = ['expiry', 'attempts'];
  const before = await Promise.all(workers.map((worker) => runsOf(node, worker)));
  await eventually(async () => {
    for (const [index, worker] of workers.entries()) {
      expect(await runsOf(node, worker)).toBeGreaterThanOrEqual((before[index] ?? 0) + 2);
    }
  });
}

describe.each(STEPS_MS)("after one node's clock was set by %i ms", (stepMs) => {
  it('nothing expires, no signature is refused, a live code stays, and payments are found', async () => {
    const [open, shown] = [await newIntent(stepped), await newIntent(stepped)];
    const code = await confirm(stepped, shown);
    await stepped.program.setClock(stepMs);
    const during = await newIntent(stepped);
    const second = await confirm(stepped, during);
    await untilWorkersRan(stepped);

    for (const node of [stepped, steady]) {
      expect(await retrieve(node, open)).toBe('requires_payment_method');
      expect(await retrieve(node, shown)).toBe('requires_action');
      expect(await confirm(node, shown)).toBe(code);
      expect(await confirm(node, during)).toBe(second);
    }
    for (const [id, qrContent] of [
      [shown, code],
      [during, second],
    ] as const) {
      await sandbox.pay({ qrContent });
      await expect.poll(() => storedStatus(id), { timeout: 15_000 }).toBe('succeeded');
    }
    await stepped.program.setClock(0);
    await untilWorkersRan(stepped);
    expect(await storedStatus(open)).toBe('requires_payment_method');
    const cancelled = await send(merchant, stepped, 'POST', `${PATH}/${open}/cancel`);
    expect(cancelled.body.status).toBe('cancelled');
  }, 120_000);
});

describe.each([-100_000, 100_000])("with PayPay's clock off by %i ms", (offMs) => {
  it('a live code stays, and its payment is found', async () => {
    sandbox.clock.advance(offMs);
    const id = await newIntent(steady);
    const code = await confirm(steady, id);
    await untilWorkersRan(steady);
    expect(await retrieve(stepped, id)).toBe('requires_action');
    expect(await confirm(stepped, id)).toBe(code);
    await sandbox.pay({ qrContent: code });
    await expect.poll(() => storedStatus(id), { timeout: 15_000 }).toBe('succeeded');
  }, 120_000);
});

describe('a node with its own sandbox', () => {
  it.each([-HOUR_MS, HOUR_MS])(
    'completes a payment after its clock was set by %i ms',
    async (stepMs) => {
      const sandboxPort = await findFreePort();
      const node = await startNode({ SANDBOX_PORT: String(sandboxPort) });
      try {
        await node.program.setClock(stepMs);
        const id = await newIntent(node);
        const code = await confirm(node, id);
        const paid = await fetch(`http://127.0.0.1:${sandboxPort}/_control/pay`, {
          method: 'POST',
          body: JSON.stringify({ qr_content: code }),
        });
        expect(paid.status).toBe(200);
        await expect.poll(() => storedStatus(id), { timeout: 15_000 }).toBe('succeeded');
      } finally {
        await node.program.stop();
      }
    },
    120_000,
  );
});

describe('a command of pgw', () => {
  it.each([-DAY_MS, DAY_MS])(
    "stores the database's time on a machine whose clock is off by %i ms",
    async (offMs) => {
      const env = { DATABASE_URL: database.url, DATA_DIR: folder };
      const before = Date.now();
      const commands = [
        ['keys', 'create', '--merchant', MERCHANT],
        ['limits', 'set', MERCHANT, '1000000'],
      ];
      for (const command of commands) {
        expect(await startStepped(command, env, offMs).ended).toBe(0);
      }
      const key = await database.db('api_keys').max('created_at as at').first();
      const limit = await database.db('merchant_limits').where({ merchant_id: MERCHANT }).first();
      for (const at of [key?.['at'], limit.updated_at] as Date[]) {
        expect(at.getTime()).toBeGreaterThan(before - MINUTE_MS);
        expect(at.getTime()).toBeLessThan(Date.now() + MINUTE_MS);
      }
    },
    120_000,
  );
});
