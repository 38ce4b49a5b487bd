/**
 * What the methods of the client share: the options of a call as openapi-fetch takes them, and the error of a response.
 */
import { PgwCursorExpiredError, PgwError } from './errors.ts';
import type { CallOptions, TokenOptions, WriteOptions } from './options.ts';

/** @throws PgwError for an error response */
export async function dataOf<T>(
  result: Promise<{ data?: T; error?: unknown; response: Response }>,
): Promise<T> {
  const { data, error, response } = await result.catch(unreadable);
  if (data === undefined || !response.ok) {
    const isCursorExpired = (error as { code?: unknown } | undefined)?.code === 'cursor_expired';
    throw isCursorExpired ? new PgwCursorExpiredError(response, error) : new PgwError(response, error);
  }
  return data;
}

/** Turns a success response whose body is not JSON into a PgwError. */
function unreadable(error: unknown): never {
  throw error instanceof SyntaxError ? new PgwError(new Response(null), undefined) : error;
}

/** For a call that changes something. */
export function writeInit({ idempotencyKey, signal }: WriteOptions): {
  headers?: Record<string, string>;
  signal?: AbortSignal;
} {
  return {
    ...(idempotencyKey !== undefined && { headers: { 'Idempotency-Key': idempotencyKey } }),
    ...(signal && { signal }),
  };
}

/** For a call that only reads. */
export function signalOf({ signal }: CallOptions): { signal?: AbortSignal } {
  return signal ? { signal } : {};
}

/** The payment_token as a parameter or a property of the body. */
export function tokenOf({ paymentToken }: TokenOptions): { payment_token?: string } {
  return paymentToken === undefined ? {} : { payment_token: paymentToken };
}
