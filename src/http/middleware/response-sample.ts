/**
 * Judges a share of the answers by the contract while the gateway runs. A deviation is logged and counted; the answer
 * goes out all the same, for a payment counts more than its form.
 */
import type { ServiceDeps } from '../../services/deps.ts';
import type { ResponseValidator } from '../openapi/response-validator.ts';
import type { AppContext, Middleware } from '../state.ts';

/** @param share of the answers that are judged, from 0 to 1 */
export function contractSample(deps: ServiceDeps, validator: ResponseValidator, share: number): Middleware {
  const validateResponse: Middleware = async (ctx, next) => {
    await next();
    if (ctx.state.isPage) {
      return;
    }
    const faults = faultsOf(validator, ctx);
    if (faults.length === 0) {
      return;
    }
    deps.metrics.contractBroken(ctx.state.operationId ?? 'none', ctx.response.status);
    ctx.state.log.error({ faults }, 'an answer is not as the contract says');
  };
  return function contractSampleMiddleware(ctx, next) {
    if (ctx.request.method === 'OPTIONS' || ctx.request.method === 'HEAD' || deps.random() >= share) {
      return next();
    }
    return validateResponse(ctx, next);
  };
}

function faultsOf(validator: ResponseValidator, ctx: AppContext): string[] {
  const headers = ctx.response.headers as Record<string, string | undefined>;
  const isText = typeof ctx.response.body === 'string';
  const body: unknown =
    isText && ctx.response.is('json') ? JSON.parse(ctx.response.body as string) : undefined;
  return validator.faultsOf(ctx.request.method, ctx.request.path, {
    status: ctx.response.status,
    headers,
    body,
  });
}
