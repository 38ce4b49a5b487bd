/**
 * Which stores of a merchant lie within a scope.
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
