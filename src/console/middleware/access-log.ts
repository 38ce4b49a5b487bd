/**
 * One log line for each request, with its route and never its target, which may contain a secret.
 */
import type { HttpRefusal } from '../../http/http-refusal.ts';
import { monotonicMs, systemClock } from '../../lib/clock.ts';
import type { ConsoleDeps } from '../call.ts';
import type { ConsoleMiddleware } from '../state.ts';

export function accessLog({ log, metrics }: ConsoleDeps): ConsoleMiddleware {
  return async function accessLogMiddleware(ctx, next) {
    const startedMs = monotonicMs(systemClock);
    await next();
    const ms = monotonicMs(systemClock) - startedMs;
    const { requestId, clientAddress, signedIn, route = 'none' } = ctx.state;
    metrics.requestEnded(`console_${route}`, ctx.status, ms / 1000);
    log.info(
      {
        requestId,
        route,
        method: ctx.method,
        status: ctx.status,
        ms,
        clientAddress,
        operator: signedIn?.operator.id,
      },
      'console request',
    );
  };
}

/** A request that never reached the chain, such as malformed HTTP. */
export function logConsoleRefusal(
  { log }: Pick<ConsoleDeps, 'log'>,
  { status, code }: HttpRefusal,
  requestId: string,
  peer: string | undefined,
): void {
  log.info({ requestId, status, errorCode: code, clientAddress: peer }, 'console request');
}
