/**
 * The documented limits, in fixed one-minute windows: global, and per merchant with overrides. Decides on counts and adds
 * no database statement to a request.
 */
import { DomainError } from '../../domain/errors.ts';
import type { Metrics } from '../../lib/metrics.ts';
import type { AppContext } from '../state.ts';
import { type CounterFactory, type Maybe, WINDOW_SECONDS, type Window } from './counters.ts';

/** The header is promised on every response, so this is shown where a limit is switched off. */
const NO_LIMIT = 2_147_483_647;

/** Headers are set on Node's response, because Koa's own method costs more than the counting. */
export interface HeaderTarget {
  setHeader(name: string, value: string): unknown;
}

export interface RateLimits {
  /** Counts a request against the global limit. */
  countGlobal(ctx: AppContext): Maybe<void>;
  /** Counts a request against its merchant's limit. */
  countMerchant(ctx: AppContext, merchantId: string): Maybe<void>;
  /** Sets the headers of the global window without counting, for requests that are never refused. */
  showGlobal(target: HeaderTarget): Maybe<void>;
}

export interface RateLimitOptions {
  /** Requests a minute; 0 switches the limit off. */
  readonly global: number;
  readonly merchant: number;
  /** A merchant's own limit, if it has one; read from memory. */
  readonly merchantOverride?: (merchantId: string) => number | undefined;
  readonly counters: CounterFactory;
  readonly metrics: Pick<Metrics, 'rateLimited'>;
}

export function createRateLimits(options: RateLimitOptions): RateLimits {
  const global = options.counters('global');
  const merchant = options.counters('merchant');
  const decide = (ctx: AppContext, scope: 'global' | 'merchant', limit: number, window: Window) => {
    setHeaders(ctx.res, limit, window);
    const isRefused = window.count > limit;
    options.metrics.rateLimited(scope, isRefused ? 'refused' : 'passed');
    if (isRefused) {
      throw exceeded(scope, limit, window.resetInMs);
    }
  };
  return {
    countGlobal(ctx) {
      if (options.global === 0) {
        return setHeaders(ctx.res, NO_LIMIT, fresh());
      }
      return whenKnown(global.increment('all'), (window) => decide(ctx, 'global', options.global, window));
    },
    countMerchant(ctx, merchantId) {
      const limit = options.merchantOverride?.(merchantId) ?? options.merchant;
      // The global limit still applies to a merchant without one, and its window is shown.
      if (limit <= 0) {
        return undefined;
      }
      return whenKnown(merchant.increment(merchantId), (window) => decide(ctx, 'merchant', limit, window));
    },
    showGlobal(target) {
      if (options.global === 0) {
        return setHeaders(target, NO_LIMIT, fresh());
      }
      return whenKnown(global.read('all'), (window) => setHeaders(target, options.global, window ?? fresh()));
    },
  };
}

/** Runs synchronously when the count is local, and later when it comes from another process. */
function whenKnown<T>(value: Maybe<T>, use: (value: T) => void): Maybe<void> {
  return value instanceof Promise ? value.then(use) : use(value);
}

function fresh(): Window {
  return { count: 0, resetInMs: WINDOW_SECONDS * 1000 };
}

function setHeaders(target: HeaderTarget, limit: number, { count, resetInMs }: Window): void {
  target.setHeader('X-RateLimit-Limit', String(limit));
  target.setHeader('X-RateLimit-Remaining', String(Math.max(limit - count, 0)));
  target.setHeader('X-RateLimit-Reset', String(Math.ceil((Date.now() + resetInMs) / 1000)));
}

function exceeded(scope: string, limit: number, retryAfterMs: number): DomainError {
  const seconds = Math.ceil(retryAfterMs / 1000);
  return new DomainError('rate_limit_exceeded', `Too many requests; try again in ${seconds} seconds`, {
    details: { scope, limit },
    retryAfterMs,
  });
}
