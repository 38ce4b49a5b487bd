import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import { findFreePort } from '../../src/lib/net/free-port.ts';
import { authorizationHeader } from '../../src/lib/signing.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.ts';
import type { ServiceDeps } from '../../src/services/deps.ts';
import { createApiKey } from '../../src/services/operator/api-keys.ts';
import { BY_TEST } from '../support/acts.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { openEvents } from '../support/events.ts';
import { eventually } from '../support/eventually.ts';
import { type Program, startProgram, waitFor, waitForHealth } from '../support/program.ts';
import { isInstalled } from '../support/redis.ts';

const PATH = '/v1/payment_intents';
const PAYPAY = { apiKey: 'k', apiSecret: 's' };

interface Credentials {
  readonly apiKey: string;
  readonly secretKey: string;
}

let database: TestDatabase;
let sandbox: Sandbox;
let merchants = 0;
const encryptionKey = randomBytes(32).toString('base64');

beforeAll(async () => {
  database = await createTestDatabase();
  sandbox = await startSandbox({ credentials: [PAYPAY] });
});
afterAll(async () => {
  await sandbox.close();
  await database.drop();
});

async function newMerchant(): Promise<Credentials> {
  merchants += 1;
  const [id, now] = [`m${merchants}`, new Date()];
  await database.db('merchants').insert({ id, name: 'M', created_at: now, updated_at: now });
  const deps: Pick<ServiceDeps, 'db' | 'clock'> = { db: database.db, clock: systemClock };
  const { key, secretKey } = await createApiKey(deps, BY_TEST, id);
  return { apiKey: key.apiKey, secretKey };
}

function environment(port: number, more: Record<string, string> = {}): Record<string, string> {
  return {
    DATABASE_URL: database.url,
    ENCRYPTION_KEY: encryptionKey,
    PORT: String(port),
    PAYPAY_BASE_URL: sandbox.url,
    PAYPAY_API_KEY: PAYPAY.apiKey,
    PAYPAY_API_SECRET: PAYPAY.apiSecret,
    RATE_LIMIT_GLOBAL_PER_MINUTE: '0',
    LOG_LEVEL: 'error',
    ...more,
  };
}

function send(as: Credentials, port: number, method: string, path: string, body = ''): Promise<Response> {
  const request = { method, path: path.split('?')[0] ?? path, body };
  return fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    headers: {
      Authorization: authorizationHeader(as, request, new Date()),
      ...(body && { 'Content-Type': 'application/json' }),
    },
    ...(body && { body }),
  });
}

describe('pgw serve --processes', () => {
  const limit = 150;
  let port: number;
  let program: Program;
  beforeAll(async () => {
    port = await findFreePort();
    const limits = { RATE_LIMIT_MERCHANT_PER_MINUTE: String(limit) };
    program = startProgram(['serve', '--processes', '2'], environment(port, limits));
    await waitFor(program, () => program.output().includes('mpac-pgw  '));
  });
  afterAll(() => program.stop());

  it('serves on one port with exact limits without Redis', async () => {
    const merchant = await newMerchant();
    const client = async () => {
      const statuses: number[] = [];
      for (let index = 0; index < limit / 3; index += 1) {
        statuses.push((await send(merchant, port, 'GET', `${PATH}?limit=1`)).status);
      }
      return statuses;
    };
    const statuses = (await Promise.all(Array.from({ length: 9 }, client))).flat();
    expect(statuses).toHaveLength(3 * limit);
    expect(statuses.filter((status) => status === 200)).toHaveLength(limit);
    expect(statuses.filter((status) => status === 429)).toHaveLength(2 * limit);
  });

  it('replaces a process that dies', async () => {
    const [victim] = childrenOf(program);
    process.kill(Number(victim), 'SIGKILL');
    await expect.poll(() => childrenOf(program).filter((pid) => pid !== victim).length).toBe(2);
    expect((await fetch(`http://127.0.0.1:${port}/health`)).status).toBe(200);
  });

  it('says on the payment page that the payment is simulated, as the process with the sandbox does', async () => {
    const merchant = await newMerchant();
    const body = '{"amount":1,"currency":"JPY","payment_method_types":["cash"],"merchant_ref_id":"r"}';
    const created = await send(merchant, port, 'POST', PATH, body);
    const { id, payment_token } = (await created.json()) as { id: string; payment_token: string };
    const page = await fetch(`http://127.0.0.1:${port}/pay/${id}?payment_token=${payment_token}&lang=en`);
    expect(await page.text()).toMatch(/<aside id="test"[^>]*><strong>/);
  });

  it('sends a change to the event streams of all processes, ends them with a retry hint, and exits with 0', async () => {
    const merchant = await newMerchant();
    const create = async () => {
      const body = '{"amount":1,"currency":"JPY","payment_method_types":["cash"],"merchant_ref_id":"r"}';
      const created = (await (await send(merchant, port, 'POST', PATH, body)).json()) as {
        id: string;
        payment_token: string;
      };
      const url = `http://127.0.0.1:${port}${PATH}/${created.id}/events?payment_token=${created.payment_token}`;
      return { id: created.id, open: () => openEvents(url) };
    };
    const [changing, waiting] = [await create(), await create()];
    // Connections go to the processes in turn.
    const streams = await Promise.all([changing.open(), changing.open(), changing.open(), changing.open()]);
    const left = await Promise.all([waiting.open(), waiting.open()]);
    await Promise.all([...streams, ...left].map((stream) => stream.until('requires_payment_method')));
    expect((await send(merchant, port, 'POST', `${PATH}/${changing.id}/cancel`)).status).toBe(200);
    await Promise.all(streams.map((stream) => stream.until('cancelled')));
    const ending = program.stop();
    await Promise.all(left.map((stream) => stream.end()));
    expect(await ending).toBe(0);
    for (const { retries } of left) {
      expect(retries.length).toBe(2);
    }
  });
});

function childrenOf(program: Program): string[] {
  return execFileSync('pgrep', ['-P', String(program.child.pid)], { encoding: 'utf8' })
    .trim()
    .split('\n');
}

const hasProxy = isInstalled('haproxy', '-v');

describe.skipIf(!hasProxy)('two nodes behind HAProxy (needs haproxy)', () => {
  let folder: string;
  let front: number;
  let ports: readonly [number, number];
  let merchant: Credentials;
  let proxy: ChildProcess;
  let isServing: (node: number) => Promise<boolean>;
  const nodes: Program[] = [];
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pgw-proxy-'));
    front = await findFreePort();
    ports = [await findFreePort(), await findFreePort()];
    const statistics = await findFreePort();
    merchant = await newMerchant();
    nodes.push(...(await Promise.all(ports.map(startNode))));
    await writeFile(join(folder, 'haproxy.cfg'), proxyConfig(front, statistics, ports));
    proxy = spawn('haproxy', ['-f', join(folder, 'haproxy.cfg'), '-db'], { stdio: 'ignore' });
    isServing = (node) => isUp(statistics, node);
    await Promise.all([untilServing(0), untilServing(1)]);
  });
  afterAll(async () => {
    const proxyEnded = once(proxy, 'exit');
    proxy.kill('SIGKILL');
    await Promise.all([proxyEnded, ...nodes.map((node) => node.stop())]);
    await rm(folder, { recursive: true, force: true });
  });

  async function startNode(port: number): Promise<Program> {
    const limits = { RATE_LIMIT_MERCHANT_PER_MINUTE: '0' };
    const node = startProgram(['start'], environment(port, { DRAIN_MS: '2000', ...limits }));
    await waitForHealth(node, port, '/ready');
    return node;
  }

  const untilServing = (node: number) => eventually(async () => expect(await isServing(node)).toBe(true));

  it('a rolling restart loses no request', async () => {
    const traffic = { isOver: false, statuses: new Map<number, number>() };
    const clients = ['a', 'b'].map((name) => keepCreating(merchant, front, name, traffic));
    for (const [index, port] of ports.entries()) {
      expect(await nodes[index]?.stop()).toBe(0);
      nodes[index] = await startNode(port);
      // The proxy has to see it ready before the other one goes.
      await untilServing(index);
    }
    traffic.isOver = true;
    await Promise.all(clients);
    expect([...traffic.statuses.keys()]).toEqual([201]);
    expect(traffic.statuses.get(201)).toBeGreaterThan(50);
  });
});

async function keepCreating(
  merchant: Credentials,
  port: number,
  name: string,
  traffic: { isOver: boolean; statuses: Map<number, number> },
): Promise<void> {
  for (let index = 0; !traffic.isOver; index += 1) {
    const body = JSON.stringify({
      amount: 1,
      currency: 'JPY',
      payment_method_types: ['cash'],
      merchant_ref_id: `r-${name}-${index}`,
    });
    const status = await send(merchant, port, 'POST', PATH, body).then(
      async (answer) => {
        await answer.arrayBuffer();
        return answer.status;
      },
      () => 0,
    );
    traffic.statuses.set(status, (traffic.statuses.get(status) ?? 0) + 1);
  }
}

/** Whether the proxy sends requests to a node, by its own statistics. */
async function isUp(statistics: number, node: number): Promise<boolean> {
  const answer = await fetch(`http://127.0.0.1:${statistics}/;csv`).catch(() => undefined);
  const rows = (await answer?.text())?.split('\n').map((row) => row.split(',')) ?? [];
  const status = rows[0]?.indexOf('status') ?? -1;
  return rows.some((row) => row[0] === 'nodes' && row[1] === `node${node}` && row[status] === 'UP');
}

/** The nodes as in docs/operations.md. */
function proxyConfig(front: number, statistics: number, nodes: readonly number[]): string {
  return `
defaults
  mode http
  timeout connect 2s
  timeout client 60s
  timeout server 60s
  timeout check 2s
  option redispatch
  retries 3
  retry-on conn-failure empty-response
frontend statistics
  bind 127.0.0.1:${statistics}
  stats enable
  stats uri /
frontend pgw
  bind 127.0.0.1:${front}
  default_backend nodes
backend nodes
  http-request disable-l7-retry if METH_POST !{ req.hdr(Idempotency-Key) -m found }
  option httpchk GET /ready
  default-server check inter 200ms fall 1 rise 1
${nodes.map((port, index) => `  server node${index} 127.0.0.1:${port}`).join('\n')}
`;
}
