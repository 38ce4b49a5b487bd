/**
 * The measured gateway: the compiled program in a separate process, configured as in production with every feature
 * enabled. The rate limits count each request, but are too high to be reached.
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { systemClock } from '../../../src/lib/clock.ts';
import { findFreePort } from '../../../src/lib/net/free-port.ts';
import { authorizationHeader, hashSecretKey } from '../../../src/lib/signing.ts';
import { createApiKey } from '../../../src/services/operator/api-keys.ts';
import { connect } from '../../../src/store/db/knex.ts';
import { MERCHANTS, STORES } from '../data/seeded.ts';
import type { Key } from '../load/job.ts';
import { type Program, spawnNode } from './program.ts';
import type { PayPaySandbox } from './sandbox.ts';

export interface Gateway {
  readonly port: number;
  readonly program: Program;
  readonly databaseUrl: string;
  /** One key per merchant. */
  readonly keys: readonly Key[];
  /** For POST /v1/sync/merchants. */
  readonly syncKey: Key;
}

export interface GatewayOptions {
  readonly name: string;
  readonly databaseUrl: string;
  readonly folder: string;
  readonly sandbox: PayPaySandbox;
  readonly port?: number;
  /** Additional options for Node. */
  readonly nodeOptions?: readonly string[];
  /** Variables that differ from production's. */
  readonly env?: Readonly<Record<string, string>>;
}

const PROGRAM = new URL('../../../dist/src/cli/pgw.js', import.meta.url).pathname;
const OUT_OF_REACH = '1000000000';
/** Shared by all gateways, so that each can open what another has sealed. */
const ENCRYPTION_KEY = randomBytes(32).toString('base64');

/** Starts a gateway on a migrated database, with the benchmark's merchants in it. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { name, databaseUrl, folder, sandbox, nodeOptions = [], env = {} } = options;
  const port = options.port ?? (await findFreePort());
  const program = await spawnNode(name, [...nodeOptions, PROGRAM, 'start'], {
    NODE_ENV: 'production',
    PORT: String(port),
    DATABASE_URL: databaseUrl,
    DATA_DIR: join(folder, name),
    ENCRYPTION_KEY,
    PAYPAY_BASE_URL: sandbox.url,
    ...sandbox.credentials,
    // Not limited: the limit protects the real PayPay, and the maximum of the simulator is to be measured.
    PAYPAY_READS_PER_SECOND: '100000',
    RATE_LIMIT_MERCHANT_PER_MINUTE: OUT_OF_REACH,
    RATE_LIMIT_GLOBAL_PER_MINUTE: OUT_OF_REACH,
    DRAIN_MS: '0',
    ...env,
  });
  await program.waitUntil(async () => (await get(`http://127.0.0.1:${port}/ready`)) === 200);
  return { port, program, databaseUrl, ...(await makeCallers(databaseUrl, port)) };
}

/** Creates the merchants by sync and the keys like the operator's command, as in production. */
async function makeCallers(databaseUrl: string, port: number): Promise<Pick<Gateway, 'keys' | 'syncKey'>> {
  const db = connect(databaseUrl, { poolMax: 1 });
  const makeKey = async (merchantId?: string) => {
    const { key, secretKey } = await createApiKey(
      { db, clock: systemClock },
      { actor: { kind: 'gateway', id: 'benchmark' } },
      merchantId,
    );
    return { apiKey: key.apiKey, secretKey, secretKeyHash: hashSecretKey(secretKey) };
  };
  try {
    const syncKey = await makeKey();
    await syncMerchants(port, syncKey);
    const keys: Key[] = [];
    for (const merchant of MERCHANTS) {
      keys.push(await makeKey(merchant));
    }
    return { keys, syncKey };
  } finally {
    await db.destroy();
  }
}

async function syncMerchants(port: number, key: { apiKey: string; secretKey: string }): Promise<void> {
  const path = '/v1/sync/merchants';
  const body = JSON.stringify({
    merchants: MERCHANTS.map((id) => ({ id, name: id, stores: STORES.map(store) })),
  });
  const authorization = authorizationHeader(key, { method: 'POST', path, body }, systemClock.now());
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method: 'POST',
    headers: { Authorization: authorization, 'Content-Type': 'application/json' },
    body,
  });
  if (!response.ok) {
    throw new Error(`the gateway refused the merchants: ${await response.text()}`);
  }
}

function store(id: string) {
  const config = { provider: 'PAYPAY', is_active: true, credentials: { merchant_id: 'paypay_bench' } };
  return { id, name: id, payment_processor_configs: [config] };
}

async function get(url: string): Promise<number> {
  return fetch(url).then(
    ({ status }) => status,
    () => 0,
  );
}
