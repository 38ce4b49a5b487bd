/**
 * One log line and one measurement per request. The path is logged without the query, which may hold a payment_token.
 */
import { performance } from 'node:perf_hooks';
import type { ServiceDeps } from '../../services/deps.ts';
import { merchantIdOf } from '../caller.ts';
import type { Middleware } from '../state.ts';

/** Appears in a payment_token and not in an id. A token used by mistake as an id must not reach the log. */
const TOKEN = '_secret_';

export function accessLog({ log, metrics }: Pick<ServiceDeps, 'log' | 'metrics'>): Middleware {
  // None of the fields below is secret, so redaction would only cost time.
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
