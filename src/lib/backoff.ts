/**
 * Exponential back-off with jitter. Pure and independent of Node, because the domain and the browser client use it.
 */

export interface Backoff {
  readonly firstMs: number;
  readonly maxMs: number;
}

/**
 * The pause before the next try: `firstMs`, doubled with each retry up to `maxMs`, then varied by jitter.
 * @param retries number of retries so far, from 0
 * @param random in [0, 1)
 */
export function backoffMs(retries: number, { firstMs, maxMs }: Backoff, random: number): number {
  return jitterMs(Math.min(firstMs * 2 ** retries, maxMs), random);
}

/**
 * A duration varied by up to 20 % either way, so that simultaneous failures do not retry simultaneously.
 * @param random in [0, 1)
 */
export function jitterMs(durationMs: number, random: number): number {
  return Math.round(durationMs * (0.8 + 0.4 * random));
}
