/**
 * Limits pings, because each makes the gateway call out while a request waits: one at a time for an endpoint, a rate for a
 * merchant, and a number for the node. Counted in the memory of each process.
 */
import { DomainError } from '../../domain/errors.ts';
import { type Clock, monotonicMs } from '../../lib/clock.ts';

const PER_MERCHANT = 10;
const WINDOW_MS = 60_000;
/** A ping takes 15 seconds at most and little memory; this bounds the sockets. */
const PER_NODE = 50;
const RETRY_AFTER_MS = 5_000;

export interface PingLimits {
  /**
   * Counts a ping that begins.
   * @returns a function to be called once when it has ended
   * @throws rate_limit_exceeded when there are too many
   */
  enter(merchantId: string, endpointId: string): () => void;
}

/** @param clock the real clock, so that moving the sandbox's clock does not change the limits */
export function createPingLimits(clock: Clock): PingLimits {
  const running = new Set<string>();
  /** When each merchant's recent pings began, oldest first. */
  const recent = new Map<string, number[]>();
  return {
    enter(merchantId, endpointId) {
      const nowMs = monotonicMs(clock);
      forgetOld(recent, nowMs);
      if (running.has(endpointId)) {
        throw tooMany(
          'This webhook endpoint is being pinged; wait for the result',
          'webhook_endpoint_pings',
          1,
        );
      }
      if (running.size >= PER_NODE) {
        throw tooMany('The gateway is sending too many pings; try again shortly', 'node_pings', PER_NODE);
      }
      const own = recent.get(merchantId) ?? [];
      if (own.length >= PER_MERCHANT) {
        const waitMs = (own[0] ?? nowMs) + WINDOW_MS - nowMs;
        const message = `At most ${PER_MERCHANT} pings a minute; try again in ${Math.ceil(waitMs / 1000)} seconds`;
        throw tooMany(message, 'merchant_pings', PER_MERCHANT, waitMs);
      }
      recent.set(merchantId, [...own, nowMs]);
      running.add(endpointId);
      return () => void running.delete(endpointId);
    },
  };
}

/** Merchants without recent pings are dropped, so the map holds only those of the last minute. */
function forgetOld(recent: Map<string, number[]>, nowMs: number): void {
  for (const [merchantId, times] of recent) {
    const left = times.filter((beganMs) => beganMs > nowMs - WINDOW_MS);
    if (left.length === 0) {
      recent.delete(merchantId);
    } else {
      recent.set(merchantId, left);
    }
  }
}

function tooMany(message: string, scope: string, limit: number, retryAfterMs = RETRY_AFTER_MS): DomainError {
  return new DomainError('rate_limit_exceeded', message, { details: { scope, limit }, retryAfterMs });
}
