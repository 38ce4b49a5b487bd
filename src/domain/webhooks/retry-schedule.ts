/**
 * When a webhook delivery is tried again. The delays are those of Standard Webhooks: ten tries in about 76 hours. Pure: the
 * random number is an argument.
 */
import { jitterMs } from '../../lib/backoff.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** The delay after each failed try. When the try after the last delay fails too, the delivery has failed. */
const DELAYS_MS = [
  5 * SECOND,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  24 * HOUR,
];
/** The minimum delay after a sign of overload. */
const OVERLOAD_DELAY_MS = MINUTE;
const OVERLOADED: ReadonlySet<number> = new Set([429, 502, 504]);

export interface TryFailure {
  /** The HTTP status; undefined when there was no response. */
  readonly status: number | undefined;
  readonly hasTimedOut: boolean;
  readonly retryAfterSeconds: number | undefined;
}

/**
 * The delay until the next try. Retry-After lengthens it, to its double at most, so that a receiver cannot postpone
 * its events indefinitely.
 * @param tries how many have been made, including the failed one
 * @param random in [0, 1)
 * @returns undefined when there are no further tries
 */
export function retryDelayMs(
  tries: number,
  { status, hasTimedOut, retryAfterSeconds = 0 }: TryFailure,
  random: number,
): number | undefined {
  const delayMs = DELAYS_MS[tries - 1];
  if (delayMs === undefined) {
    return undefined;
  }
  const isOverloaded = hasTimedOut || (status !== undefined && OVERLOADED.has(status));
  const plannedMs = Math.max(jitterMs(delayMs, random), isOverloaded ? OVERLOAD_DELAY_MS : 0);
  return Math.min(Math.max(retryAfterSeconds * SECOND, plannedMs), 2 * plannedMs);
}
