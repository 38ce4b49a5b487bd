/**
 * Conditions that keep a statement to the scope of an operator. Their bindings are those of `scopeBindings`.
 */

/** The stores of the scope of one merchant, as a text array; null: none. */
function storesOf(merchant: string): string {
  return `(select array_agg(shop.store_id)
     from unnest(cast(:shopMerchants as text[]), cast(:shopStores as text[])) as shop (merchant_id, store_id)
     where shop.merchant_id = ${merchant})`;
}

const isWhole = (merchant: string) =>
  `(cast(:isEverything as boolean) or ${merchant} = any(cast(:wholeMerchants as text[])))`;

/** Of a merchant: it, or one of its stores, is in the scope. */
export function isMerchantVisible(merchant: string): string {
  return `(${isWhole(merchant)} or ${merchant} = any(cast(:shopMerchants as text[])))`;
}

/**
 * Of an object with a list of stores, or null for all: it belongs to the scope alone. An object of no merchant is in the scope of
 * everything only.
 */
export function isWhollyInScope(merchant: string, stores: string): string {
  return `coalesce(${isWhole(merchant)} or ${stores} <@ ${storesOf(merchant)}, false)`;
}

/** Of an object with a list of stores, or null for all: it concerns a store of the scope. */
export function concernsScope(merchant: string, stores: string): string {
  return `coalesce(${isWhole(merchant)} or ${merchant} = any(cast(:shopMerchants as text[]))
    and (${stores} is null or ${stores} && ${storesOf(merchant)}), false)`;
}
