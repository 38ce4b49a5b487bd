/**
 * API keys made and changed by operators of the console, within their scope: with a key one can do what it can do, so no operator
 * makes or renews a key that may do more than they may.
 */
import type { ActContext } from '../../../domain/audit/act.ts';
import { DomainError, invalidField } from '../../../domain/errors.ts';
import type { Grant, OperatorScope } from '../../../domain/operators/grants.ts';
import { isKeyInScope, type KeyReach, maxRefundOfKey } from '../../../domain/operators/key-grants.ts';
import { type ApiKey, lockWorkingKey, type Scope } from '../../../store/api-keys.ts';
import { type Db, inTransaction } from '../../../store/db/query.ts';
import type { ServiceDeps } from '../../deps.ts';
import type { KeySettings } from '../../keys/key-limits.ts';
import { createApiKey, revokeApiKey, rotateApiKey, updateApiKey } from '../api-keys.ts';

type Needs = Pick<ServiceDeps, 'db' | 'clock'>;

/** Whoever acts, where they may change keys, and what else they may do. */
export interface KeyOperator {
  readonly by: ActContext;
  readonly scope: OperatorScope;
  readonly grants: readonly Grant[];
}

export interface WantedKey extends KeySettings {
  /** Undefined: a sync key. */
  readonly merchantId: string | undefined;
  readonly upstream: string | undefined;
  readonly scopes: readonly Scope[];
}

/**
 * @returns the key and its secret, which cannot be read again
 * @throws not_found when there is no such merchant; invalid_request when the key may not, or cannot, be as wanted
 */
export async function createKey(
  deps: Needs,
  operator: KeyOperator,
  { merchantId, upstream, ...settings }: WantedKey,
): Promise<{ key: ApiKey; secretKey: string }> {
  const { storeIds, maxRefundAmount } = settings;
  const scopes = merchantId === undefined ? (['sync'] as const) : settings.scopes;
  requireReach(operator, { merchantId, storeIds, scopes, maxRefundAmount });
  return createApiKey(deps, operator.by, merchantId, {
    ...settings,
    ...(upstream !== undefined && { upstream }),
  });
}

/** @throws as createKey */
export function updateKey(
  deps: Needs,
  operator: KeyOperator,
  apiKey: string,
  settings: KeySettings & { readonly scopes?: readonly Scope[] | undefined },
): Promise<ApiKey> {
  return withKey(deps, operator, apiKey, (trx, before) => {
    requireReach(operator, { ...before, ...settings, scopes: settings.scopes ?? before.scopes });
    return updateApiKey({ ...deps, db: trx }, operator.by, apiKey, settings);
  });
}

/** The old key works for another 24 hours. @throws as createKey */
export function rotateKey(
  deps: Needs,
  operator: KeyOperator,
  apiKey: string,
): Promise<{ key: ApiKey; secretKey: string; oldExpiresAt: Date }> {
  return withKey(deps, operator, apiKey, (trx, before) => {
    requireReach(operator, before);
    return rotateApiKey({ ...deps, db: trx }, operator.by, apiKey);
  });
}

/** @throws not_found */
export function revokeKey(deps: Needs, operator: KeyOperator, apiKey: string): Promise<void> {
  return withKey(deps, operator, apiKey, (trx) => revokeApiKey({ ...deps, db: trx }, operator.by, apiKey));
}

/** Locks the key first, so that nobody widens it between this check and the change. */
function withKey<T>(
  { db, clock }: Needs,
  { scope }: KeyOperator,
  apiKey: string,
  work: (trx: Db, before: ApiKey) => Promise<T>,
): Promise<T> {
  return inTransaction(db, async (trx) => {
    const before = await lockWorkingKey(trx, apiKey, clock.now());
    if (!before || !isKeyInScope(scope, before)) {
      throw new DomainError('not_found', `There is no working API key ${apiKey}`);
    }
    return work(trx, before);
  });
}

function requireReach({ scope, grants }: KeyOperator, key: KeyReach): void {
  if (key.scopes.length === 0) {
    throw invalidField('scopes', 'min_items', 'Choose at least one thing that the key may do');
  }
  if (!isKeyInScope(scope, key)) {
    throw invalidField(
      'store_ids',
      'out_of_scope',
      'The key would reach further than you may; limit it to your own stores',
    );
  }
  const limit = maxRefundOfKey(grants, key);
  if (limit !== undefined && (key.maxRefundAmount === undefined || key.maxRefundAmount > limit)) {
    throw invalidField(
      'max_refund_amount',
      'out_of_scope',
      `The largest refund must be at most ${limit}, as your own`,
    );
  }
}
