/**
 * Counting requests in one-minute windows: in this process's memory, in Redis for several nodes, or in the primary
 * process of a cluster on one machine. Counting only; what a count means is decided in rate-limits.ts.
 */
import type { Redis } from 'ioredis';
import {
  type RateLimiterAbstract,
  RateLimiterCluster,
  RateLimiterMemory,
  RateLimiterRedis,
} from 'rate-limiter-flexible';

export interface Window {
  /** Requests counted in this window. */
  readonly count: number;
  readonly resetInMs: number;
}

export interface RateCounter {
  /** Counts one request. */
  increment(key: string): Promise<Window>;
  /** The window as it is; undefined when none is open. */
  read(key: string): Promise<Window | undefined>;
}

export type CounterFactory = (scope: string) => RateCounter;

export const WINDOW_SECONDS = 60;
/** The library refuses beyond its points; we only count, so it never should. */
const POINTS = Number.MAX_SAFE_INTEGER;
/** Longer than this and the answer of the primary process is not waited for. */
const CLUSTER_TIMEOUT_MS = 2_000;

/** Counters of this process alone. */
export const memoryCounters: CounterFactory = (scope) => toCounter(new RateLimiterMemory(optionsOf(scope)));

/** Counters shared through Redis; while it is away, local ones stand in. */
export function redisCounters(redis: Redis): CounterFactory {
  return (scope) =>
    toCounter(
      new RateLimiterRedis({
        ...optionsOf(scope),
        storeClient: redis,
        rejectIfRedisNotReady: true,
        insuranceLimiter: new RateLimiterMemory(optionsOf(scope)),
      }),
    );
}

/** Counters of the processes that one primary has forked. */
export const clusterCounters: CounterFactory = (scope) =>
  toCounter(new RateLimiterCluster({ ...optionsOf(scope), timeoutMs: CLUSTER_TIMEOUT_MS }));

function optionsOf(scope: string) {
  return { keyPrefix: `pgw:rate:${scope}`, points: POINTS, duration: WINDOW_SECONDS };
}

function toCounter(limiter: RateLimiterAbstract): RateCounter {
  return {
    async increment(key) {
      const { consumedPoints, msBeforeNext } = await limiter.consume(key);
      return { count: consumedPoints, resetInMs: msBeforeNext };
    },
    async read(key) {
      const state = await limiter.get(key);
      return state ? { count: state.consumedPoints, resetInMs: state.msBeforeNext } : undefined;
    },
  };
}
