/**
 * What goes wrong, as a caller sees it: an answer of the gateway that is an error, no answer, or a wait that was given
 * up.
 */
import type { components } from '../../generated/openapi.d.ts';

export type ErrorCode = components['schemas']['Error']['code'];
export type ErrorDetails = components['schemas']['Error']['details'];

/** The gateway refused, or could not serve. Decide by `code`. */
export class PgwError extends Error {
  /** The HTTP status. */
  readonly status: number;
  /** The contract's word; `unreadable_answer` for what is no answer of the gateway, of a proxy on the way for example. */
  readonly code: ErrorCode | 'unreadable_answer';
  readonly details: ErrorDetails;
  /** Give it to support: it is in the gateway's log. */
  readonly requestId: string | undefined;

  constructor(response: Response, body: unknown) {
    const { code, message, details } = isErrorBody(body) ? body : UNREADABLE;
    super(`${message} (${response.status} ${code})`);
    this.name = 'PgwError';
    this.status = response.status;
    this.code = code;
    this.details = details;
    this.requestId = response.headers.get('X-Request-Id') ?? undefined;
  }
}

/** No answer: the connection failed or took too long, at every try. Whether the gateway acted is not known. */
export class PgwConnectionError extends Error {
  constructor(method: string, path: string, cause: unknown) {
    super(`${method} ${path} got no answer`, { cause });
    this.name = 'PgwConnectionError';
  }
}

/** The payment had not ended when the wait was given up. It may still be paid. */
export class PgwWaitError extends Error {
  /** The PaymentIntent as it was seen last. */
  readonly intent: components['schemas']['PaymentIntent'];

  constructor(intent: components['schemas']['PaymentIntent']) {
    super(`${intent.id} is still ${intent.status}`);
    this.name = 'PgwWaitError';
    this.intent = intent;
  }
}

const UNREADABLE = { code: 'unreadable_answer', message: 'The answer cannot be read', details: {} } as const;

function isErrorBody(body: unknown): body is components['schemas']['Error'] {
  return (
    typeof body === 'object' && body !== null && 'code' in body && 'message' in body && 'details' in body
  );
}
