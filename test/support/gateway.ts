/**
 * The real application for tests: services on a cloned database, the HTTP server on a free port, the PayPay sandbox. Every
 * response received through `request` is validated against the contract.
 */
import type { Document } from 'openapi-backend';
import { type App, createApp } from '../../src/http/app.ts';
import type { CounterFactory } from '../../src/http/rate-limits/counters.ts';
import { type HttpServer, listen } from '../../src/http/server.ts';
import { type Clock, systemClock } from '../../src/lib/clock.ts';
import { type Crypt, createCrypt } from '../../src/lib/encryption.ts';
import { createLog } from '../../src/lib/log.ts';
import { createMetrics } from '../../src/lib/metrics.ts';
import { authorizationHeader } from '../../src/lib/signing.ts';
import { createPayPayProvider } from '../../src/providers/paypay/index.ts';
import { createRegistry } from '../../src/providers/registry.ts';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../src/sandbox/sandbox.ts';
import type { ServiceDeps, WakeTarget } from '../../src/services/deps.ts';
import { createFollowers, type FollowerLimits } from '../../src/services/events/followers.ts';
import { createKeyUses } from '../../src/services/keys/key-uses.ts';
import { createAnnouncer } from '../../src/services/live-status/announce.ts';
import { createWatchers } from '../../src/services/live-status/watch.ts';
import type { WatchLimits } from '../../src/services/live-status/watch-limits.ts';
import { syncMerchants } from '../../src/services/operations/sync-merchants.ts';
import { createApiKey } from '../../src/services/operator/api-keys.ts';
import { createProviderCalls } from '../../src/services/provider-calls/provider-calls.ts';
import { createPingLimits } from '../../src/services/webhooks/ping-limits.ts';
import { createImageFetcher } from '../../src/webhook-sender/create-image-fetcher.ts';
import { createWebhookSender } from '../../src/webhook-sender/create-sender.ts';
import type { WebhookSender } from '../../src/webhook-sender/sender.ts';
import { createWorkers } from '../../src/workers/workers.ts';
import { BY_TEST } from './acts.ts';
import { contract, contractText, requireDeclared } from './contract.ts';
import { createTestDatabase, type TestDatabase } from './database.ts';

export interface Credentials {
  readonly apiKey: string;
  readonly secretKey: string;
}

export interface TestMerchant extends Credentials {
  readonly merchantId: string;
  readonly storeId: string;
}

export interface RequestOptions {
  /** Signs the request. */
  readonly as?: Credentials;
  /** Sent as JSON; a string or buffer is sent unchanged. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface TestResponse {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests read bodies that were validated against the contract
  readonly body: any;
  /** The raw body. */
  readonly bytes: Buffer;
}

export interface TestGateway {
  readonly url: string;
  readonly database: TestDatabase;
  readonly deps: ServiceDeps;
  /** For another server around the same application. */
  readonly app: App;
  readonly sandbox: Sandbox;
  /** Everything logged so far, one JSON text a line. */
  readonly logLines: string[];
  request(method: string, path: string, options?: RequestOptions): Promise<TestResponse>;
  /** A new merchant with one store, PayPay active, and a key. */
  newMerchant(): Promise<TestMerchant>;
  /** A sync key of an upstream system, by default of the one that `newMerchant` syncs for. */
  newSyncKey(upstream?: string): Promise<Credentials>;
  /** A new intent of 1000 JPY by default. */
  newIntent(merchant: TestMerchant, fields?: Record<string, unknown>): Promise<{ id: string; token: string }>;
  confirm(intent: { id: string; token: string }, headers?: Record<string, string>): Promise<TestResponse>;
  retrieve(intent: { id: string; token: string }): Promise<TestResponse>;
  /** Runs each worker once, or only the named ones, and waits for what they have started. */
  runPasses(...names: string[]): Promise<void>;
  close(): Promise<void>;
}

export interface TestGatewayOptions {
  readonly clock?: Clock;
  readonly limits?: { readonly global: number; readonly merchant: number };
  readonly sandbox?: Partial<SandboxOptions>;
  readonly timeoutsMs?: { readonly post: number; readonly other: number };
  /** Use this database instead of a clone; the caller drops it. */
  readonly database?: TestDatabase;
  readonly webhookAllowedIps?: readonly string[];
  readonly trustedProxies?: readonly string[];
  /** Where requests are counted; memory by default. */
  readonly counters?: CounterFactory;
  /** A contract other than the project's. */
  readonly contract?: Document;
  readonly contractSample?: number;
  /** True by default: payments are simulated. */
  readonly isSandbox?: boolean;
  /** Encryption at rest; by default under TEST_KEY. */
  readonly crypt?: Crypt;
  /** Sends webhooks; by default the real one, over the network. */
  readonly webhookSender?: WebhookSender;
  /** How many event streams may be open. */
  readonly watchLimits?: WatchLimits;
  /** How many requests may wait for events. */
  readonly followerLimits?: FollowerLimits;
}

const PAYPAY = { apiKey: 'test-key', apiSecret: 'test-secret', webhookSecret: 'test-webhook-secret' };
/** The encryption key. */
export const TEST_KEY = Buffer.alloc(32, 7);
let merchants = 0;

export async function startTestGateway(options: TestGatewayOptions = {}): Promise<TestGateway> {
  const clock = options.clock ?? systemClock;
  const database = options.database ?? (await createTestDatabase());
  const logLines: string[] = [];
  const log = createLog('debug', { write: (line) => void logLines.push(line) });
  const sandbox = await startSandbox({
    credentials: [PAYPAY],
    webhookSecret: PAYPAY.webhookSecret,
    clock,
    ...options.sandbox,
  });
  const providerCalls = createProviderCalls({ db: database.db, clock, log });
  const provider = createPayPayProvider({
    baseUrl: sandbox.url,
    apiKey: PAYPAY.apiKey,
    apiSecret: PAYPAY.apiSecret,
    clock,
    log,
    circuit: false,
    onCall: (call) => providerCalls.ended('PAYPAY', call),
    webhooks: { secret: PAYPAY.webhookSecret, allowedIps: options.webhookAllowedIps ?? [] },
    ...(options.timeoutsMs && { timeoutsMs: options.timeoutsMs }),
  });
  const wakes = new Set<WakeTarget>();
  let publicBaseUrl = '';
  const metrics = createMetrics();
  const announcer = createAnnouncer({ db: database.db, log });
  const followers = createFollowers(systemClock, options.followerLimits);
  const keyUses = createKeyUses({ db: database.db, clock, log });
  const watchers = createWatchers({
    followers,
    db: database.db,
    databaseUrl: database.url,
    clock,
    random: () => 0.5,
    log,
    metrics,
    ...(options.watchLimits && { limits: options.watchLimits }),
  });
  const isSandbox = options.isSandbox ?? true;
  const webhookSender =
    options.webhookSender ?? createWebhookSender({ allowsLocal: isSandbox, wallClock: clock });
  const imageFetcher = createImageFetcher({ allowsLocal: isSandbox });
  const deps: ServiceDeps = {
    db: database.db,
    clock,
    wallClock: clock,
    isSandbox,
    log,
    metrics,
    crypt: options.crypt ?? createCrypt(TEST_KEY),
    providers: createRegistry([provider]),
    webhookSender,
    imageFetcher,
    holder: 'test',
    wake: (work) => void wakes.add(work),
    announce: announcer.announce,
    watchers,
    pingLimits: createPingLimits(clock),
    keyUses,
    providerCalls,
    followers,
    readsPerSecond: 1_000_000,
    get publicBaseUrl() {
      return publicBaseUrl;
    },
    isDraining: () => false,
    random: () => 0.5,
  };
  const app = await createApp(deps, {
    contract: structuredClone(options.contract ?? contract),
    contractText,
    publicUrl: 'http://localhost:8080',
    contractSample: options.contractSample ?? 0,
    limits: options.limits ?? { global: 0, merchant: 0 },
    ...(options.trustedProxies && { trustedProxies: options.trustedProxies }),
    ...(options.counters && { counters: options.counters }),
  });
  const server = await listen(app, 0, '127.0.0.1');
  publicBaseUrl = `http://127.0.0.1:${server.port}`;
  sandbox.webhooks.url = `${publicBaseUrl}/v1/webhooks/paypay`;
  const gateway = assemble(deps, database, sandbox, server, logLines, async () => {
    watchers.end();
    followers.end();
    await server.close();
    await sandbox.close();
    await watchers.close();
    await announcer.flush();
    await keyUses.flush();
    await provider.close?.();
    await providerCalls.flush();
    await webhookSender.close();
    await imageFetcher.close();
    if (!options.database) {
      await database.drop();
    }
  });
  return { ...gateway, app };
}

function assemble(
  deps: ServiceDeps,
  database: TestDatabase,
  sandbox: Sandbox,
  server: HttpServer,
  logLines: string[],
  close: () => Promise<void>,
): Omit<TestGateway, 'app'> {
  const url = `http://127.0.0.1:${server.port}`;
  const request = (method: string, path: string, options: RequestOptions = {}) =>
    send(url, deps.clock, method, path, options);
  const workers = createWorkers(deps);
  return {
    url,
    database,
    deps,
    sandbox,
    logLines,
    request,
    close,
    newMerchant: () => newMerchant(deps),
    async newSyncKey(upstream) {
      const { key, secretKey } = await createApiKey(deps, BY_TEST, undefined, { upstream });
      return { apiKey: key.apiKey, secretKey };
    },
    async newIntent(merchant, fields = {}) {
      const body = {
        amount: 1000,
        currency: 'JPY',
        payment_method_types: ['qr_mpm'],
        merchant_ref_id: 'order_1',
        merchant_store_id: merchant.storeId,
        ...fields,
      };
      const created = await request('POST', '/v1/payment_intents', { as: merchant, body });
      if (created.status !== 201) {
        throw new Error(`create answered ${created.status}: ${JSON.stringify(created.body)}`);
      }
      return { id: created.body.id, token: created.body.payment_token };
    },
    confirm: ({ id, token }, headers = {}) =>
      request('POST', `/v1/payment_intents/${id}/confirm`, {
        headers,
        body: { payment_token: token, payment_method_type: 'qr_mpm', provider: 'PAYPAY' },
      }),
    retrieve: ({ id, token }) => request('GET', `/v1/payment_intents/${id}?payment_token=${token}`),
    async runPasses(...names) {
      for (const worker of workers) {
        if (names.length === 0 || names.includes(worker.name)) {
          await worker.runOnce();
          await worker.finish?.();
        }
      }
    },
  };
}

async function newMerchant(deps: ServiceDeps): Promise<TestMerchant> {
  merchants += 1;
  const merchantId = `merchant_${process.pid}_${merchants}`;
  const storeId = 'store_001';
  const credentials = { merchant_id: `paypay_${merchantId}` };
  const configs = [{ provider: 'PAYPAY' as const, isActive: true, credentials }];
  await syncMerchants(deps, [
    { id: merchantId, name: 'Test Merchant', stores: [{ id: storeId, name: 'Test Store', configs }] },
  ]);
  const { key, secretKey } = await createApiKey(deps, BY_TEST, merchantId);
  return { merchantId, storeId, apiKey: key.apiKey, secretKey };
}

async function send(
  url: string,
  clock: Clock,
  method: string,
  path: string,
  { as, body, headers = {} }: RequestOptions,
): Promise<TestResponse> {
  const bytes = toBytes(body);
  const signable = { method, path: path.split('?')[0] ?? path, body: bytes ?? '' };
  const response = await fetch(`${url}${path}`, {
    method,
    redirect: 'manual',
    headers: {
      ...(bytes && { 'Content-Type': 'application/json' }),
      ...(as && { Authorization: authorizationHeader(as, signable, clock.now()) }),
      ...headers,
    },
    ...(bytes && { body: bytes }),
  });
  const received = Buffer.from(await response.arrayBuffer());
  const answer = {
    status: response.status,
    headers: response.headers,
    body: parseBody(received.toString(), response.headers.get('Content-Type') ?? ''),
    bytes: received,
  };
  if (method !== 'OPTIONS' && method !== 'HEAD') {
    requireDeclared(method, signable.path, answer);
  }
  return answer;
}

/** JSON as its value, anything else as text. */
function parseBody(text: string, type: string): unknown {
  if (text === '') {
    return undefined;
  }
  return type.startsWith('application/json') ? JSON.parse(text) : text;
}

function toBytes(body: unknown): Buffer | undefined {
  if (body === undefined) {
    return undefined;
  }
  if (Buffer.isBuffer(body)) {
    return body;
  }
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
}
