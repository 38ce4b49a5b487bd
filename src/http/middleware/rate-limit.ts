/**
 * The global rate limit, and the rate-limit headers on every response. The merchant's limit is counted in api.ts, because
 * the merchant is known only after authentication.
 */
import type { RateLimits } from '../rate-limits/limits.ts';
import type { Middleware } from '../state.ts';

export function rateLimit(limits: RateLimits): Middleware {
  return function rateLimitMiddleware(ctx, next) {
    const isExempt = ctx.request.method === 'OPTIONS' || ctx.state.policy.rateLimit === 'exempt';
    const counted = isExempt ? limits.showGlobal(ctx.res) : limits.countGlobal(ctx);
    return counted === undefined ? next() : counted.then(next);
  };
}
