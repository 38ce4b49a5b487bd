/**
 * Turns errors into pages, or into JSON for scripts. What a DomainError says is safe to show; of other errors only the request id
 * is shown.
 */
import type { ErrorCode } from '../../domain/errors.ts';
import { statusOf, toDomainError } from '../../http/errors.ts';
import { HttpRefusal } from '../../http/http-refusal.ts';
import { renderErrorPage } from '../../web/console/pages/error.ts';
import type { ConsoleDeps } from '../call.ts';
import { languageOf } from '../language.ts';
import { ConsoleRefusal, type RefusalKind } from '../refusals.ts';
import { layoutOf } from '../render.ts';
import type { ConsoleContext, ConsoleMiddleware } from '../state.ts';

interface ShownError {
  readonly status: number;
  readonly kind: RefusalKind | 'refused';
  /** What a service says, in English. */
  readonly message?: string | undefined;
  readonly retryAfterMs?: number | undefined;
}

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

function shownError(error: unknown): ShownError {
  if (error instanceof ConsoleRefusal) {
    return { status: error.status, kind: error.kind };
  }
  const known = toDomainError(error);
  const { code, message, retryAfterMs } = known;
  const kind = kindOf(code);
  const status = known instanceof HttpRefusal ? known.status : statusOf(code);
  const isExplained = kind === 'refused' || kind === 'notFound';
  return { status, kind, message: isExplained ? message : undefined, retryAfterMs };
}

function kindOf(code: ErrorCode): ShownError['kind'] {
  switch (code) {
    case 'not_found':
      return 'notFound';
    case 'internal_error':
      return 'fault';
    case 'service_unavailable':
      return 'unavailable';
    default:
      return 'refused';
  }
}

function write(deps: ConsoleDeps, ctx: ConsoleContext, shown: ShownError): void {
  ctx.status = shown.status;
  if (shown.retryAfterMs !== undefined) {
    ctx.set('Retry-After', String(Math.ceil(shown.retryAfterMs / 1000)));
  }
  if (ctx.get('Content-Type').startsWith('application/json')) {
    ctx.body = { error: shown.message ?? shown.kind };
    return;
  }
  const language = languageOf(deps.options, ctx);
  ctx.type = 'text/html; charset=utf-8';
  ctx.body = renderErrorPage({ ...shown, requestId: ctx.state.requestId }, layoutOf(deps, ctx, language));
}
