/**
 * The SQL of a scope for what does not belong to one store: merchants, and objects with a list of stores. Its bindings are those of
 * scope.ts.
 */
import type { OperatorScope } from '../../domain/operators/grants.ts';

const isWhole = (merchant: string) => `${merchant} = any(cast(:scopeMerchants as text[]))`;
const isOwner = (merchant: string) => `${merchant} = any(cast(:scopeOwners as text[]))`;

/** The stores of a merchant in the scope, as a text array; null: none. */
function storesOf(merchant: string): string {
  return `(select array_agg(shop.store_id)
     from unnest(cast(:scopeOwners as text[]), cast(:scopeStores as text[])) as shop (merchant_id, store_id)
     where shop.merchant_id = ${merchant})`;
}

/** Whether a merchant, or one of its stores, is in the scope. */
export function isMerchantVisible({ kind }: OperatorScope, merchant: string): string {
  return kind === 'everything' ? 'true' : `(${isWhole(merchant)} or ${isOwner(merchant)})`;
}

/**
 * Whether an object with a list of stores, or null for all, belongs to the scope alone. An object of no merchant belongs to the
 * scope of everything only.
 */
export function isWhollyInScope({ kind }: OperatorScope, merchant: string, stores: string): string {
  return kind === 'everything'
    ? 'true'
    : `coalesce(${isWhole(merchant)} or ${stores} <@ ${storesOf(merchant)}, false)`;
}

/** Whether an object with a list of stores, or null for all, concerns a store of the scope. */
export function concernsScope({ kind }: OperatorScope, merchant: string, stores: string): string {
  return kind === 'everything'
    ? 'true'
    : `coalesce(${isWhole(merchant)} or ${isOwner(merchant)} and (${stores} is null or ${stores} && ${storesOf(merchant)}), false)`;
}
