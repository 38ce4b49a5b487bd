/**
 * Measures the cost of open event streams on one node: memory per stream, CPU while idle, and the delay from the
 * payer's payment to the event at the client. Gateway, PayPay simulator and PostgreSQL run in separate processes.
 *
 *   npm run measure:events -- --streams 2000 --idle-seconds 60 --payments 200
 */
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { makeTemporaryFolder } from '../src/embedded-postgres/temporary-folder.ts';
import { systemClock } from '../src/lib/clock.ts';
import { findFreePort } from '../src/lib/net/free-port.ts';
import { authorizationHeader } from '../src/lib/signing.ts';
import { createApiKey } from '../src/services/operator/api-keys.ts';
import { connect } from '../src/store/db/knex.ts';
import { migrate } from '../src/store/db/migrate.ts';
import { cpuSecondsOf, residentBytesOf } from './bench/measure/cpu.ts';
import { keepOutputIn, type Program, spawnNode, stopAllPrograms } from './bench/programs/program.ts';
import { startSandbox } from './bench/programs/sandbox.ts';
import { openTemporaryPostgres } from './temporary-postgres.ts';

const { values } = parseArgs({
  options: {
    streams: { type: 'string', default: '2000' },
    'idle-seconds': { type: 'string', default: '60' },
    payments: { type: 'string', default: '200' },
  },
});
const streamCount = Number(values.streams);
const idleSeconds = Number(values['idle-seconds']);
const paymentCount = Number(values.payments);

const PROGRAM = new URL('../dist/src/cli/pgw.js', import.meta.url).pathname;
const PATH = '/v1/payment_intents';
/** Concurrent requests during the preparation. */
const CONCURRENCY = 20;

const INPUT = { amount: 1000, currency: 'JPY', payment_method_types: ['qr_mpm'], merchant_ref_id: 'order_1' };
const MERCHANT = {
  id: 'merchant_001',
  name: 'Example',
  stores: [
    {
      id: 'store_001',
      name: 'Tokyo',
      payment_processor_configs: [
        { provider: 'PAYPAY', is_active: true, credentials: { merchant_id: 'paypay_merchant_123' } },
      ],
    },
  ],
};

interface Intent {
  readonly id: string;
  readonly token: string;
}

interface Stream {
  readonly intent: Intent;
  readonly response: IncomingMessage;
  /** When an event with this status arrived, by performance.now(). */
  readonly seenAt: Map<string, number>;
}

const folder = await makeTemporaryFolder();
keepOutputIn(folder);
const postgres = await openTemporaryPostgres();
try {
  await measure();
} finally {
  await stopAllPrograms();
  await postgres.remove();
}

async function measure(): Promise<void> {
  const port = await findFreePort();
  const sandbox = await startSandbox('sandbox', folder, port);
  const keys = await prepareDatabase();
  const gateway = await startGateway(port, { ...sandbox.credentials, PAYPAY_BASE_URL: sandbox.url });
  const url = `http://127.0.0.1:${port}`;
  const send = (method: string, path: string, body: unknown, as: typeof keys.merchant) =>
    sendSigned(url, method, path, body, as);
  await send('POST', '/v1/sync/merchants', { merchants: [MERCHANT] }, keys.upstream);
  const intents = await inParallel(Array.from({ length: streamCount }), async () => {
    const created = await send('POST', PATH, INPUT, keys.merchant);
    return { id: String(created['id']), token: String(created['payment_token']) };
  });
  const idleBefore = await idleCpu(gateway);
  const before = residentBytesOf(gateway.pid);
  const streams = await inParallel(intents, (intent) => openStream(url, intent));
  const after = residentBytesOf(gateway.pid);
  print(`${streams.length} streams open; resident memory ${mb(before)} before, ${mb(after)} after`);
  print(`${((after - before) / 1024 / streams.length).toFixed(1)} kB per stream`);
  const idleAfter = await idleCpu(gateway);
  const memory = mb(residentBytesOf(gateway.pid));
  print(`idle CPU per minute: ${idleBefore} s without streams, ${idleAfter} s with; memory ${memory}`);
  const delays: number[] = [];
  for (const stream of streams.slice(0, paymentCount)) {
    delays.push(await payAndWait(url, sandbox.url, stream));
  }
  delays.sort((a, b) => a - b);
  const at = (share: number) => (delays[Math.floor((delays.length - 1) * share)] ?? 0).toFixed(0);
  print(
    `${delays.length} sequential payments, payment to event: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, max ${at(1)} ms`,
  );
  for (const { response } of streams) {
    response.destroy();
  }
}

/** CPU seconds per minute while idle. */
async function idleCpu(gateway: Program): Promise<string> {
  const before = cpuSecondsOf(gateway.pid);
  await systemClock.sleep(idleSeconds * 1000);
  return (((cpuSecondsOf(gateway.pid) - before) / idleSeconds) * 60).toFixed(2);
}

async function prepareDatabase() {
  const db = connect(postgres.url, { poolMax: 2 });
  await migrate(db);
  const now = systemClock.now();
  await db('merchants').insert({ id: MERCHANT.id, name: MERCHANT.name, created_at: now, updated_at: now });
  const deps = { db, clock: systemClock };
  const [merchant, upstream] = [await createApiKey(deps, MERCHANT.id), await createApiKey(deps, undefined)];
  await db.destroy();
  const credentials = ({ key, secretKey }: typeof merchant) => ({ apiKey: key.apiKey, secretKey });
  return { merchant: credentials(merchant), upstream: credentials(upstream) };
}

async function startGateway(port: number, env: Record<string, string>): Promise<Program> {
  const gateway = await spawnNode('gateway', [PROGRAM, 'start'], {
    DATABASE_URL: postgres.url,
    DATA_DIR: folder,
    PORT: String(port),
    LOG_LEVEL: 'warn',
    RATE_LIMIT_MERCHANT_PER_MINUTE: '0',
    RATE_LIMIT_GLOBAL_PER_MINUTE: '0',
    ...env,
  });
  await gateway.waitUntil(async () => {
    const ready = await fetch(`http://127.0.0.1:${port}/ready`).catch(() => undefined);
    return ready?.ok ?? false;
  });
  return gateway;
}

async function sendSigned(
  url: string,
  method: string,
  path: string,
  body: unknown,
  as: { apiKey: string; secretKey: string },
): Promise<Record<string, unknown>> {
  const text = JSON.stringify(body);
  const authorization = authorizationHeader(as, { method, path, body: text }, systemClock.now());
  const headers = { 'Content-Type': 'application/json', Authorization: authorization };
  return answerOf(await fetch(`${url}${path}`, { method, headers, body: text }));
}

async function answerOf(response: Response): Promise<Record<string, unknown>> {
  if (!response.ok) {
    throw new Error(`${response.url} answered ${response.status}: ${await response.text()}`);
  }
  return (await response.json()) as Record<string, unknown>;
}

/** Opens a stream and resolves when its first event has arrived. */
async function openStream(url: string, intent: Intent): Promise<Stream> {
  const request = get(`${url}${PATH}/${intent.id}/events?payment_token=${intent.token}`, { agent: false });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  if (response.statusCode !== 200) {
    throw new Error(`a stream answered ${response.statusCode}`);
  }
  const seenAt = new Map<string, number>();
  response.on('error', () => undefined);
  response.on('data', (chunk: Buffer) => {
    for (const [, status = ''] of String(chunk).matchAll(/"status":"(\w+)"/g)) {
      seenAt.set(status, performance.now());
    }
  });
  while (seenAt.size === 0) {
    await once(response, 'data');
  }
  return { intent, response, seenAt };
}

/** Pays and returns the delay until the event arrives, in milliseconds. */
async function payAndWait(
  url: string,
  sandboxUrl: string,
  { intent, response, seenAt }: Stream,
): Promise<number> {
  const post = async (target: string, body: unknown) =>
    answerOf(
      await fetch(target, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
      }),
    );
  const confirmation = { payment_token: intent.token, payment_method_type: 'qr_mpm', provider: 'PAYPAY' };
  const { qr_content } = await post(`${url}${PATH}/${intent.id}/confirm`, confirmation);
  const paidAt = performance.now();
  await post(`${sandboxUrl}/_control/pay`, { qr_content });
  while (!seenAt.has('succeeded')) {
    await once(response, 'data');
  }
  return (seenAt.get('succeeded') ?? 0) - paidAt;
}

async function inParallel<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const waiting = items.entries();
  const worker = async () => {
    for (const [index, item] of waiting) {
      results[index] = await work(item);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  return results;
}

function mb(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(0)} MB`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
