/**
 * The global rate limit, and the rate-limit headers on every response. The merchant's limit is counted after
 * authentication, in api.ts, for only then is the merchant known.
 */
import type { RateLimits } from '../rate-limits/limits.ts';
import type { Middleware } from '../state.ts';

/** Health probes and webhooks are never refused: the first would take a node out, the second would lose news for good. */
const NEVER_REFUSED = /^\/(health|ready|v1\/webhooks\/[^/]+)$/;

export function rateLimit(limits: RateLimits): Middleware {
  return function rateLimitMiddleware(ctx, next) {
    const isFree = ctx.request.method === 'OPTIONS' || NEVER_REFUSED.test(ctx.request.path);
    const counted = isFree ? limits.showGlobal(ctx.res) : limits.countGlobal(ctx);
    return counted === undefined ? next() : counted.then(next);
  };
}
