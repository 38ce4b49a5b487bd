/**
 * What the methods of the client share: the options of a call as openapi-fetch takes them, and the error of a response.
 */
import { PgwCursorExpiredError, PgwError } from './errors.ts';
import type { CallOptions, TokenOptions, WriteOptions } from './options.ts';

interface Result<T> {
  readonly data?: T;
  readonly error?: unknown;
  readonly response: Response;
}

/** @throws PgwError for an error response */
export async function dataOf<T>(result: Promise<Result<T>>): Promise<T> {
  const { data, error, response } = await result.catch(unreadable);
  if (data === undefined || !response.ok) {
    throw errorOf(response, error);
  }
  return data;
}

/** For a success response without a body. @throws PgwError for an error response */
export async function doneOf(result: Promise<Result<unknown>>): Promise<void> {
  const { error, response } = await result.catch(unreadable);
  if (!response.ok) {
    throw errorOf(response, error);
  }
}

function errorOf(response: Response, body: unknown): PgwError {
  const isCursorExpired = (body as { code?: unknown } | undefined)?.code === 'cursor_expired';
  return isCursorExpired ? new PgwCursorExpiredError(response, body) : new PgwError(response, body);
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

interface PageQuery {
  readonly limit?: number;
  readonly offset?: number;
  readonly starting_after?: string;
}

/** All objects that a list operation has for the query, newest first; pages are fetched as the generator is consumed. */
export async function* eachOf<T extends { readonly id: string }, Query extends PageQuery>(
  list: (query: Query, call: CallOptions) => Promise<T[]>,
  { limit = 100, ...query }: Query = {} as Query,
  call: CallOptions = {},
): AsyncGenerator<T> {
  let page = await list({ ...query, limit } as Query, call);
  while (page.length > 0) {
    yield* page;
    const { offset: _, ...rest } = query;
    const next = { ...rest, limit, starting_after: page.at(-1)?.id } as Query;
    page = page.length < limit ? [] : await list(next, call);
  }
}
