/**
 * One log line and one measurement a request. The path without the query, for the query may hold a payment_token.
 */
import { performance } from 'node:perf_hooks';
import type { ServiceDeps } from '../../services/deps.ts';
import { merchantIdOf } from '../caller.ts';
import type { Middleware } from '../state.ts';

/** What a payment_token has and an id has not: who puts one in the place of an id must not find it in the log. */
const TOKEN = '_secret_';

export function accessLog({ log, metrics }: Pick<ServiceDeps, 'log' | 'metrics'>): Middleware {
  // Its fields are the ones below and none is secret, so that looking for secrets in each line is time spent for nothing.
  const lines = log.child({}, { redact: [] });
  return async function accessLogMiddleware(ctx, next) {
    const startedAt = performance.now();
    try {
      await next();
    } finally {
      const { requestId, operationId, errorCode, caller } = ctx.state;
      const { status } = ctx.response;
      const durationMs = performance.now() - startedAt;
      metrics.requestEnded(operationId ?? 'none', status, durationMs / 1000);
      lines.info(
        {
          requestId,
          method: ctx.request.method,
          path: withoutToken(ctx.request.path),
          status,
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

function withoutToken(path: string): string {
  const tokenAt = path.indexOf(TOKEN);
  return tokenAt < 0 ? path : path.slice(0, tokenAt);
}
