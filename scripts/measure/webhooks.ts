/**
 * Measures the delay of webhooks while some receivers hang: from the response to the request that made the event, when it
 * is committed, to its arrival at a receiver that responds. Every merchant has one endpoint, and every event one delivery.
 * Gateway and PostgreSQL run in processes of their own. The receivers share one with the load, and have one origin, like
 * those of a platform.
 *
 *   npm run measure:webhooks -- --seconds 30 --rate 200 --endpoints 50 --hanging 10
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { systemClock } from '../../src/lib/clock.ts';
import { findFreePort } from '../../src/lib/net/free-port.ts';
import { connect } from '../../src/store/db/knex.ts';
import { residentBytesOf } from '../bench/measure/cpu.ts';
import { inParallel, type MeasuredGateway, sendSigned, withGateway } from './gateway.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '30' },
    rate: { type: 'string', default: '200' },
    endpoints: { type: 'string', default: '50' },
    hanging: { type: 'string', default: '10' },
  },
});
const seconds = Number(values.seconds);
const rate = Number(values.rate);
const endpointCount = Number(values.endpoints);
const hangingCount = Number(values.hanging);

const TICK_MS = 50;
/** How long to wait for events that have not arrived when the load ends. */
const ARRIVAL_TIMEOUT_MS = 30_000;
/** Backends publish their statistics once a second. */
const STATISTICS_DELAY_MS = 2_000;
const HANGING_PATH = '/hanging';

/** When something happened to the event of a payment intent, by its id and performance.now(). */
type Times = Map<string, number>;

// Without PayPay's address the gateway runs the sandbox itself, which allows receivers on this machine.
const env = { PAYPAY_BASE_URL: '', SANDBOX_PORT: String(await findFreePort()) };
await withGateway(env, measure, endpointCount);

async function measure(measured: MeasuredGateway): Promise<void> {
  const arrivedAt: Times = new Map();
  const receiver = await startReceiver(arrivedAt);
  try {
    await createEndpoints(measured, (receiver.address() as AddressInfo).port);
    const before = await countTransactions(measured);
    const memoryBefore = residentBytesOf(measured.gateway.pid);
    const committedAt = await load(measured);
    await waitForArrivals(committedAt, arrivedAt);
    const transactions = (await countTransactions(measured)) - before;
    const { pid } = measured.gateway;
    const memory = [memoryBefore, residentBytesOf(pid)].map((bytes) => (bytes / 1024 / 1024).toFixed(0));
    report(committedAt, arrivedAt);
    print(`resident memory of the gateway: ${memory[0]} MB before, ${memory[1]} MB after`);
    print(`transactions per event, its creation included: ${(transactions / (rate * seconds)).toFixed(2)}`);
  } finally {
    receiver.closeAllConnections();
    receiver.close();
  }
}

/** A receiver of all endpoints. Requests to hanging ones get no response. */
async function startReceiver(arrivedAt: Times): Promise<Server> {
  const server = createServer((request, response) => {
    receive(request, response, arrivedAt).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

async function receive(request: IncomingMessage, response: ServerResponse, arrivedAt: Times): Promise<void> {
  const body = (await request.toArray()).join('');
  if (request.url?.startsWith(HANGING_PATH)) {
    return;
  }
  const { data } = JSON.parse(body) as { data: { payment_intent: { id: string } } };
  arrivedAt.set(data.payment_intent.id, performance.now());
  response.writeHead(204).end();
}

async function createEndpoints({ url, merchants }: MeasuredGateway, port: number): Promise<void> {
  await inParallel(merchants, (merchant, index) => {
    const path = isHanging(index) ? HANGING_PATH : '/';
    const body = { url: `http://127.0.0.1:${port}${path}`, event_types: ['payment_intent.created'] };
    return sendSigned(url, '/v1/webhook_endpoints', body, merchant);
  });
}

function isHanging(merchant: number): boolean {
  return merchant % endpointCount < hangingCount;
}

/** Creates intents at the rate. @returns when each of a merchant whose receiver responds was committed */
async function load({ createIntent }: MeasuredGateway): Promise<Times> {
  const committedAt: Times = new Map();
  const creating: Promise<void>[] = [];
  const create = async (number: number) => {
    const { id } = await createIntent(number);
    if (!isHanging(number)) {
      committedAt.set(id, performance.now());
    }
  };
  const startedAt = performance.now();
  while (creating.length < rate * seconds) {
    const due = Math.min(((performance.now() - startedAt) / 1000) * rate, rate * seconds);
    while (creating.length < due) {
      creating.push(create(creating.length));
    }
    await systemClock.sleep(TICK_MS);
  }
  await Promise.all(creating);
  return committedAt;
}

async function waitForArrivals(committedAt: Times, arrivedAt: Times): Promise<void> {
  const deadline = performance.now() + ARRIVAL_TIMEOUT_MS;
  while (arrivedAt.size < committedAt.size && performance.now() < deadline) {
    await systemClock.sleep(TICK_MS);
  }
}

/** Of the whole database, so far; a statement outside a transaction is one of its own. */
async function countTransactions({ databaseUrl }: MeasuredGateway): Promise<number> {
  await systemClock.sleep(STATISTICS_DELAY_MS);
  const db = connect(databaseUrl, { poolMax: 1 });
  try {
    const { rows } = await db.raw(
      'select xact_commit as count from pg_stat_database where datname = current_database()',
    );
    return Number(rows[0].count);
  } finally {
    await db.destroy();
  }
}

function report(committedAt: Times, arrivedAt: Times): void {
  // The event can arrive before the response to the request that made it.
  const delays = [...committedAt]
    .map(([id, at]) => Math.max((arrivedAt.get(id) ?? Number.NaN) - at, 0))
    .filter((delay) => !Number.isNaN(delay))
    .sort((a, b) => a - b);
  const at = (share: number) => (delays[Math.floor((delays.length - 1) * share)] ?? 0).toFixed(0);
  print(
    `${rate} events a second for ${seconds} s to ${endpointCount} endpoints, of which ${hangingCount} hang`,
  );
  print(`${delays.length} of ${committedAt.size} events for the others arrived`);
  print(`from commit to receipt: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, max ${at(1)} ms`);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
