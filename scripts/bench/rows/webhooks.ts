/**
 * The cost of webhooks: creates and complete payments while every merchant has an endpoint for all events, against the same
 * gateway while none has. The endpoints exist only while their side is measured, because the other side must not pay for
 * their backlog.
 */
import { systemClock } from '../../../src/lib/clock.ts';
import { findFreePort } from '../../../src/lib/net/free-port.ts';
import { SCHEME, sign } from '../../../src/lib/signing.ts';
import { connect } from '../../../src/store/db/knex.ts';
import type { Bench } from '../bench.ts';
import { INSERT_INTENTS } from '../data/seeded.ts';
import type { Key } from '../load/job.ts';
import { startLoadProcess } from '../load/load-process.ts';
import { measureInTurns, type Side, throughputSide } from '../measure/measure.ts';
import type { Gateway } from '../programs/gateway.ts';
import { startSandbox } from '../programs/sandbox.ts';
import type { Row } from '../row.ts';
import { createSide } from './create.ts';
import { INTENTS_PER_SECOND, PAYERS_PER_CONNECTION } from './payments.ts';

const PATH = '/v1/webhook_endpoints';
/** Only where payments are not real may an endpoint be on this machine. */
const NOT_PRODUCTION = { NODE_ENV: 'test' };

export const createWithEndpoint: Row = {
  id: 'create-webhooks',
  what: 'create with a webhook endpoint',
  unit: '/s',
  target: { atLeast: 0.85 },
  async measure(bench) {
    const databaseUrl = await bench.emptyDatabase('bench_webhooks');
    const gateway = await bench.newGateway('gateway-webhooks', databaseUrl, { env: NOT_PRODUCTION });
    const without = await createSide(bench, gateway, 'without', false);
    return measureBoth(bench, gateway, without);
  },
};

export const paymentsWithEndpoint: Row = {
  id: 'payments-webhooks',
  what: 'confirm + webhook + retrieve with a webhook endpoint',
  unit: '/s',
  target: { atLeast: 0.85 },
  async measure(bench) {
    const databaseUrl = await bench.emptyDatabase('bench_webhooks');
    const port = await findFreePort();
    const sandbox = await startSandbox('sandbox-webhooks', bench.folder, port);
    const gateway = await bench.newGateway('gateway-webhooks', databaseUrl, {
      env: NOT_PRODUCTION,
      sandbox,
      port,
    });
    const load = await startLoadProcess();
    const workers = {
      gateway: gateway.program.pid,
      postgres: bench.postgresPid,
      sandbox: sandbox.program.pid,
    };
    let taken = 0;
    const without = throughputSide('without', workers, async (seconds) => {
      const intents = { first: taken, count: seconds * INTENTS_PER_SECOND };
      taken += intents.count;
      await insertIntents(databaseUrl, intents);
      return load.run({
        target: 'payments',
        gatewayPort: port,
        sandboxPort: sandbox.port,
        intents,
        connections: PAYERS_PER_CONNECTION * bench.options.connections,
        seconds,
      });
    });
    const measured = await measureBoth(bench, gateway, without);
    await load.stop();
    await sandbox.program.stop();
    return measured;
  },
};

async function measureBoth(bench: Bench, gateway: Gateway, without: Side) {
  const sink = await bench.server('webhook-sink');
  const url = `http://127.0.0.1:${sink.port}/`;
  const withEndpoints: Side = {
    name: 'with endpoint',
    async measure(seconds) {
      const remove = await createEndpoints(gateway, url);
      try {
        return await without.measure(seconds);
      } finally {
        await remove();
      }
    },
  };
  const sides = await measureInTurns([withEndpoints, without], bench.rounds);
  await gateway.program.stop();
  await sink.program.stop();
  return { sides };
}

/** One endpoint for every merchant. @returns a function that deletes them */
async function createEndpoints({ port, keys }: Gateway, url: string): Promise<() => Promise<void>> {
  const base = `http://127.0.0.1:${port}`;
  const endpoints = await Promise.all(
    keys.map(async (key) => {
      const { id } = (await call(base, key, 'POST', PATH, JSON.stringify({ url }))) as { id: string };
      return { key, id };
    }),
  );
  return async () => {
    await Promise.all(endpoints.map(({ key, id }) => call(base, key, 'DELETE', `${PATH}/${id}`)));
  };
}

async function call(base: string, key: Key, method: string, path: string, body = ''): Promise<unknown> {
  const timestamp = String(Math.floor(systemClock.now().getTime() / 1000));
  const signature = sign(key.secretKeyHash, { method, path, timestamp, body });
  const response = await fetch(`${base}${path}`, {
    method,
    headers: {
      Authorization: `${SCHEME} ${key.apiKey}:${timestamp}:${signature}`,
      ...(body !== '' && { 'Content-Type': 'application/json' }),
    },
    ...(body !== '' && { body }),
  });
  const text = await response.text();
  if (!response.ok) {
    throw new Error(`the gateway refused ${method} ${path}: ${text}`);
  }
  return text === '' ? undefined : JSON.parse(text);
}

async function insertIntents(databaseUrl: string, range: { first: number; count: number }): Promise<void> {
  const db = connect(databaseUrl, { poolMax: 1 });
  try {
    await db.raw(INSERT_INTENTS, range);
  } finally {
    await db.destroy();
  }
}
