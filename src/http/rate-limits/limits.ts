/**
 * The documented limits, in fixed one-minute windows: global, and per merchant with overrides. Decides on counts; adds no
 * database statement to a request.
 */
import { DomainError } from '../../domain/errors.ts';
import type { Metrics } from '../../lib/metrics.ts';
import type { AppContext } from '../state.ts';
import { type CounterFactory, type Maybe, WINDOW_SECONDS, type Window } from './counters.ts';

/** Shown as the limit where a limit is switched off: the header is promised on every response. */
const NO_LIMIT = 2_147_483_647;

/** What headers are set on: the response itself, for Koa's own way costs more than the counting. */
export interface HeaderTarget {
  setHeader(name: string, value: string): unknown;
}

export interface RateLimits {
  /** Counts a request against the whole installation. */
  countGlobal(ctx: AppContext): Maybe<void>;
  /** Counts a request against its merchant. */
  countMerchant(ctx: AppContext, merchantId: string): Maybe<void>;
  /** Shows the global window without counting: for what is never refused. */
  showGlobal(target: HeaderTarget): Maybe<void>;
}

export interface RateLimitOptions {
  /** Requests a minute; 0 switches the limit off. */
  readonly global: number;
  readonly merchant: number;
  /** A merchant's own limit, when it has one; from memory. */
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
      // A merchant without a limit still lives within the global one, whose window is shown then.
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

/** At once when the count is here, later when it comes from elsewhere. */
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
