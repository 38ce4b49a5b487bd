/**
 * How long calls took, from their counts in buckets. Pure.
 */

/** Calls of a period. */
export interface LatencyBuckets {
  readonly calls: number;
  readonly maxMs: number;
  /** Calls that took at most so long. */
  readonly within100Ms: number;
  readonly within300Ms: number;
  readonly within1000Ms: number;
  readonly within3000Ms: number;
}

/** The duration that half of the calls did not exceed, estimated within its bucket; undefined without calls. */
export function medianMs({
  calls,
  maxMs,
  within100Ms,
  within300Ms,
  within1000Ms,
  within3000Ms,
}: LatencyBuckets): number | undefined {
  const half = calls / 2;
  const edges = [
    { ms: 0, count: 0 },
    { ms: 100, count: within100Ms },
    { ms: 300, count: within300Ms },
    { ms: 1_000, count: within1000Ms },
    { ms: 3_000, count: within3000Ms },
    { ms: maxMs, count: calls },
  ].map(({ ms, count }) => ({ ms: Math.min(ms, maxMs), count }));
  const upper = calls === 0 ? -1 : edges.findIndex(({ count }) => count >= half && count > 0);
  const [from, to] = [edges[upper - 1], edges[upper]];
  return from && to
    ? from.ms + ((to.ms - from.ms) * (half - from.count)) / (to.count - from.count)
    : undefined;
}
