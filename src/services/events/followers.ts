/**
 * The requests on this node that wait for events: long polls and streams. Their number is limited per merchant and node.
 * They are woken by a notification; because it can be lost, they also read again after some seconds.
 */
import { DomainError } from '../../domain/errors.ts';
import type { Clock } from '../../lib/clock.ts';

export interface Follower {
  /** Resolves when the merchant may have new events since the last wait, after `ms`, or when the follower has ended. */
  wait(ms: number): Promise<void>;
  /** Whether it has ended: the client is gone, or the node is shutting down. */
  hasEnded(): boolean;
  /** Ends it and stops counting it; may be called again. */
  leave(): void;
}

export interface Followers {
  /** @throws rate_limit_exceeded when the merchant or the node has too many */
  add(merchantId: string): Follower;
  /** The merchant has new events; undefined: all merchants may have. */
  wake(merchantId: string | undefined): void;
  /** Ends all because the node is shutting down; followers that are added later end at once. */
  end(): void;
  count(): number;
}

export interface FollowerLimits {
  readonly perMerchant: number;
  readonly perNode: number;
}

export const FOLLOWER_LIMITS: FollowerLimits = { perMerchant: 20, perNode: 2_000 };
const RETRY_AFTER_MS = 5_000;

interface Member extends Follower {
  wake(): void;
}

export function createFollowers(clock: Clock, limits: FollowerLimits = FOLLOWER_LIMITS): Followers {
  const members = new Map<string, Set<Member>>();
  let total = 0;
  let isOver = false;
  const all = () => [...members.values()].flatMap((ofMerchant) => [...ofMerchant]);
  return {
    add(merchantId) {
      const ofMerchant = members.get(merchantId) ?? new Set<Member>();
      requireSpace(limits, ofMerchant.size, total);
      const member = createMember(clock, () => {
        ofMerchant.delete(member);
        total -= 1;
        if (ofMerchant.size === 0) {
          members.delete(merchantId);
        }
      });
      members.set(merchantId, ofMerchant.add(member));
      total += 1;
      if (isOver) {
        member.leave();
      }
      return member;
    },
    wake(merchantId) {
      for (const member of merchantId === undefined ? all() : (members.get(merchantId) ?? [])) {
        member.wake();
      }
    },
    end() {
      isOver = true;
      for (const member of all()) {
        member.leave();
      }
    },
    count: () => total,
  };
}

function createMember(clock: Clock, onLeave: () => void): Member {
  let hasEnded = false;
  let isWoken = false;
  let waiting: AbortController | undefined;
  const wake = () => {
    isWoken = true;
    waiting?.abort();
  };
  return {
    wake,
    async wait(ms) {
      if (!isWoken && !hasEnded) {
        waiting = new AbortController();
        await clock.sleep(ms, waiting.signal);
        waiting = undefined;
      }
      isWoken = false;
    },
    hasEnded: () => hasEnded,
    leave() {
      if (hasEnded) {
        return;
      }
      hasEnded = true;
      wake();
      onLeave();
    },
  };
}

function requireSpace({ perMerchant, perNode }: FollowerLimits, ofMerchant: number, total: number): void {
  if (ofMerchant >= perMerchant) {
    throw full(
      `This merchant has ${perMerchant} event streams and waiting requests`,
      'merchant_streams',
      perMerchant,
    );
  }
  if (total >= perNode) {
    throw full('The gateway has too many event streams and waiting requests', 'node_streams', perNode);
  }
}

function full(message: string, scope: string, limit: number): DomainError {
  return new DomainError('rate_limit_exceeded', `${message} open, which is the maximum; try again later`, {
    details: { scope, limit },
    retryAfterMs: RETRY_AFTER_MS,
  });
}
