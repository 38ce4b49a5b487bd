/**
 * Counting requests in one-minute windows: in this process's memory, in Redis for several nodes, or in the primary
 * process of a cluster on one machine. Only counts; limits.ts decides what a count means.
 */
import { type RateLimiterAbstract, RateLimiterCluster, RateLimiterRedis } from 'rate-limiter-flexible';
import type { SharedRedis } from './redis.ts';

export interface Window {
  /** Requests counted in this window. */
  readonly count: number;
  readonly resetInMs: number;
}

/** A count in this process is available synchronously, so that no request waits for it. */
export type Maybe<T> = T | Promise<T>;

export interface RateCounter {
  /** Counts one request. */
  increment(key: string): Maybe<Window>;
  /** The present window; undefined when none is open. */
  read(key: string): Maybe<Window | undefined>;
}

export type CounterFactory = (scope: string) => RateCounter;

export const WINDOW_SECONDS = 60;
const WINDOW_MS = WINDOW_SECONDS * 1000;
/** The library refuses beyond its points. It is used for counting only, so it must never refuse. */
const POINTS = Number.MAX_SAFE_INTEGER;
/** How long to wait for the primary process. */
const CLUSTER_TIMEOUT_MS = 2_000;

/**
 * Counters of this process alone. Written here because the library returns a promise and starts a timer for each key,
 * which would cost every request.
 */
export const memoryCounters: CounterFactory = () => {
  const windows = new Map<string, { count: number; endsAtMs: number }>();
  let sweepAtMs = wholeMs() + WINDOW_MS;
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
      const nowMs = wholeMs();
      const found = windows.get(key);
      const window = found && found.endsAtMs > nowMs ? found : open(key, nowMs);
      window.count += 1;
      return { count: window.count, resetInMs: window.endsAtMs - nowMs };
    },
    read(key) {
      const nowMs = wholeMs();
      const window = windows.get(key);
      if (!window || window.endsAtMs <= nowMs) {
        return undefined;
      }
      return { count: window.count, resetInMs: window.endsAtMs - nowMs };
    },
  };
};

/** Monotonic. Whole, so that the length of a window is not rounded up to a millisecond more. */
function wholeMs(): number {
  return Math.floor(performance.now());
}

/** Counters shared through Redis; local ones replace them while it is unavailable. */
export function redisCounters(redis: SharedRedis): CounterFactory {
  return (scope) => {
    const shared = toCounter(new RateLimiterRedis({ ...optionsOf(scope), storeClient: redis.client }));
    const local = memoryCounters(scope);
    return {
      increment: (key) =>
        redis.use(
          async () => shared.increment(key),
          () => local.increment(key),
        ),
      read: (key) =>
        redis.use(
          async () => shared.read(key),
          () => local.read(key),
        ),
    };
  };
}

/** Counters of the processes that one primary has forked; local ones replace them while the primary does not answer. */
export const clusterCounters: CounterFactory = (scope) => {
  const shared = toCounter(new RateLimiterCluster({ ...optionsOf(scope), timeoutMs: CLUSTER_TIMEOUT_MS }));
  const local = memoryCounters(scope);
  return {
    increment: async (key) => withoutPrimary(shared.increment(key), () => local.increment(key)),
    read: async (key) => withoutPrimary(shared.read(key), () => local.read(key)),
  };
};

/** No request is refused because it could not be counted together with the others. */
async function withoutPrimary<T>(counted: Maybe<T>, countLocally: () => Maybe<T>): Promise<T> {
  try {
    return await counted;
  } catch {
    return countLocally();
  }
}

function optionsOf(scope: string) {
  return { keyPrefix: `pgw:rate:${scope}`, points: POINTS, duration: WINDOW_SECONDS };
}

function toCounter(limiter: RateLimiterAbstract): RateCounter {
  return {
    async increment(key) {
      const { consumedPoints, msBeforeNext } = await limiter.consume(key);
      return { count: consumedPoints, resetInMs: withinWindow(msBeforeNext) };
    },
    async read(key) {
      const state = await limiter.get(key);
      return state ? { count: state.consumedPoints, resetInMs: withinWindow(state.msBeforeNext) } : undefined;
    },
  };
}

/** The library ends a window by a timer but computes its remaining time from the wall clock, which may have been set. */
function withinWindow(ms: number): number {
  return Math.min(Math.max(ms, 0), WINDOW_MS);
}
