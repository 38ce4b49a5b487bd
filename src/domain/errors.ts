/**
 * Errors that are shown to the caller, identified by a stable code. Independent of HTTP: src/http/errors.ts maps each
 * code to its status.
 */
import type { components } from '../../generated/openapi.d.ts';

export type ErrorCode = components['schemas']['ErrorBody' | 'CursorExpiredError']['code'];
export type ErrorDetails = components['schemas']['ErrorBody']['details'];

export interface DomainErrorOptions {
  readonly details?: ErrorDetails;
  /** How long to wait before a retry may succeed. */
  readonly retryAfterMs?: number;
  readonly cause?: unknown;
}

/** An error whose code, message and details are safe to show to the caller. Its `cause` is not. */
export class DomainError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;
  readonly retryAfterMs: number | undefined;

  constructor(code: ErrorCode, message: string, options: DomainErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'DomainError';
    this.code = code;
    this.details = options.details ?? {};
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** `invalid_request` for the value of one field, in the same form as a validation error. */
export function invalidField(
  field: string,
  constraint: string,
  message: string,
  more: ErrorDetails = {},
): DomainError {
  return new DomainError('invalid_request', message, {
    details: { field, constraint, ...more, errors: [{ field, constraint, message }] },
  });
}

export function intentNotFound(): DomainError {
  return new DomainError('not_found', 'There is no PaymentIntent with this id');
}
