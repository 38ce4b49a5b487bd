/**
 * Management of API keys by the operator: create, rotate, revoke.
 */
import { DomainError } from '../../domain/errors.ts';
import { randomAlphanumerics } from '../../lib/ids.ts';
import { hashSecretKey } from '../../lib/signing.ts';
import {
  type ApiKey,
  expireWorkingKey,
  insertApiKey,
  revokeApiKey as revokeStored,
  type Scope,
  upsertApiKey,
} from '../../store/api-keys.ts';
import { inTransaction } from '../../store/db/query.ts';
import { hasMerchant } from '../../store/merchants.ts';
import type { ServiceDeps } from '../deps.ts';
import { DEFAULT_UPSTREAM } from '../operations/sync-merchants.ts';

/** Money that came by QR and goes back in cash is a way to steal from a till, so a key must be made for it on purpose. */
const MERCHANT_SCOPES: readonly Scope[] = ['payments', 'refunds', 'events'];

type Needs = Pick<ServiceDeps, 'db' | 'clock'>;

/** How long the old key works after a rotation, for servers that still use it. */
const ROTATION_OVERLAP_MS = 24 * 3_600_000;

/**
 * Creates a key for a merchant or, without a merchant, for syncs of an upstream system.
 * @param scopes what a merchant's key may do
 * @returns the key and its secret, which cannot be read again
 * @throws not_found when there is no such merchant
 */
export async function createApiKey(
  deps: Needs,
  merchantId: string | undefined,
  upstream = DEFAULT_UPSTREAM,
  scopes = MERCHANT_SCOPES,
): Promise<{ key: ApiKey; secretKey: string }> {
  await requireMerchant(deps, merchantId);
  const made = newKey({ merchantId, upstream, scopes }, deps.clock.now());
  await insertApiKey(deps.db, made.key);
  return made;
}

/**
 * Creates a key with the given name and secret, or makes an existing one work with it. For sandboxes, whose keys are
 * known in advance; all other keys are random.
 * @throws not_found when there is no such merchant
 */
export async function ensureApiKey(
  deps: Needs,
  merchantId: string | undefined,
  { apiKey, secretKey }: { readonly apiKey: string; readonly secretKey: string },
): Promise<void> {
  await requireMerchant(deps, merchantId);
  const owner = { merchantId, upstream: DEFAULT_UPSTREAM, scopes: MERCHANT_SCOPES };
  const { key } = newKey(owner, deps.clock.now(), secretKey);
  await upsertApiKey(deps.db, { ...key, apiKey });
}

/**
 * Replaces a key: creates a new one for the same merchant or upstream system, which may do the same. The old one works for another 24 hours.
 * @throws not_found when the old key does not exist, has expired or was revoked
 */
export async function rotateApiKey(
  deps: Needs,
  apiKey: string,
): Promise<{ key: ApiKey; secretKey: string; oldExpiresAt: Date }> {
  const now = deps.clock.now();
  const oldExpiresAt = new Date(now.getTime() + ROTATION_OVERLAP_MS);
  return inTransaction(deps.db, async (trx) => {
    const old = await expireWorkingKey(trx, apiKey, now, oldExpiresAt);
    if (!old) {
      throw new DomainError('not_found', `There is no working API key ${apiKey}`);
    }
    const made = newKey(old, now);
    await insertApiKey(trx, made.key);
    return { ...made, oldExpiresAt };
  });
}

/** @throws not_found when there is no such key, or it is revoked already */
export async function revokeApiKey(deps: Needs, apiKey: string): Promise<void> {
  const revoked = await revokeStored(deps.db, apiKey, deps.clock.now());
  if (!revoked) {
    throw new DomainError('not_found', `There is no working API key ${apiKey}`);
  }
}

async function requireMerchant({ db }: Needs, merchantId: string | undefined): Promise<void> {
  if (merchantId !== undefined && !(await hasMerchant(db, merchantId))) {
    throw new DomainError('not_found', `There is no merchant ${merchantId}; sync it first`);
  }
}

function newKey(
  { merchantId, upstream, scopes }: Pick<ApiKey, 'merchantId' | 'upstream' | 'scopes'>,
  now: Date,
  secretKey = `sk_${randomAlphanumerics(40)}`,
): { key: ApiKey; secretKey: string } {
  const key: ApiKey = {
    apiKey: `ak_${randomAlphanumerics(24)}`,
    merchantId,
    upstream: merchantId === undefined ? upstream : undefined,
    scopes: merchantId === undefined ? ['sync'] : scopes,
    secretKeyHash: hashSecretKey(secretKey),
    createdAt: now,
    expiresAt: undefined,
    revokedAt: undefined,
  };
  return { key, secretKey };
}
