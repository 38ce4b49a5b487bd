/**
 * From errors to responses: the one table that gives each code its status, and the only writer of error bodies. An error
 * that is not a DomainError is a fault of the gateway: the caller gets no detail, the log gets the whole cause chain.
 */
import { DomainError, type ErrorCode } from '../domain/errors.ts';
import { isDatabaseUnavailable } from '../store/db/errors.ts';
import { renderErrorPage } from '../web/checkout/error-page.ts';
import { pageHeaders } from '../web/checkout/headers.ts';
import { chooseLanguage } from '../web/checkout/texts.ts';
import { HttpRefusal } from './http-refusal.ts';
import { setJsonHeaders } from './response.ts';
import type { AppContext } from './state.ts';

const STATUS: Readonly<Record<ErrorCode, number>> = {
  invalid_request: 400,
  unauthorized: 401,
  invalid_token: 401,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  idempotency_conflict: 409,
  cursor_expired: 410,
  payload_too_large: 413,
  unsupported_media_type: 415,
  rate_limit_exceeded: 429,
  internal_error: 500,
  provider_error: 502,
  provider_unavailable: 503,
  service_unavailable: 503,
};

/** The id of the PaymentIntent in the path of a page. */
const ID_IN_PAGE_PATH = /^\/pay\/([^/]*)/;

/** How long a client should wait while the database is unavailable. */
const RETRY_AFTER_MS = 2_000;

/** The HTTP status of a code. */
export function statusOf(code: ErrorCode): number {
  return STATUS[code];
}

/** The error body in the contract's form. */
export function errorBody(error: DomainError): string {
  return JSON.stringify({ code: error.code, message: error.message, details: error.details });
}

/** Writes the response for an error. */
export function writeError(ctx: AppContext, error: unknown): void {
  const known = toDomainError(error);
  if (known.code === 'internal_error') {
    ctx.state.log.error({ err: error }, 'an unexpected error');
  } else if (known.code === 'service_unavailable' && known !== error) {
    ctx.state.log.error({ err: error }, 'the database is not available');
  }
  ctx.status = known instanceof HttpRefusal ? known.status : STATUS[known.code];
  if (known.retryAfterMs !== undefined) {
    ctx.set('Retry-After', String(Math.ceil(known.retryAfterMs / 1000)));
  }
  if (wantsPage(ctx)) {
    writeErrorPage(ctx, known);
  } else {
    writeErrorBody(ctx, known);
  }
  ctx.state.errorCode = known.code;
  ctx.state.errorReason = reasonOf(known);
}

/** Distinguishes the refusals of one code. Always one of the gateway's words, so that it can be a metric label. */
export function reasonOf({ code, details }: DomainError): string | undefined {
  const { reason, scope, constraint, required_scope: requiredScope } = details;
  const isOfProvider = code === 'provider_error' || code === 'provider_unavailable';
  const words = [isOfProvider ? undefined : reason, scope, constraint, requiredScope];
  return words.find((word): word is string => typeof word === 'string');
}

function writeErrorBody(ctx: AppContext, error: DomainError): void {
  setJsonHeaders(ctx.res);
  ctx.body = errorBody(error);
}

/** Browsers get a page where the operation is one; clients that ask for JSON, or state no preference, get JSON. */
function wantsPage(ctx: AppContext): boolean {
  return ctx.state.policy.errors === 'page' && ctx.accepts('application/json', 'text/html') === 'text/html';
}

function writeErrorPage(ctx: AppContext, error: DomainError): void {
  const { payment_token: token, lang, display } = ctx.query;
  ctx.type = 'text/html';
  ctx.set(pageHeaders([]));
  ctx.body = renderErrorPage(error, {
    id: ID_IN_PAGE_PATH.exec(ctx.path)?.[1] ?? '',
    paymentToken: typeof token === 'string' ? token : undefined,
    language: chooseLanguage(String(lang), ctx.acceptsLanguages()),
    display: display === 'till' ? 'till' : undefined,
  });
}

/** What an error means to the caller, who learns nothing of a fault of the gateway or of the database. */
export function toDomainError(error: unknown): DomainError {
  if (error instanceof DomainError) {
    return error.code === 'internal_error' ? internalError(error) : error;
  }
  if (isDatabaseUnavailable(error)) {
    return new DomainError(
      'service_unavailable',
      'The gateway cannot serve requests at the moment; try again shortly',
      {
        retryAfterMs: RETRY_AFTER_MS,
        cause: error,
      },
    );
  }
  return internalError(error);
}

function internalError(cause: unknown): DomainError {
  return new DomainError('internal_error', 'Something went wrong on our side', { cause });
}
