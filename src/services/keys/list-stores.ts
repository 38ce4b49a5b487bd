/**
 * The stores of which a list contains objects, from the filter of the request and the limit of its API key.
 */

/** @returns undefined for all stores, and what belongs to none; no store when nothing can be found */
export function storesToList(
  wanted: string | undefined,
  allowed: readonly string[] | undefined,
): readonly string[] | undefined {
  if (wanted === undefined) {
    return allowed;
  }
  return allowed === undefined || allowed.includes(wanted) ? [wanted] : [];
}
