/**
 * The options of the client, and the check of those that a program usually reads from its environment.
 */
import type { Clock } from '../lib/clock.ts';

/** A merchant's API key. Never use the secret key in a browser. */
export interface Credentials {
  readonly apiKey: string;
  readonly secretKey: string;
}

export interface ClientOptions {
  /**
   * The address of the gateway, for example `https://pgw.example.com`. A path in it must be one that a proxy strips
   * before the gateway; it is not signed.
   */
  readonly baseUrl: string;
  /** Used to sign every request. Without them only operations that accept a payment_token can be called. */
  readonly credentials?: Credentials;
  /** Retries after the first attempt; 3 by default. */
  readonly maxRetries?: number;
  /**
   * Timeout of one attempt in milliseconds; 40,000 by default, because a provider may take 30 seconds. A stream of
   * events must start within this time; after that it is not limited.
   */
  readonly timeoutMs?: number;
  /** Replaces the platform's fetch: for proxies, and for tests. */
  readonly fetch?: (request: Request) => Promise<Response>;
  /** Replaces the system clock, except for `timeoutMs`: for tests. */
  readonly clock?: Clock;
  /** Replaces Math.random, in [0, 1): for tests. */
  readonly random?: () => number;
}

/** Options of one call. */
export interface CallOptions {
  /** Aborts the call and its retries. */
  readonly signal?: AbortSignal;
}

/** Options of one call that changes something. */
export interface WriteOptions extends CallOptions {
  /** Your own key for this request, if a retry must survive a restart of your program; otherwise one is generated. */
  readonly idempotencyKey?: string;
}

/** Options of one call on behalf of a payer. */
export interface TokenOptions {
  /** Authenticates the call instead of a signature. */
  readonly paymentToken?: string;
}

/** @throws TypeError for a base URL that is not one, and for empty credentials: only a wrong environment has these */
export function checkOptions({ baseUrl, credentials }: ClientOptions): void {
  if (!/^https?:\/\//i.test(baseUrl) || !URL.canParse(baseUrl)) {
    const given = baseUrl === '' ? 'it is empty' : `not ${JSON.stringify(baseUrl)}`;
    throw new TypeError(
      `baseUrl must begin with https:// or http://, as https://pgw.example.com does; ${given}.`,
    );
  }
  if (credentials && !(credentials.apiKey && credentials.secretKey)) {
    const missing = credentials.apiKey ? 'secretKey' : 'apiKey';
    throw new TypeError(
      `credentials.${missing} is empty: pass both keys, or no credentials for what a payment_token allows.`,
    );
  }
}
