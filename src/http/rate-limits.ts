/**
 * The documented limits, in fixed one-minute windows: global and per merchant. Counters live in this process's memory.
 */
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { DomainError } from '../domain/errors.ts';
import type { AppContext } from './state.ts';

const WINDOW_SECONDS = 60;
/** Shown as the limit where a limit is switched off: the header is promised on every response. */
const NO_LIMIT = 2_147_483_647;

export interface RateLimits {
  /** Counts a request against the whole installation. */
  countGlobal(ctx: AppContext): Promise<void>;
  /** Counts a request against its merchant. */
  countMerchant(ctx: AppContext, merchantId: string): Promise<void>;
  /** Shows the global window without counting: for what is never refused. */
  showGlobal(ctx: AppContext): Promise<void>;
}

/** @param perMinute 0 switches a limit off */
export function createRateLimits(perMinute: { global: number; merchant: number }): RateLimits {
  const global = createWindow('global', perMinute.global);
  const merchant = createWindow('merchant', perMinute.merchant);
  return {
    countGlobal: (ctx) => global.count(ctx, 'all'),
    countMerchant: (ctx, merchantId) => merchant.count(ctx, merchantId),
    showGlobal: (ctx) => global.show(ctx, 'all'),
  };
}

interface Window {
  count(ctx: AppContext, key: string): Promise<void>;
  show(ctx: AppContext, key: string): Promise<void>;
}

function createWindow(scope: 'global' | 'merchant', limit: number): Window {
  if (limit === 0) {
    const unlimited = async (ctx: AppContext) => {
      // A merchant without a limit still lives within the global one, whose window is shown then.
      if (scope === 'global') setHeaders(ctx, NO_LIMIT, NO_LIMIT, WINDOW_SECONDS * 1000);
    };
    return { count: unlimited, show: unlimited };
  }
  const limiter = new RateLimiterMemory({ keyPrefix: scope, points: limit, duration: WINDOW_SECONDS });
  return {
    async count(ctx, key) {
      try {
        const state = await limiter.consume(key);
        setHeaders(ctx, limit, state.remainingPoints, state.msBeforeNext);
      } catch (state) {
        if (!(state instanceof RateLimiterRes)) throw state;
        setHeaders(ctx, limit, 0, state.msBeforeNext);
        throw exceeded(scope, limit, state.msBeforeNext);
      }
    },
    async show(ctx, key) {
      const state = await limiter.get(key);
      setHeaders(ctx, limit, state?.remainingPoints ?? limit, state?.msBeforeNext ?? WINDOW_SECONDS * 1000);
    },
  };
}

function setHeaders(ctx: AppContext, limit: number, remaining: number, resetInMs: number): void {
  ctx.set('X-RateLimit-Limit', String(limit));
  ctx.set('X-RateLimit-Remaining', String(Math.max(remaining, 0)));
  ctx.set('X-RateLimit-Reset', String(Math.ceil((Date.now() + resetInMs) / 1000)));
}

function exceeded(scope: string, limit: number, retryAfterMs: number): DomainError {
  const seconds = Math.ceil(retryAfterMs / 1000);
  return new DomainError('rate_limit_exceeded', `Too many requests; try again in ${seconds} seconds`, {
    details: { scope, limit },
    retryAfterMs,
  });
}
