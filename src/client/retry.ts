/**
 * Whether and when a try is repeated. Pure. Repeating is safe: a POST carries one Idempotency-Key through all its tries.
 */

/** Longer than this nobody is made to wait unasked; the error says when to come back. */
const LONGEST_MS = 60_000;
const FIRST_MS = 500;
const MAX_MS = 8_000;

const RETRIED_STATUS: ReadonlySet<number> = new Set([429, 500, 502, 503, 504]);

/**
 * @param retries how many there were already
 * @param response undefined when there was no answer
 * @param random in [0, 1)
 * @returns the milliseconds to wait before the next try, or undefined when there should be none
 */
export function retryDelayMs(
  retries: number,
  response: Pick<Response, 'status' | 'headers'> | undefined,
  random: number,
  now: Date,
): number | undefined {
  const asked = retryAfterMs(response, now);
  // Of the conflicts only "the first request is still running" passes by itself, and says when.
  const mayRecover =
    !response || RETRIED_STATUS.has(response.status) || (response.status === 409 && asked !== undefined);
  if (!mayRecover || (asked ?? 0) > LONGEST_MS) {
    return undefined;
  }
  const backOff = Math.min(FIRST_MS * 2 ** retries, MAX_MS);
  // The other half by chance, so that clients that failed together do not come back together.
  return Math.max(asked ?? 0, 0) + backOff / 2 + (backOff / 2) * random;
}

/** The gateway sends seconds; a proxy on the way may send a date. */
function retryAfterMs(response: Pick<Response, 'headers'> | undefined, now: Date): number | undefined {
  const text = response?.headers.get('Retry-After') ?? '';
  if (/^\d+$/.test(text)) {
    return Number(text) * 1000;
  }
  const moment = Date.parse(text);
  return Number.isNaN(moment) ? undefined : Math.max(0, moment - now.getTime());
}
