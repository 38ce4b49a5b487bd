/**
 * Exponential back-off with jitter. Pure, and needs nothing of Node: the domain and the browser client use it too.
 */

export interface Backoff {
  readonly firstMs: number;
  readonly maxMs: number;
}

/**
 * The pause before the next try: `firstMs`, doubled with every retry up to `maxMs`, and spread by jitter.
 * @param retries number of retries so far, from 0
 * @param random in [0, 1)
 */
export function backoffMs(retries: number, { firstMs, maxMs }: Backoff, random: number): number {
  return jitterMs(Math.min(firstMs * 2 ** retries, maxMs), random);
}

/**
 * A duration spread by 20 % both ways, so that what began together does not come back together.
 * @param random in [0, 1)
 */
export function jitterMs(durationMs: number, random: number): number {
  return Math.round(durationMs * (0.8 + 0.4 * random));
}
