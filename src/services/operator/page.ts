/**
 * Pages of the operator's lists.
 */

export interface Page<T> {
  readonly rows: readonly T[];
  /** After which the next page begins; undefined: this is the last. */
  readonly next: string | undefined;
}

/** How many rows a page has. */
export const PAGE_SIZE = 50;

/** @param found one more than a page, if there are so many */
export function toPage<T>(found: readonly T[], idOf: (row: T) => string, size = PAGE_SIZE): Page<T> {
  const rows = found.slice(0, size);
  const last = rows.at(-1);
  return { rows, next: found.length > size && last !== undefined ? idOf(last) : undefined };
}
