/**
 * A scope in the form in which statements use it: whole merchants, and single stores of others.
 */
import type { OperatorScope } from './grants.ts';

/** The stores of a merchant within the scope. Undefined: all, and what belongs to none; an empty list: nothing of the merchant. */
export function storesInScope(scope: OperatorScope, merchantId: string): readonly string[] | undefined {
  if (scope.kind === 'everything') {
    return undefined;
  }
  const own = scope.shops.filter((shop) => shop.merchantId === merchantId);
  return own.some(({ storeId }) => storeId === undefined)
    ? undefined
    : own.map(({ storeId }) => storeId).filter((storeId) => storeId !== undefined);
}

export interface ScopeBindings {
  readonly isEverything: boolean;
  readonly wholeMerchants: readonly string[];
  /** Of each store in the scope its merchant, and its id at the same place of `shopStores`. */
  readonly shopMerchants: readonly string[];
  readonly shopStores: readonly string[];
}

export function scopeBindings(scope: OperatorScope): ScopeBindings {
  const shops = scope.kind === 'everything' ? [] : scope.shops;
  const stores = shops.filter(({ storeId }) => storeId !== undefined);
  return {
    isEverything: scope.kind === 'everything',
    wholeMerchants: shops.filter(({ storeId }) => storeId === undefined).map(({ merchantId }) => merchantId),
    shopMerchants: stores.map(({ merchantId }) => merchantId),
    shopStores: stores.map(({ storeId }) => storeId ?? ''),
  };
}
