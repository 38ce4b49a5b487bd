/**
 * Validates a share of the responses by the contract while the gateway runs. A deviation is logged and counted; the
 * response is sent anyway, because a payment matters more than its form.
 */
import type { ServiceDeps } from '../../services/deps.ts';
import type { ResponseValidator } from '../openapi/response-validator.ts';
import type { AppContext, Middleware } from '../state.ts';

/** @param share of the responses that are validated, from 0 to 1 */
export function contractSample(deps: ServiceDeps, validator: ResponseValidator, share: number): Middleware {
  const validateResponse: Middleware = async (ctx, next) => {
    await next();
    if (ctx.state.isOutsideContract) {
      return;
    }
    const faults = faultsOf(validator, ctx);
    if (faults.length === 0) {
      return;
    }
    deps.metrics.contractBroken(ctx.state.operationId ?? 'none', ctx.response.status);
    ctx.state.log.error({ faults }, 'a response deviates from the contract');
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
