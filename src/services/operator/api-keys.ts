/**
 * Management of API keys by the operator: create, update, rotate, revoke.
 */
import type { Act, ActContext, ActType } from '../../domain/audit/act.ts';
import { type Difference, differenceOf } from '../../domain/audit/difference.ts';
import { DomainError, invalidField } from '../../domain/errors.ts';
import { randomAlphanumerics } from '../../lib/ids.ts';
import { hashSecretKey } from '../../lib/signing.ts';
import {
  type ApiKey,
  expireWorkingKey,
  insertApiKey,
  lockWorkingKey,
  revokeApiKey as revokeStored,
  type Scope,
  saveKeyLimits,
  upsertApiKey,
} from '../../store/api-keys.ts';
import { inTransaction } from '../../store/db/query.ts';
import { hasMerchant } from '../../store/merchants.ts';
import { describeKey, describeNewKey } from '../audit/describe.ts';
import { recordActs } from '../audit/record-acts.ts';
import type { ServiceDeps } from '../deps.ts';
import { changedKey, checkedSettings, type KeySettings } from '../keys/key-limits.ts';
import { DEFAULT_UPSTREAM } from '../operations/sync-merchants.ts';

/** Money that came by QR and goes back in cash is a way to steal from a till, so a key must be made for it on purpose. */
const MERCHANT_SCOPES: readonly Scope[] = ['payments', 'refunds', 'events', 'reports'];

type Needs = Pick<ServiceDeps, 'db' | 'clock'>;

/** How long the old key works after a rotation, for servers that still use it. */
const ROTATION_OVERLAP_MS = 24 * 3_600_000;

export interface NewKey extends KeySettings {
  /** Of a sync key: its upstream system, by default the only one of an installation that names none. */
  readonly upstream?: string | undefined;
  /** What a merchant's key may do; by default all but to return in cash what was not paid in cash. */
  readonly scopes?: readonly Scope[] | undefined;
}

/**
 * Creates a key for a merchant or, without a merchant, for syncs of an upstream system.
 * @returns the key and its secret, which cannot be read again
 * @throws not_found when there is no such merchant, invalid_request when it cannot have these limits
 */
export async function createApiKey(
  deps: Needs,
  by: ActContext,
  merchantId: string | undefined,
  { upstream = DEFAULT_UPSTREAM, scopes = MERCHANT_SCOPES, ...settings }: NewKey = {},
): Promise<{ key: ApiKey; secretKey: string }> {
  await requireMerchant(deps, merchantId);
  const now = deps.clock.now();
  const checked = await checkedSettings(deps.db, merchantId, settings, now);
  const made = newKey({ merchantId, upstream, scopes, ...checked }, now);
  await inTransaction(deps.db, async (trx) => {
    await insertApiKey(trx, made.key);
    await recordActs(deps, trx, [
      keyAct(by, 'api_key.created', made.key, { after: describeNewKey(made.key) }),
    ]);
  });
  return made;
}

/**
 * Changes the label, the scopes or the limits of a key. Every node applies them to the next request.
 * @throws not_found when there is no such key, or it no longer works; invalid_request when it cannot have these limits
 */
export async function updateApiKey(
  deps: Needs,
  by: ActContext,
  apiKey: string,
  { scopes, ...settings }: KeySettings & { readonly scopes?: readonly Scope[] | undefined },
): Promise<ApiKey> {
  const now = deps.clock.now();
  return inTransaction(deps.db, async (trx) => {
    const before = await lockWorkingKey(trx, apiKey, now);
    if (!before) {
      throw noWorkingKey(apiKey);
    }
    if (scopes !== undefined && before.merchantId === undefined) {
      throw invalidField('scopes', 'unsupported', 'A sync key has no other scope');
    }
    const checked = await checkedSettings(trx, before.merchantId, settings, now);
    const key = changedKey(before, { ...checked, ...(scopes && { scopes }) });
    const difference = differenceOf(describeKey(before), describeKey(key));
    if (difference) {
      await saveKeyLimits(trx, key);
      await recordActs(deps, trx, [keyAct(by, 'api_key.updated', key, difference)]);
    }
    return key;
  });
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
 * Replaces a key: creates a new one for the same merchant or upstream system, with the same scopes, limits and end. The old
 * one works for another 24 hours, unless it ends earlier.
 * @throws not_found when the old key does not exist, has expired or was revoked
 */
export async function rotateApiKey(
  deps: Needs,
  by: ActContext,
  apiKey: string,
): Promise<{ key: ApiKey; secretKey: string; oldExpiresAt: Date }> {
  const now = deps.clock.now();
  const oldExpiresAt = new Date(now.getTime() + ROTATION_OVERLAP_MS);
  return inTransaction(deps.db, async (trx) => {
    const before = await lockWorkingKey(trx, apiKey, now);
    const old = before && (await expireWorkingKey(trx, apiKey, now, oldExpiresAt));
    if (!old) {
      throw noWorkingKey(apiKey);
    }
    const made = newKey(old, now);
    await insertApiKey(trx, made.key);
    await recordActs(deps, trx, [
      keyAct(by, 'api_key.rotated', old, {
        before: endOf(before),
        after: { ...endOf(old), replaced_by: made.key.apiKey },
      }),
      keyAct(by, 'api_key.created', made.key, { after: { ...describeNewKey(made.key), replaces: apiKey } }),
    ]);
    return { ...made, oldExpiresAt };
  });
}

/** @throws not_found when there is no such key, or it is revoked already */
export async function revokeApiKey(deps: Needs, by: ActContext, apiKey: string): Promise<void> {
  const now = deps.clock.now();
  await inTransaction(deps.db, async (trx) => {
    const revoked = await revokeStored(trx, apiKey, now);
    if (!revoked) {
      throw noWorkingKey(apiKey);
    }
    const change = { before: { revoked_at: null }, after: { revoked_at: now.toISOString() } };
    await recordActs(deps, trx, [keyAct(by, 'api_key.revoked', revoked, change)]);
  });
}

function keyAct(
  by: ActContext,
  type: ActType,
  { apiKey, merchantId }: ApiKey,
  change: Partial<Difference>,
): Act {
  return { ...by, type, objectType: 'api_key', objectId: apiKey, merchantId, ...change };
}

function endOf({ expiresAt }: ApiKey) {
  return { expires_at: expiresAt?.toISOString() ?? null };
}

function noWorkingKey(apiKey: string): DomainError {
  return new DomainError('not_found', `There is no working API key ${apiKey}`);
}

async function requireMerchant({ db }: Needs, merchantId: string | undefined): Promise<void> {
  if (merchantId !== undefined && !(await hasMerchant(db, merchantId))) {
    throw new DomainError('not_found', `There is no merchant ${merchantId}; sync it first`);
  }
}

function newKey(
  {
    merchantId,
    upstream,
    scopes,
    ...settings
  }: Pick<ApiKey, 'merchantId' | 'upstream' | 'scopes'> & KeySettings,
  now: Date,
  secretKey = `sk_${randomAlphanumerics(40)}`,
): { key: ApiKey; secretKey: string } {
  const { label, storeIds, allowedIps, maxRefundAmount, plannedExpiresAt } = settings;
  const key: ApiKey = {
    apiKey: `ak_${randomAlphanumerics(24)}`,
    label,
    merchantId,
    upstream: merchantId === undefined ? upstream : undefined,
    scopes: merchantId === undefined ? ['sync'] : scopes,
    secretKeyHash: hashSecretKey(secretKey),
    createdAt: now,
    ...{ storeIds, allowedIps, maxRefundAmount, plannedExpiresAt },
    expiresAt: plannedExpiresAt,
    revokedAt: undefined,
    lastUsedAt: undefined,
  };
  return { key, secretKey };
}
