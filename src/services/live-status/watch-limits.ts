/**
 * Limits the number of open event streams on a node. Payers get only a part of each limit, so that they cannot use up the
 * streams of the merchant's own servers.
 */
import { DomainError } from '../../domain/errors.ts';

/** Who watches an intent. */
export interface WatchedBy {
  readonly merchantId: string;
  /** The key of the merchant's server; undefined for a payer. */
  readonly apiKey: string | undefined;
}

export interface WatchLimits {
  readonly perIntent: number;
  /** The part of `perIntent` that the payer may use. */
  readonly payersPerIntent: number;
  readonly perMerchant: number;
  /** The part of `perMerchant` that payers may use. */
  readonly payersPerMerchant: number;
  readonly perNode: number;
}

/**
 * An intent is watched by a page, a till, the merchant's server, and reloaded pages that are not yet noticed as closed. The
 * limit per node is set by its memory.
 */
export const WATCH_LIMITS: WatchLimits = {
  perIntent: 10,
  payersPerIntent: 8,
  perMerchant: 500,
  payersPerMerchant: 400,
  perNode: 10_000,
};
const RETRY_AFTER_MS = 5_000;

export interface WatchCounts {
  readonly total: number;
  /**
   * Counts one more stream.
   * @returns a function that stops counting it, to be called once
   * @throws rate_limit_exceeded when there are too many
   */
  enter(intentId: string, by: WatchedBy): () => void;
}

export function createWatchCounts(limits: WatchLimits): WatchCounts {
  const counts = new Map<string, number>();
  let total = 0;
  const change = (key: string, by: number) => {
    const next = (counts.get(key) ?? 0) + by;
    if (next === 0) {
      counts.delete(key);
    } else {
      counts.set(key, next);
    }
  };
  return {
    get total() {
      return total;
    },
    enter(intentId, by) {
      if (total >= limits.perNode) {
        throw full(
          'The gateway has too many event streams open; try again later, or poll',
          'node_streams',
          limits.perNode,
        );
      }
      const quotas = quotasOf(limits, intentId, by);
      for (const { key, limit, scope, owner } of quotas) {
        if ((counts.get(key) ?? 0) >= limit) {
          throw full(`${owner} open, which is the maximum; poll instead`, scope, limit);
        }
      }
      total += 1;
      for (const { key } of quotas) {
        change(key, 1);
      }
      return () => {
        total -= 1;
        for (const { key } of quotas) {
          change(key, -1);
        }
      };
    },
  };
}

interface Quota {
  readonly key: string;
  readonly limit: number;
  readonly scope: string;
  readonly owner: string;
}

function quotasOf(limits: WatchLimits, intentId: string, { merchantId, apiKey }: WatchedBy): Quota[] {
  const quota = (key: string, limit: number, scope: string, owner: string): Quota => ({
    key,
    limit,
    scope,
    owner,
  });
  const { perIntent, payersPerIntent, perMerchant, payersPerMerchant } = limits;
  const all = [
    quota(intentId, perIntent, 'payment_intent_streams', `This PaymentIntent has ${perIntent} event streams`),
    quota(merchantId, perMerchant, 'merchant_streams', `This merchant has ${perMerchant} event streams`),
  ];
  if (apiKey !== undefined) {
    return all;
  }
  return [
    quota(
      `payer of ${intentId}`,
      payersPerIntent,
      'payment_intent_streams',
      `The payer of this PaymentIntent has ${payersPerIntent} event streams`,
    ),
    quota(
      `payers of ${merchantId}`,
      payersPerMerchant,
      'merchant_streams',
      `The payers of this merchant have ${payersPerMerchant} event streams`,
    ),
    ...all,
  ];
}

function full(message: string, scope: string, limit: number): DomainError {
  return new DomainError('rate_limit_exceeded', message, {
    details: { scope, limit },
    retryAfterMs: RETRY_AFTER_MS,
  });
}
