/**
 * The errors that the client throws: an error response of the gateway, no response, or a wait that timed out.
 */
import type { components } from '../../generated/openapi.d.ts';

export type ErrorCode = components['schemas']['ErrorBody']['code'];
export type ErrorDetails = components['schemas']['ErrorBody']['details'];

/** The gateway refused or could not serve the request. Branch on `code`, not on the message. */
export class PgwError extends Error {
  /** The HTTP status. */
  readonly status: number;
  /** The contract's error code, or `unreadable_answer` if the response is not the gateway's, for example a proxy's. */
  readonly code: ErrorCode | components['schemas']['CursorExpiredCode'] | 'unreadable_answer';
  readonly details: ErrorDetails;
  /** Identifies the request in the gateway's log; pass it to support. */
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

/** The events after a cursor have been removed, or the database was restored. Read the PaymentIntents that may have changed. */
export class PgwCursorExpiredError extends PgwError {
  /** Where the feed begins now; continue with it as `after`. */
  readonly oldestCursor: string;

  constructor(response: Response, body: unknown) {
    super(response, body);
    this.name = 'PgwCursorExpiredError';
    const { oldest_cursor: oldestCursor } = this.details as { oldest_cursor?: unknown };
    this.oldestCursor = typeof oldestCursor === 'string' ? oldestCursor : 'oldest';
  }
}

/** Why a webhook must be refused. */
export type WebhookRefusal =
  | 'missing_header'
  | 'malformed_header'
  | 'timestamp_out_of_tolerance'
  | 'no_matching_signature'
  | 'malformed_body';

/** A webhook that is not the gateway's, or not a recent one. Respond with 400 and do nothing. */
export class PgwWebhookError extends Error {
  readonly reason: WebhookRefusal;

  constructor(reason: WebhookRefusal, message: string) {
    super(message);
    this.name = 'PgwWebhookError';
    this.reason = reason;
  }
}

/** No response: every attempt failed to connect or timed out. It is not known whether the gateway acted. */
export class PgwConnectionError extends Error {
  constructor(method: string, path: string, cause: unknown) {
    super(`${method} ${path} received no response`, { cause });
    this.name = 'PgwConnectionError';
  }
}

/** The payment had not ended when the wait timed out. It may still be paid. */
export class PgwWaitError extends Error {
  /** The PaymentIntent as last retrieved. */
  readonly intent: components['schemas']['PaymentIntent'];

  constructor(intent: components['schemas']['PaymentIntent']) {
    super(`${intent.id} is still ${intent.status}`);
    this.name = 'PgwWaitError';
    this.intent = intent;
  }
}

/** The refund was still pending when the wait timed out. There is nothing to repeat: the gateway goes on with it. */
export class PgwRefundWaitError extends Error {
  /** The refund as last retrieved; `pending_reason` says what it waits for. */
  readonly refund: components['schemas']['Refund'];

  constructor(refund: components['schemas']['Refund']) {
    super(`${refund.id} is still ${refund.status}`);
    this.name = 'PgwRefundWaitError';
    this.refund = refund;
  }
}

const UNREADABLE = {
  code: 'unreadable_answer',
  message: 'The response cannot be read',
  details: {},
} as const;

function isErrorBody(body: unknown): body is components['schemas']['ErrorBody'] {
  return (
    typeof body === 'object' && body !== null && 'code' in body && 'message' in body && 'details' in body
  );
}

/** Whether a later call may succeed; `send` has already retried this one. */
export function isTransient(error: unknown): boolean {
  return (
    error instanceof PgwConnectionError ||
    (error instanceof PgwError && (error.status === 429 || error.status >= 500))
  );
}
