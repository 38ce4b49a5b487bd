/**
 * Demo data that make the examples of the API reference work unchanged in a new installation: merchant_001 with
 * store_001, and keys for both kinds of caller. Created once; later changes by the user are kept. And the webhook
 * deliveries of this merchant, for the sandbox's page.
 */
import { type Config, ConfigError } from '../config.ts';
import type { ActContext } from '../domain/audit/act.ts';
import { DomainError } from '../domain/errors.ts';
import type { DeliveryAttempt } from '../domain/webhook-delivery.ts';
import { randomAlphanumerics } from '../lib/ids.ts';
import { ensureMadeSecret, findSecret } from '../lib/secrets.ts';
import { PAYPAY } from '../providers/paypay/index.ts';
import type { MerchantDelivery, PaymentOrigin } from '../sandbox/core/options.ts';
import type { ServiceDeps } from '../services/deps.ts';
import { syncMerchants } from '../services/operations/sync-merchants.ts';
import { createWebhookEndpoint } from '../services/operations/webhook-endpoints/create-webhook-endpoint.ts';
import { createApiKey, ensureApiKey } from '../services/operator/api-keys.ts';
import { openSigningKeys, workingKeys } from '../services/webhooks/signing-keys.ts';
import { findApiKey, isWorkingKey } from '../store/api-keys.ts';
import { hasAnyMerchant, hasMerchant } from '../store/merchants.ts';
import { listPaymentOrigins } from '../store/operator/payment-origins.ts';
import { type AddressedDelivery, listNewestDeliveries } from '../store/webhooks/deliveries.ts';
import { listEndpoints } from '../store/webhooks/endpoints.ts';

export const DEMO_MERCHANT_ID = 'merchant_001';
const DEMO_STORE_ID = 'store_001';

/** Nobody acts: the gateway prepares itself. */
const BY_DEMO: ActContext = { actor: { kind: 'gateway', id: 'demo' } };

interface DemoKeys {
  readonly apiKey: string;
  readonly secretKey: string;
}

export interface Demo extends DemoKeys {
  readonly merchantId: string;
  readonly storeId: string;
  readonly syncApiKey: string;
  readonly syncSecretKey: string;
}

/** The keys of the contract's test vectors. Their names make clear that they are not secret. */
const SANDBOX_DEMO: Demo = {
  merchantId: DEMO_MERCHANT_ID,
  storeId: DEMO_STORE_ID,
  apiKey: 'ak_sandbox_merchant_001',
  secretKey: 'sk_sandbox_merchant_001_not_a_secret',
  syncApiKey: 'ak_sandbox_sync',
  syncSecretKey: 'sk_sandbox_sync_not_a_secret',
};

/** In these files of DATA_DIR are the keys of the demo merchant, for `pgw demo`. */
export const DEMO_KEY_FILES = { apiKey: 'demo-api-key', secretKey: 'demo-secret-key' } as const;

/**
 * Creates the demo merchant, and the key that DATA_DIR has for it.
 * @returns the new keys, or undefined if the demo merchant already existed
 */
export async function ensureDemo(deps: ServiceDeps, dataDir: string): Promise<Demo | undefined> {
  if (await hasMerchant(deps.db, DEMO_MERCHANT_ID)) {
    await ensureDemoKeys(deps, dataDir);
    return undefined;
  }
  await syncDemoMerchant(deps);
  const payments = await ensureDemoKeys(deps, dataDir);
  const sync = await createApiKey(deps, BY_DEMO, undefined);
  return {
    merchantId: DEMO_MERCHANT_ID,
    storeId: DEMO_STORE_ID,
    ...payments,
    syncApiKey: sync.key.apiKey,
    syncSecretKey: sync.secretKey,
  };
}

/** The demo merchant's keys in `dataDir`, made once. A key that was revoked stays revoked. */
export async function ensureDemoKeys(
  deps: Pick<ServiceDeps, 'db' | 'clock'>,
  dataDir: string,
): Promise<DemoKeys> {
  const apiKey = await ensureMadeSecret(
    dataDir,
    DEMO_KEY_FILES.apiKey,
    () => `ak_${randomAlphanumerics(24)}`,
  );
  const secretKey = await ensureMadeSecret(
    dataDir,
    DEMO_KEY_FILES.secretKey,
    () => `sk_${randomAlphanumerics(40)}`,
  );
  if (!(await findApiKey(deps.db, apiKey))) {
    await ensureApiKey(deps, DEMO_MERCHANT_ID, { apiKey, secretKey });
  }
  return { apiKey, secretKey };
}

/** The demo merchant's keys, if a start has left them in `dataDir`; the database is not needed. */
export async function findDemoKeys(dataDir: string): Promise<DemoKeys | undefined> {
  const apiKey = await findSecret(dataDir, DEMO_KEY_FILES.apiKey);
  const secretKey = await findSecret(dataDir, DEMO_KEY_FILES.secretKey);
  return apiKey && secretKey ? { apiKey, secretKey } : undefined;
}

/**
 * Creates the demo merchant with the publicly known sandbox keys.
 * @returns undefined if the database has merchants but not these keys: it is not a sandbox's and must not get them
 */
export async function ensureSandboxDemo(deps: ServiceDeps): Promise<Demo | undefined> {
  const { apiKey, secretKey, syncApiKey, syncSecretKey, merchantId } = SANDBOX_DEMO;
  if (!(await findApiKey(deps.db, apiKey)) && (await hasAnyMerchant(deps.db))) {
    return undefined;
  }
  await syncDemoMerchant(deps);
  await ensureApiKey(deps, merchantId, { apiKey, secretKey });
  await ensureApiKey(deps, undefined, { apiKey: syncApiKey, secretKey: syncSecretKey });
  return SANDBOX_DEMO;
}

/**
 * Everybody knows the keys of a sandbox for tests, so where money is real they must not work.
 * @throws ConfigError when the database has such a key that is not revoked
 */
export async function refuseSandboxKeys(
  { database, takesRealMoney }: Pick<Config, 'database' | 'takesRealMoney'>,
  { db, clock }: Pick<ServiceDeps, 'db' | 'clock'>,
): Promise<void> {
  if (!takesRealMoney) {
    return;
  }
  const names = [SANDBOX_DEMO.apiKey, SANDBOX_DEMO.syncApiKey];
  const found = await Promise.all(names.map((name) => findApiKey(db, name)));
  const working = names.filter((_, index) => {
    const key = found[index];
    return key !== undefined && isWorkingKey(key, clock.now());
  });
  if (working.length > 0) {
    throw new ConfigError(
      database.url === undefined ? 'DATA_DIR' : 'DATABASE_URL',
      `holds the public keys of a sandbox, with which anybody can act as a merchant: use an empty database, or run ` +
        working.map((name) => `pgw keys revoke ${name}`).join(' and '),
    );
  }
}

async function syncDemoMerchant(deps: ServiceDeps): Promise<void> {
  await syncMerchants(deps, [
    {
      id: DEMO_MERCHANT_ID,
      name: 'Example Restaurant Chain',
      branding: { display_name: 'Example Restaurant', accent_color: '#0a7d5a' },
      stores: [
        {
          id: DEMO_STORE_ID,
          name: 'Tokyo Branch',
          configs: [
            { provider: PAYPAY, isActive: true, credentials: { merchant_id: 'paypay_merchant_123' } },
          ],
        },
      ],
    },
  ]);
}

/**
 * Creates a webhook endpoint of the demo merchant, unless it has one with this URL, which keeps its secret over restarts.
 * @returns the secret
 * @throws ConfigError when the URL cannot be an endpoint
 */
export async function ensureDemoWebhook(deps: ServiceDeps, merchantId: string, url: string): Promise<string> {
  const endpoints = await listEndpoints(deps.db, merchantId);
  const found = endpoints.find(({ endpoint }) => endpoint.url === url && endpoint.signature === 'hmac');
  if (found) {
    const keys = openSigningKeys(deps, found.endpoint.id, found.sealedKeys);
    return requireSecret(workingKeys(keys, deps.clock.now())[0]);
  }
  const created = await createWebhookEndpoint(deps, BY_DEMO, {
    merchantId,
    url,
    description: 'SANDBOX_WEBHOOK_URL',
    eventTypes: undefined,
    merchantStoreIds: undefined,
    ordering: 'none',
    signature: 'hmac',
    maxPerSecond: undefined,
    idempotencyId: undefined,
  }).catch((error: unknown) => {
    throw error instanceof DomainError ? new ConfigError('SANDBOX_WEBHOOK_URL', error.message) : error;
  });
  return requireSecret(created.secret);
}

function requireSecret(secret: string | undefined): string {
  if (secret === undefined) {
    throw new Error('the endpoint of the demo merchant has no secret');
  }
  return secret;
}

/** The newest deliveries to all endpoints of the demo merchant, newest event first. */
export async function listDemoDeliveries(
  { db }: Pick<ServiceDeps, 'db'>,
  limit: number,
): Promise<MerchantDelivery[]> {
  const deliveries = await listNewestDeliveries(db, DEMO_MERCHANT_ID, limit);
  return deliveries.map(toRow);
}

/** What the sandbox's pages show of payments beside what PayPay knows, by the id of the attempt. */
export async function findPaymentOrigins(
  { db }: Pick<ServiceDeps, 'db'>,
  attemptIds: readonly string[],
): Promise<ReadonlyMap<string, PaymentOrigin>> {
  const rows = await listPaymentOrigins(db, attemptIds);
  return new Map(
    rows.map(({ attempt_id, intent_id, order_id, merchant_name, store_name }) => [
      attempt_id,
      { intentId: intent_id, orderId: order_id, shopName: store_name ?? merchant_name },
    ]),
  );
}

function toRow(delivery: AddressedDelivery): MerchantDelivery {
  const { createdAt, eventType, objectId, url, status, tries, nextTryAt, attempts } = delivery;
  const { origin, pathname } = new URL(url);
  const last = attempts.at(-1);
  return {
    ...{ createdAt, eventType, objectId, status, tries, nextTryAt },
    destination: `${origin}${pathname}`,
    lastResponse: last && describeAttempt(last),
  };
}

function describeAttempt({ status, message, problem, responseExcerpt, durationMs }: DeliveryAttempt): string {
  const result = status === undefined ? (message ?? problem ?? 'no response') : `HTTP ${status}`;
  const excerpt = responseExcerpt ? `: ${responseExcerpt}` : '';
  return `${result} after ${durationMs} ms${excerpt}`;
}
