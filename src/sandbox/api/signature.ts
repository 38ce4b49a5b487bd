/**
 * PayPay's request authentication as its server sees it: the `Authorization: hmac OPA-Auth:…` header checked over
 * the raw bytes that arrived. Written from PayPay's "API Authorization" page and shared with no client code, so
 * that a mistake in the gateway's signing cannot hide here too. Webhook signing is not PayPay's and lives in
 * webhook-delivery.ts.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** Furthest that the signed epoch may be from PayPay's clock, in either direction. */
export const MAX_SKEW_SECONDS = 120;

/** Stands for the content type and for the hash of a request that has no body. */
const EMPTY = 'empty';

const HEADER = /^hmac OPA-Auth:([^:\s]+):([^:\s]+):([^:]+):(\d{1,12}):([^:\s]+)$/;

/** A request as it arrived. */
export interface ReceivedRequest {
  readonly authorization: string | undefined;
  readonly method: string;
  /** Request target as sent; the query is not part of the signature. */
  readonly target: string;
  readonly contentType: string | undefined;
  readonly body: Buffer;
}

/** Either the key that signed, or why the request is refused (for the sandbox's log; callers only ever see 401). */
export type AuthenticationResult = { readonly apiKey: string } | { readonly problem: string };

/** Base64 of the MD5 over content type and body; the word `empty` when there is no body, whatever the header says. */
export function computeBodyHash(contentType: string, body: Buffer): string {
  if (body.length === 0) {
    return EMPTY;
  }
  return createHash('md5').update(contentType, 'latin1').update(body).digest('base64');
}

/** The signature over path, method, nonce, epoch, content type and body hash, keyed with the secret as text. */
export function computeMac(
  secret: string,
  parts: { path: string; method: string; nonce: string; epoch: string; contentType: string; body: Buffer },
): string {
  const contentType = parts.body.length === 0 ? EMPTY : parts.contentType;
  const bodyHash = computeBodyHash(parts.contentType, parts.body);
  const text = [parts.path, parts.method, parts.nonce, parts.epoch, contentType, bodyHash].join('\n');
  return createHmac('sha256', secret).update(text, 'latin1').digest('base64');
}

/** Checks one request against the known keys at the time `now` (epoch milliseconds). */
export function authenticate(
  request: ReceivedRequest,
  findSecret: (apiKey: string) => string | undefined,
  now: number,
): AuthenticationResult {
  const parsed = HEADER.exec(request.authorization ?? '');
  if (!parsed) {
    return {
      problem:
        'the Authorization header is missing or not of the form hmac OPA-Auth:key:mac:nonce:epoch:hash',
    };
  }
  const [, apiKey = '', mac = '', nonce = '', epoch = '', bodyHash = ''] = parsed;
  const secret = findSecret(apiKey);
  if (secret === undefined) {
    return { problem: 'no such API key' };
  }
  if (Math.abs(now / 1000 - Number(epoch)) > MAX_SKEW_SECONDS) {
    return { problem: 'the epoch is more than two minutes from the clock' };
  }
  const contentType = request.contentType ?? '';
  if (!isSame(bodyHash, computeBodyHash(contentType, request.body))) {
    return { problem: 'the body hash does not fit the content type and body that arrived' };
  }
  const path = request.target.split('?', 1)[0] ?? '';
  const parts = { path, method: request.method, nonce, epoch, contentType, body: request.body };
  return isSame(mac, computeMac(secret, parts)) ? { apiKey } : { problem: 'the signature does not fit' };
}

function isSame(received: string, expected: string): boolean {
  const left = Buffer.from(received);
  const right = Buffer.from(expected);
  return left.length === right.length && timingSafeEqual(left, right);
}
