/**
 * Where a window of the sequencer may end. A window is a range of transactions that have all ended; its rows are numbered in
 * the order of their ids. The order of transactions is not that of the rows of one intent: a transaction that wrote
 * something before it waited for the lock of the intent is older than the one that it waited for.
 */

/** A row whose intent has an older row, written by a younger transaction. */
export interface Inversion {
  /** The transaction of the row. */
  readonly xact: bigint;
  /** The youngest transaction among those of the older rows. */
  readonly olderRowsXact: bigint;
}

/** Lowers the end of a window until it contains no row without all older rows of its intent. */
export function lowerWindowEnd(end: bigint, inversions: readonly Inversion[]): bigint {
  const tooEarly = inversions.filter(({ xact, olderRowsXact }) => xact < end && olderRowsXact >= end);
  const [lowest] = tooEarly.map(({ xact }) => xact).sort((a, b) => (a < b ? -1 : 1));
  return lowest === undefined ? end : lowerWindowEnd(lowest, inversions);
}
