/**
 * One log line and one measurement a request. The path without the query, for the query may hold a payment_token.
 */
import { performance } from 'node:perf_hooks';
import type { Metrics } from '../../metrics.ts';
import { merchantIdOf } from '../caller.ts';
import type { Middleware } from '../state.ts';

export function accessLog(metrics: Metrics): Middleware {
  return async function accessLogMiddleware(ctx, next) {
    const startedAt = performance.now();
    try {
      await next();
    } finally {
      const { log, operationId, errorCode, caller } = ctx.state;
      const durationMs = performance.now() - startedAt;
      metrics.requestEnded(operationId ?? 'none', ctx.status, durationMs / 1000);
      log.info(
        {
          method: ctx.method,
          path: ctx.path,
          status: ctx.status,
          operationId,
          errorCode,
          merchantId: merchantIdOf(caller),
          durationMs: Math.round(durationMs * 10) / 10,
        },
        'request',
      );
    }
  };
}
