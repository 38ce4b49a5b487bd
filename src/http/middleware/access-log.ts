/**
 * One log line and one measurement per request. The line contains the route as the contract writes it, and never the path
 * or the query as sent, because these may contain a payment_token or a key in any spelling.
 */
import { performance } from 'node:perf_hooks';
import { isId } from '../../lib/ids.ts';
import { normalizeAddress } from '../../lib/net/address-ranges.ts';
import { parseAuthorization } from '../../services/authenticate.ts';
import type { ServiceDeps } from '../../services/deps.ts';
import { merchantIdOf } from '../caller.ts';
import { reasonOf } from '../errors.ts';
import type { HttpRefusal } from '../http-refusal.ts';
import type { AppContext, Middleware } from '../state.ts';

/** The form of a public API key. A secret key in its place must not reach the log. */
const API_KEY = /^ak_[A-Za-z0-9]{1,64}$/;

export function accessLog({ log, metrics }: Pick<ServiceDeps, 'log' | 'metrics'>): Middleware {
  // None of the fields below is secret, so redaction would only cost time.
  const lines = log.child({}, { redact: [] });
  return async function accessLogMiddleware(ctx, next) {
    const startedAt = performance.now();
    try {
      await next();
    } finally {
      const { requestId, operationId, route, errorCode, errorReason, caller, clientAddress, counts } =
        ctx.state;
      const { status } = ctx.response;
      const durationMs = performance.now() - startedAt;
      metrics.requestEnded(operationId ?? 'none', status, durationMs / 1000);
      if (errorCode !== undefined) {
        metrics.requestRefused(errorCode, errorReason ?? 'none');
      }
      lines.info(
        {
          requestId,
          method: ctx.request.method,
          route,
          intentId: route?.includes('{id}') ? intentIdIn(ctx.request.path) : undefined,
          status,
          operationId,
          errorCode,
          reason: errorReason,
          clientAddress,
          apiKey: apiKeyOf(ctx),
          merchantId: merchantIdOf(caller),
          ...counts,
          durationMs: Math.round(durationMs * 10) / 10,
        },
        'request',
      );
    }
  };
}

/** Logs and counts a request that Node could not parse, so that it never reached the Koa chain. */
export function logRefusal(
  { log, metrics }: Pick<ServiceDeps, 'log' | 'metrics'>,
  refusal: HttpRefusal,
  requestId: string | undefined,
  peer: string | undefined,
): void {
  const { code, status } = refusal;
  const reason = reasonOf(refusal) ?? 'none';
  metrics.requestEnded('none', status, 0);
  metrics.requestRefused(code, reason);
  log.info(
    {
      requestId,
      status,
      errorCode: code,
      reason,
      clientAddress: peer === undefined ? undefined : normalizeAddress(peer),
    },
    'request',
  );
}

/** The segment of the path that has exactly the form of an id. */
function intentIdIn(path: string): string | undefined {
  return path.split('/').find((segment) => isId('pi', segment));
}

/** The API key that signed, or that a refused request claims to have. */
function apiKeyOf({ state, request }: AppContext): string | undefined {
  if (state.caller.kind === 'api_key') {
    return state.caller.key.apiKey;
  }
  const authorization = request.get('Authorization');
  const claimed = authorization === '' ? undefined : parseAuthorization(authorization)?.apiKey;
  return claimed !== undefined && API_KEY.test(claimed) ? claimed : undefined;
}
