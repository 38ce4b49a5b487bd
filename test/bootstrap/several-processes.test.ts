import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import { findFreePort } from '../../src/lib/free-port.ts';
import { authorizationHeader } from '../../src/lib/signing.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.ts';
import type { ServiceDeps } from '../../src/services/deps.ts';
import { createApiKey } from '../../src/services/operator/api-keys.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { openEvents } from '../support/events.ts';
import { type Program, startProgram, waitFor, waitForHealth } from '../support/program.ts';
import { isInstalled } from '../support/redis.ts';

const PATH = '/v1/payment_intents';
const PAYPAY = { apiKey: 'k', apiSecret: 's' };

let database: TestDatabase;
let sandbox: Sandbox;
let credentials: { apiKey: string; secretKey: string };
const encryptionKey = randomBytes(32).toString('base64');

beforeAll(async () => {
  database = await createTestDatabase();
  sandbox = await startSandbox({ credentials: [PAYPAY] });
  const now = new Date();
  await database.db('merchants').insert({ id: 'm', name: 'M', created_at: now, updated_at: now });
  const deps: Pick<ServiceDeps, 'db' | 'clock'> = { db: database.db, clock: systemClock };
  const { key, secretKey } = await createApiKey(deps, 'm');
  credentials = { apiKey: key.apiKey, secretKey };
});
afterAll(async () => {
  await sandbox.close();
  await database.drop();
});

function environment(port: number, more: Record<string, string> = {}): Record<string, string> {
  return {
    DATABASE_URL: database.url,
    ENCRYPTION_KEY: encryptionKey,
    PORT: String(port),
    PAYPAY_BASE_URL: sandbox.url,
    PAYPAY_API_KEY: PAYPAY.apiKey,
    PAYPAY_API_SECRET: PAYPAY.apiSecret,
    LOG_LEVEL: 'error',
    ...more,
  };
}

function send(port: number, method: string, path: string, body = '', key?: string): Promise<Response> {
  const authorization = authorizationHeader(
    credentials,
    { method, path: path.split('?')[0] ?? path, body },
    new Date(),
  );
  return fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    headers: {
      Authorization: authorization,
      ...(body && { 'Content-Type': 'application/json' }),
      ...(key && { 'Idempotency-Key': key }),
    },
    ...(body && { body }),
  });
}

describe('pgw serve --processes', () => {
  it('serves on one port with exact limits without Redis, replaces a process that dies, and ends with 0', async () => {
    const port = await findFreePort();
    const limit = 300;
    const program = startProgram(
      ['serve', '--processes', '2'],
      environment(port, { RATE_LIMIT_MERCHANT_PER_MINUTE: String(limit), RATE_LIMIT_GLOBAL_PER_MINUTE: '0' }),
    );
    await waitFor(program, () => program.output().includes('mpac-pgw  '));
    const statuses = await Promise.all(
      Array.from({ length: 10 }, async () => {
        const seen: number[] = [];
        for (let index = 0; index < 90; index += 1) {
          seen.push((await send(port, 'GET', `${PATH}?limit=1`)).status);
        }
        return seen;
      }),
    );
    const passed = statuses.flat().filter((status) => status === 200).length;
    expect([passed, statuses.flat().length]).toEqual([limit, 900]);

    const [victim] = childrenOf(program);
    process.kill(Number(victim), 'SIGKILL');
    await expect
      .poll(() => childrenOf(program).filter((pid) => pid !== victim).length, { timeout: 10_000 })
      .toBe(2);
    expect((await fetch(`http://127.0.0.1:${port}/health`)).status).toBe(200);
    expect(await program.stop()).toBe(0);
  });
});

describe('event streams of pgw serve --processes', () => {
  it('hear of a change whichever process made it, and end at once with a hint when it shuts down', async () => {
    const port = await findFreePort();
    const program = startProgram(['serve', '--processes', '2'], environment(port));
    await waitFor(program, () => program.output().includes('mpac-pgw  '));
    const create = async () => {
      const body = '{"amount":1,"currency":"JPY","payment_method_types":["cash"],"merchant_ref_id":"r"}';
      const created = (await (await send(port, 'POST', PATH, body)).json()) as {
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
    expect((await send(port, 'POST', `${PATH}/${changing.id}/cancel`)).status).toBe(200);
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
  it('a rolling restart loses no request', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'pgw-proxy-'));
    const [front, one, two] = [await findFreePort(), await findFreePort(), await findFreePort()];
    await writeFile(join(folder, 'haproxy.cfg'), proxyConfig(front, [one, two]));
    const startNode = async (port: number): Promise<Program> => {
      const node = startProgram(
        ['start'],
        environment(port, {
          DRAIN_MS: '1500',
          RATE_LIMIT_MERCHANT_PER_MINUTE: '0',
          RATE_LIMIT_GLOBAL_PER_MINUTE: '0',
        }),
      );
      await waitForHealth(node, port, '/ready');
      return node;
    };
    let nodes = [await startNode(one), await startNode(two)];
    const proxy = spawn('haproxy', ['-f', join(folder, 'haproxy.cfg'), '-db'], { stdio: 'ignore' });
    await expect
      .poll(async () => (await fetch(`http://127.0.0.1:${front}/ready`).catch(() => undefined))?.status, {
        timeout: 10_000,
      })
      .toBe(200);

    const traffic = { isOver: false, statuses: new Map<number, number>() };
    const clients = Array.from({ length: 6 }, (_, name) => keepCreating(front, name, traffic));
    for (const [index, port] of [one, two].entries()) {
      expect(await nodes[index]?.stop()).toBe(0);
      const next = await startNode(port);
      nodes = nodes.map((node, position) => (position === index ? next : node));
      // The proxy has to see it ready before the other one goes.
      await systemClock.sleep(700);
    }
    traffic.isOver = true;
    await Promise.all(clients);
    expect([...traffic.statuses.keys()]).toEqual([201]);
    expect(traffic.statuses.get(201)).toBeGreaterThan(50);
    const proxyEnded = once(proxy, 'exit');
    proxy.kill('SIGKILL');
    await Promise.all([proxyEnded, ...nodes.map((node) => node.stop())]);
    await rm(folder, { recursive: true, force: true });
  });
});

async function keepCreating(
  port: number,
  name: number,
  traffic: { isOver: boolean; statuses: Map<number, number> },
): Promise<void> {
  for (let index = 0; !traffic.isOver; index += 1) {
    const body = JSON.stringify({
      amount: 1,
      currency: 'JPY',
      payment_method_types: ['cash'],
      merchant_ref_id: `r-${name}-${index}`,
    });
    const status = await send(port, 'POST', PATH, body).then(
      async (answer) => {
        await answer.arrayBuffer();
        return answer.status;
      },
      () => 0,
    );
    traffic.statuses.set(status, (traffic.statuses.get(status) ?? 0) + 1);
  }
}

/** As in docs/operations.md. */
function proxyConfig(front: number, nodes: number[]): string {
  return `
defaults
  mode http
  timeout connect 2s
  timeout client 60s
  timeout server 60s
  option redispatch
  retries 3
  retry-on conn-failure empty-response
frontend pgw
  bind 127.0.0.1:${front}
  default_backend nodes
backend nodes
  option httpchk GET /ready
  default-server check inter 200ms fall 1 rise 1
${nodes.map((port, index) => `  server node${index} 127.0.0.1:${port}`).join('\n')}
`;
}
