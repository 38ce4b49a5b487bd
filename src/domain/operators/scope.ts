/**
 * Scopes as filters narrow them.
 */
import type { OperatorScope } from './grants.ts';

export const EVERYTHING: OperatorScope = { kind: 'everything' };

/** Of a merchant or one of its stores; without a merchant, of the whole gateway. */
export function scopeOfShop(merchantId: string | undefined, storeId?: string): OperatorScope {
  return merchantId === undefined ? EVERYTHING : { kind: 'shops', shops: [{ merchantId, storeId }] };
}

/** What of a scope belongs to a merchant or one of its stores; nothing, if that is outside the scope. */
export function narrowScope(scope: OperatorScope, merchantId: string, storeId?: string): OperatorScope {
  if (scope.kind === 'everything') {
    return scopeOfShop(merchantId, storeId);
  }
  const shops = scope.shops
    .filter((shop) => shop.merchantId === merchantId)
    .filter((shop) => storeId === undefined || shop.storeId === undefined || shop.storeId === storeId)
    .map((shop) => ({ merchantId, storeId: storeId ?? shop.storeId }));
  return { kind: 'shops', shops };
}

/** Whether nothing can be in it. */
export function isEmpty(scope: OperatorScope): boolean {
  return scope.kind === 'shops' && scope.shops.length === 0;
}
