/**
 * Turns errors into pages, or into JSON for scripts. What a DomainError says is safe to show; of other errors only the request id
 * is shown.
 */
import { DomainError, type ErrorCode } from '../../domain/errors.ts';
import { renderErrorPage } from '../../web/console/pages/error.ts';
import type { ConsoleDeps } from '../call.ts';
import { languageOf } from '../language.ts';
import { ConsoleRefusal, type RefusalKind } from '../refusals.ts';
import { layoutOf } from '../render.ts';
import type { ConsoleContext, ConsoleMiddleware } from '../state.ts';

export interface ShownError {
  readonly status: number;
  readonly kind: RefusalKind | 'refused';
  /** What a service says, in English. */
  readonly message?: string | undefined;
}

const STATUS: Partial<Readonly<Record<ErrorCode, number>>> = {
  not_found: 404,
  forbidden: 403,
  unauthorized: 403,
  service_unavailable: 503,
  internal_error: 500,
  rate_limit_exceeded: 429,
};

export function errorPages(deps: ConsoleDeps): ConsoleMiddleware {
  return async function errorPagesMiddleware(ctx, next) {
    try {
      await next();
      if (ctx.status === 404 && ctx.body === undefined) {
        throw new ConsoleRefusal(404, 'notFound');
      }
    } catch (error) {
      const shown = shownError(error);
      if (shown.status >= 500) {
        deps.log.error({ err: error, requestId: ctx.state.requestId }, 'a console request failed');
      }
      write(deps, ctx, shown);
    }
  };
}

export function shownError(error: unknown): ShownError {
  if (error instanceof ConsoleRefusal) {
    return { status: error.status, kind: error.kind };
  }
  if (error instanceof DomainError) {
    const { code, message } = error;
    const status = STATUS[code] ?? 400;
    return { status, kind: status === 404 ? 'notFound' : 'refused', message };
  }
  return { status: 500, kind: 'fault' };
}

function write(deps: ConsoleDeps, ctx: ConsoleContext, shown: ShownError): void {
  ctx.status = shown.status;
  if (ctx.get('Content-Type').startsWith('application/json')) {
    ctx.body = { error: shown.message ?? shown.kind };
    return;
  }
  const language = languageOf(deps.options, ctx);
  ctx.type = 'text/html; charset=utf-8';
  ctx.body = renderErrorPage({ ...shown, requestId: ctx.state.requestId }, layoutOf(deps, ctx, language));
}
