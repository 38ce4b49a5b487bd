/**
 * CORS for the operations that browsers call with a payment_token: retrieve, confirm, cancel, the QR's pictures, events. Any
 * origin, for the token is the credential; no cookies. Not for the signed operations: a secret key has no place in a
 * browser. And for the contract, which tools in browsers read.
 */
import koaCors from '@koa/cors';
import type { RateLimits } from '../rate-limits/limits.ts';
import type { Middleware } from '../state.ts';

const BROWSER_PATHS =
  /^(\/v1\/payment_intents\/[^/]+(\/(confirm|cancel|events|qr\.(svg|png)))?|\/openapi\.(yaml|json))$/;
const EXPOSED = [
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
    exposeHeaders: EXPOSED.join(','),
    maxAge: 86_400,
  });
  const answer: Middleware = async (ctx, next) => {
    if (ctx.request.method === 'OPTIONS') {
      await limits.showGlobal(ctx.res);
    }
    await allow(ctx, next);
  };
  return function corsMiddleware(ctx, next) {
    return BROWSER_PATHS.test(ctx.request.path) ? answer(ctx, next) : next();
  };
}
