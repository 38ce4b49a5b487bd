/**
 * The SQL of a scope: what an operator may see, as a condition or shop by shop.
 */
import type { OperatorScope } from '../../domain/operators/grants.ts';

/** The bindings that the SQL of this scope uses. */
export function scopeBindings(scope: OperatorScope) {
  if (scope.kind === 'everything') {
    return {};
  }
  const whole = scope.shops.filter(({ storeId }) => storeId === undefined);
  const stores = scope.shops.filter(({ storeId }) => storeId !== undefined);
  return {
    scopeMerchants: whole.map(({ merchantId }) => merchantId),
    scopeOwners: stores.map(({ merchantId }) => merchantId),
    scopeStores: stores.map(({ storeId }) => storeId ?? null),
  };
}

/**
 * SQL: whether a row belongs to the scope.
 * @param store the column of the store; undefined: the object belongs to whole merchants only
 */
export function inScope(scope: OperatorScope, store: string | undefined, merchant = 'merchant_id'): string {
  if (scope.kind === 'everything') {
    return 'true';
  }
  const [only] = scope.shops;
  if (scope.shops.length === 1 && only?.storeId === undefined) {
    return `${merchant} = (cast(:scopeMerchants as text[]))[1]`;
  }
  if (scope.shops.length === 1 && store !== undefined) {
    return `${merchant} = (cast(:scopeOwners as text[]))[1] and ${store} = (cast(:scopeStores as text[]))[1]`;
  }
  const ofMerchants = `${merchant} = any(cast(:scopeMerchants as text[]))`;
  return store === undefined
    ? ofMerchants
    : `(${ofMerchants} or (${merchant}, ${store}) in (
         select * from unnest(cast(:scopeOwners as text[]), cast(:scopeStores as text[]))))`;
}

/**
 * SQL: the rows that `select` finds for each shop of the scope, found by an index that begins with the shop. The cost grows with
 * the number of shops and not with what they have. A scope without shops has no SQL.
 * @param select from the condition of a shop to a statement
 */
export function eachShop(scope: OperatorScope, select: (ofShop: string) => string): string {
  if (scope.kind === 'everything') {
    return `select found.* from merchants cross join lateral (${select('merchant_id = merchants.id')}) as found`;
  }
  const parts = [
    scope.shops.some(({ storeId }) => storeId === undefined) &&
      `select found.* from unnest(cast(:scopeMerchants as text[])) as shop (merchant_id)
       cross join lateral (${select('merchant_id = shop.merchant_id')}) as found`,
    scope.shops.some(({ storeId }) => storeId !== undefined) &&
      `select found.* from unnest(cast(:scopeOwners as text[]), cast(:scopeStores as text[])) as shop (merchant_id, store_id)
       cross join lateral (${select('merchant_id = shop.merchant_id and merchant_store_id = shop.store_id')}) as found`,
  ];
  return parts.filter((part) => part !== false).join(' union all ');
}

/** SQL: all of these conditions; those that are false are left out, so that each combination uses its index. */
export function all(...conditions: readonly (string | false)[]): string {
  const given = conditions.filter((condition) => condition !== false);
  return given.length === 0 ? 'true' : given.join(' and ');
}

/** The bindings that have a value. */
export function present(bindings: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(bindings).filter(([, value]) => value !== undefined));
}
