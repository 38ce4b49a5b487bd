/**
 * A gateway to measure: the built program, PayPay's simulator and PostgreSQL in processes of their own, with merchants whose
 * payments can be created. Everything is stopped and removed afterwards.
 */
import { makeTemporaryFolder } from '../../src/embedded-postgres/temporary-folder.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { findFreePort } from '../../src/lib/net/free-port.ts';
import { authorizationHeader } from '../../src/lib/signing.ts';
import { createApiKey } from '../../src/services/operator/api-keys.ts';
import { connect } from '../../src/store/db/knex.ts';
import { migrate } from '../../src/store/db/migrate.ts';
import { keepOutputIn, type Program, spawnNode, stopAllPrograms } from '../bench/programs/program.ts';
import { startSandbox } from '../bench/programs/sandbox.ts';
import { openTemporaryPostgres } from '../temporary-postgres.ts';

export const PATH = '/v1/payment_intents';

const PROGRAM = new URL('../../dist/src/cli/pgw.js', import.meta.url).pathname;
/** Concurrent requests during the preparation. */
const CONCURRENCY = 20;
const INPUT = { amount: 1000, currency: 'JPY', payment_method_types: ['qr_mpm'], merchant_ref_id: 'order_1' };

export interface Credentials {
  readonly apiKey: string;
  readonly secretKey: string;
}

export interface MeasuredGateway {
  readonly url: string;
  readonly databaseUrl: string;
  readonly sandboxUrl: string;
  readonly gateway: Program;
  readonly merchants: readonly Credentials[];
  /** Creates a PaymentIntent. @param merchant any integer; it selects one of the merchants */
  createIntent(merchant: number): Promise<{ id: string; token: string }>;
}

/** @param env additional environment variables of the gateway */
export async function withGateway(
  env: Readonly<Record<string, string>>,
  work: (gateway: MeasuredGateway) => Promise<void>,
  merchantCount = 10,
): Promise<void> {
  const folder = await makeTemporaryFolder();
  keepOutputIn(folder);
  const postgres = await openTemporaryPostgres();
  try {
    const port = await findFreePort();
    const sandbox = await startSandbox('sandbox', folder, port);
    const { merchants, upstream } = await prepareDatabase(postgres.url, merchantCount);
    const gateway = await startGateway(port, {
      DATABASE_URL: postgres.url,
      DATA_DIR: folder,
      PAYPAY_BASE_URL: sandbox.url,
      ...sandbox.credentials,
      ...env,
    });
    const url = `http://127.0.0.1:${port}`;
    await sendSigned(
      url,
      '/v1/sync/merchants',
      { merchants: merchants.map((_, index) => merchant(index)) },
      upstream,
    );
    await work({
      url,
      databaseUrl: postgres.url,
      sandboxUrl: sandbox.url,
      gateway,
      merchants,
      async createIntent(number) {
        const as = merchants[number % merchants.length] as Credentials;
        const created = await sendSigned(url, PATH, INPUT, as);
        return { id: String(created['id']), token: String(created['payment_token']) };
      },
    });
  } finally {
    await stopAllPrograms();
    await postgres.remove();
  }
}

/** @throws unless the response is a success */
export async function answerOf(response: Response): Promise<Record<string, unknown>> {
  if (!response.ok) {
    throw new Error(`${response.url} answered ${response.status}: ${await response.text()}`);
  }
  return (await response.json()) as Record<string, unknown>;
}

export async function inParallel<T, R>(
  items: readonly T[],
  work: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const waiting = items.entries();
  const worker = async () => {
    for (const [index, item] of waiting) {
      results[index] = await work(item, index);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  return results;
}

function merchant(number: number) {
  const credentials = { merchant_id: `paypay_merchant_${number}` };
  const payment_processor_configs = [{ provider: 'PAYPAY', is_active: true, credentials }];
  return {
    id: `merchant_${number}`,
    name: 'Example',
    stores: [{ id: 'store_001', name: 'Tokyo', payment_processor_configs }],
  };
}

async function prepareDatabase(databaseUrl: string, merchantCount: number) {
  const db = connect(databaseUrl, { poolMax: 2 });
  await migrate(db);
  const now = systemClock.now();
  const deps = { db, clock: systemClock };
  const credentials = ({ key, secretKey }: Awaited<ReturnType<typeof createApiKey>>): Credentials => ({
    apiKey: key.apiKey,
    secretKey,
  });
  const merchants: Credentials[] = [];
  for (let number = 0; number < merchantCount; number += 1) {
    const { id, name } = merchant(number);
    await db('merchants').insert({ id, name, created_at: now, updated_at: now });
    merchants.push(
      credentials(await createApiKey(deps, { actor: { kind: 'gateway', id: 'measurement' } }, id)),
    );
  }
  const upstream = credentials(
    await createApiKey(deps, { actor: { kind: 'gateway', id: 'measurement' } }, undefined),
  );
  await db.destroy();
  return { merchants, upstream };
}

async function startGateway(port: number, env: Record<string, string>): Promise<Program> {
  const gateway = await spawnNode('gateway', [PROGRAM, 'start'], {
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

/** @throws unless the response is a success */
export async function sendSigned(
  url: string,
  path: string,
  body: unknown,
  as: Credentials,
): Promise<Record<string, unknown>> {
  const text = JSON.stringify(body);
  const authorization = authorizationHeader(as, { method: 'POST', path, body: text }, systemClock.now());
  const headers = { 'Content-Type': 'application/json', Authorization: authorization };
  return answerOf(await fetch(`${url}${path}`, { method: 'POST', headers, body: text }));
}
