/**
 * One log line a request. The path without the query, for the query may hold a payment_token.
 */
import { performance } from 'node:perf_hooks';
import { merchantIdOf } from '../caller.ts';
import type { Middleware } from '../state.ts';

export function accessLog(): Middleware {
  return async function accessLogMiddleware(ctx, next) {
    const startedAt = performance.now();
    try {
      await next();
    } finally {
      const { log, operationId, errorCode, caller } = ctx.state;
      log.info(
        {
          method: ctx.method,
          path: ctx.path,
          status: ctx.status,
          operationId,
          errorCode,
          merchantId: merchantIdOf(caller),
          durationMs: Math.round((performance.now() - startedAt) * 10) / 10,
        },
        'request',
      );
    }
  };
}
