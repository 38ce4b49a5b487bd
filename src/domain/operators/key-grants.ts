/**
 * Which API keys an operator may see and make: with a key one can do what it can do, so it must not do more than its operator.
 */
import { type Grant, isInScope, maxRefundOf, type OperatorScope, type Owner } from './grants.ts';

/** What decides what a key can do. */
export interface KeyReach {
  /** Undefined: a sync key. */
  readonly merchantId: string | undefined;
  /** Undefined: all stores of the merchant, and what belongs to none. */
  readonly storeIds: readonly string[] | undefined;
  readonly scopes: readonly string[];
  /** Of one refund; undefined: no limit. */
  readonly maxRefundAmount: number | undefined;
}

/** Whether all that the key reaches lies within the scope. */
export function isKeyInScope(scope: OperatorScope, key: Pick<KeyReach, 'merchantId' | 'storeIds'>): boolean {
  if (scope.kind === 'everything') {
    return true;
  }
  const owners = ownersOf(key);
  return owners.length > 0 && owners.every((owner) => isInScope(scope, owner));
}

/** The largest refund that a key of these owners may make when the operator makes it; undefined: no limit. */
export function maxRefundOfKey(grants: readonly Grant[], key: KeyReach): number | undefined {
  if (!key.scopes.some((scope) => scope.startsWith('refunds'))) {
    return undefined;
  }
  const limits = ownersOf(key)
    .map((owner) => maxRefundOf(grants, owner))
    .filter((limit) => limit !== undefined);
  return limits.length === 0 ? undefined : Math.min(...limits);
}

/** None for a sync key. */
function ownersOf({ merchantId, storeIds }: Pick<KeyReach, 'merchantId' | 'storeIds'>): readonly Owner[] {
  if (merchantId === undefined) {
    return [];
  }
  return storeIds === undefined ? [{ merchantId }] : storeIds.map((storeId) => ({ merchantId, storeId }));
}
