/**
 * CORS for operations that browsers call with a payment_token, from any origin and without cookies, because the token is
 * the credential. Signed operations have none: a secret key must not be in a browser. The contract has it too, because
 * tools in browsers read it.
 */
import koaCors from '@koa/cors';
import type { RateLimits } from '../rate-limits/limits.ts';
import type { AppContext, Middleware } from '../state.ts';
import { isContractPath } from './docs.ts';

const EXPOSED_HEADERS = [
  'X-Request-Id',
  'X-RateLimit-Limit',
  'X-RateLimit-Remaining',
  'X-RateLimit-Reset',
  'Retry-After',
  'Idempotent-Replayed',
];

/** @param limits a preflight is answered here, and carries the rate-limit headers like every response */
export function cors(limits: RateLimits): Middleware {
  const allow = koaCors({
    origin: '*',
    allowMethods: 'GET,POST',
    allowHeaders: 'Content-Type,Idempotency-Key',
    exposeHeaders: EXPOSED_HEADERS.join(','),
    maxAge: 86_400,
  });
  const allowAnyOrigin: Middleware = async (ctx, next) => {
    if (ctx.request.method === 'OPTIONS') {
      await limits.showGlobal(ctx.res);
    }
    await allow(ctx, next);
  };
  return function corsMiddleware(ctx, next) {
    return isForBrowsers(ctx) ? allowAnyOrigin(ctx, next) : next();
  };
}

function isForBrowsers({ state, request }: AppContext): boolean {
  return state.policy.browsers === 'any_origin' || isContractPath(request.path);
}
