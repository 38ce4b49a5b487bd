/**
 * What a client can be told. Types and defaults only.
 */
import type { Clock } from '../lib/clock.ts';

/** A merchant's key. The secret has no place in a browser. */
export interface Credentials {
  readonly apiKey: string;
  readonly secretKey: string;
}

export interface ClientOptions {
  /**
   * Where the gateway is, for example `https://pgw.example.com`. A path in it is that of a proxy which takes it off before
   * the gateway, and is not signed.
   */
  readonly baseUrl: string;
  /** Signs every request. Absent: only what a payment_token opens can be called. */
  readonly credentials?: Credentials;
  /** Tries after the first; 3 by default. */
  readonly maxRetries?: number;
  /**
   * How long one try may take, in milliseconds; 40,000 by default, for a provider may take 30 seconds. A stream of events
   * has to begin within this time, and then lasts until its end or the signal's.
   */
  readonly timeoutMs?: number;
  /** In place of the platform's fetch: for proxies, and for tests. */
  readonly fetch?: (request: Request) => Promise<Response>;
  /** In place of the platform's time, but for `timeoutMs`: for tests. */
  readonly clock?: Clock;
  /** In place of chance, in [0, 1): for tests. */
  readonly random?: () => number;
}

/** About one call. */
export interface CallOptions {
  /** Ends the call, its retries included. */
  readonly signal?: AbortSignal;
}

/** About one call that changes something. */
export interface WriteOptions extends CallOptions {
  /** A name of your own for this request, kept over restarts of your program; made for each call when absent. */
  readonly idempotencyKey?: string;
}

/** About one call for a payer. */
export interface TokenOptions {
  /** In place of a signature. */
  readonly paymentToken?: string;
}
