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

/** At once, or later: what is counted in this process does not make a request wait. */
export type Maybe<T> = T | Promise<T>;

export interface RateCounter {
  /** Counts one request. */
  increment(key: string): Maybe<Window>;
  /** The window as it is; undefined when none is open. */
  read(key: string): Maybe<Window | undefined>;
}

export type CounterFactory = (scope: string) => RateCounter;

export const WINDOW_SECONDS = 60;
const WINDOW_MS = WINDOW_SECONDS * 1000;
/** The library refuses beyond its points; we only count, so it never should. */
const POINTS = Number.MAX_SAFE_INTEGER;
/** Longer than this and the answer of the primary process is not waited for. */
const CLUSTER_TIMEOUT_MS = 2_000;

/**
 * Counters of this process alone. Written here, for the library's answer is a promise and a timer a key, which every
 * request would pay for.
 */
export const memoryCounters: CounterFactory = () => {
  const windows = new Map<string, { count: number; endsAtMs: number }>();
  let sweepAtMs = performance.now() + WINDOW_MS;
  const open = (key: string, nowMs: number) => {
    if (nowMs >= sweepAtMs) {
      for (const [other, { endsAtMs }] of windows) {
        if (endsAtMs <= nowMs) {
          windows.delete(other);
        }
      }
      sweepAtMs = nowMs + WINDOW_MS;
    }
    const window = { count: 0, endsAtMs: nowMs + WINDOW_MS };
    windows.set(key, window);
    return window;
  };
  return {
    increment(key) {
      const nowMs = performance.now();
      const found = windows.get(key);
      const window = found && found.endsAtMs > nowMs ? found : open(key, nowMs);
      window.count += 1;
      return { count: window.count, resetInMs: Math.ceil(window.endsAtMs - nowMs) };
    },
    read(key) {
      const nowMs = performance.now();
      const window = windows.get(key);
      if (!window || window.endsAtMs <= nowMs) {
        return undefined;
      }
      return { count: window.count, resetInMs: Math.ceil(window.endsAtMs - nowMs) };
    },
  };
};

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
