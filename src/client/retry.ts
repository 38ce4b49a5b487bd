/**
 * Decides whether and when a request is retried. Pure. Retrying is safe, because all attempts of a POST carry the same
 * Idempotency-Key.
 */
import { backoffMs } from '../lib/backoff.ts';

/** If the gateway asks for a longer wait, the client does not retry; the caller decides. */
const MAX_RETRY_AFTER_MS = 60_000;
const BACKOFF = { firstMs: 375, maxMs: 6_000 };

const RETRIED_STATUS: ReadonlySet<number> = new Set([429, 500, 502, 503, 504]);

/**
 * @param retries the number of retries so far
 * @param response undefined if there was no response
 * @param random in [0, 1)
 * @returns the milliseconds to wait before the next retry, or undefined if there should be none
 */
export function retryDelayMs(
  retries: number,
  response: Pick<Response, 'status' | 'headers'> | undefined,
  random: number,
  now: Date,
): number | undefined {
  const requestedMs = retryAfterMs(response, now);
  // The only transient conflict is "the first request is still running", which has a Retry-After.
  const isTransient =
    !response ||
    RETRIED_STATUS.has(response.status) ||
    (response.status === 409 && requestedMs !== undefined);
  if (!isTransient || (requestedMs ?? 0) > MAX_RETRY_AFTER_MS) {
    return undefined;
  }
  return Math.max(requestedMs ?? 0, 0) + backoffMs(retries, BACKOFF, random);
}

/** The gateway sends seconds; a proxy may send a date. */
function retryAfterMs(response: Pick<Response, 'headers'> | undefined, now: Date): number | undefined {
  const text = response?.headers.get('Retry-After') ?? '';
  if (/^\d+$/.test(text)) {
    return Number(text) * 1000;
  }
  const moment = Date.parse(text);
  // Relative to the sender's Date header, because the local clock may be wrong.
  const sentMs = Date.parse(response?.headers.get('Date') ?? '');
  const nowMs = Number.isNaN(sentMs) ? now.getTime() : sentMs;
  return Number.isNaN(moment) ? undefined : Math.max(0, moment - nowMs);
}
