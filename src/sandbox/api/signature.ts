/**
 * PayPay's request authentication, on the server side: verifies the `Authorization: hmac OPA-Auth:…` header over the
 * raw body. Written from PayPay's "API Authorization" page and shared with no client code, so that a mistake in the
 * gateway's signing is not repeated here. Webhook signatures, which are not PayPay's, are in webhooks/delivery.ts.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** Maximum difference between the signed epoch and PayPay's clock, in either direction. */
const MAX_SKEW_SECONDS = 120;

/** Replaces the content type and the body hash of a request without a body. */
const EMPTY = 'empty';

const HEADER = /^hmac OPA-Auth:([^:\s]+):([^:\s]+):([^:]+):(\d{1,12}):([^:\s]+)$/;

/** A request as received, before authentication. */
export interface ReceivedRequest {
  readonly authorization: string | undefined;
  readonly method: string;
  /** Request target as received; the query is not part of the signature. */
  readonly target: string;
  readonly contentType: string | undefined;
  readonly body: Buffer;
}

/** The API key of a valid signature, or the problem. The problem is only logged; the caller sees a plain 401. */
export type AuthenticationResult = { readonly apiKey: string } | { readonly problem: string };

/** Base64 of the MD5 over content type and body; `empty` without a body, whatever the content type is. */
export function computeBodyHash(contentType: string, body: Buffer): string {
  if (body.length === 0) {
    return EMPTY;
  }
  return createHash('md5').update(contentType, 'latin1').update(body).digest('base64');
}

/** Base64 of the HMAC-SHA256 over path, method, nonce, epoch, content type and body hash, keyed with the secret. */
export function computeMac(
  secret: string,
  parts: { path: string; method: string; nonce: string; epoch: string; contentType: string; body: Buffer },
): string {
  const contentType = parts.body.length === 0 ? EMPTY : parts.contentType;
  const bodyHash = computeBodyHash(parts.contentType, parts.body);
  const text = [parts.path, parts.method, parts.nonce, parts.epoch, contentType, bodyHash].join('\n');
  return createHmac('sha256', secret).update(text, 'latin1').digest('base64');
}

/** Authenticates a request at the time `now`, in epoch milliseconds. */
export function authenticate(
  request: ReceivedRequest,
  findSecret: (apiKey: string) => string | undefined,
  now: number,
): AuthenticationResult {
  const parsed = HEADER.exec(request.authorization ?? '');
  if (!parsed) {
    return {
      problem:
        'the Authorization header is missing or does not have the form hmac OPA-Auth:key:mac:nonce:epoch:hash',
    };
  }
  const [, apiKey = '', mac = '', nonce = '', epoch = '', bodyHash = ''] = parsed;
  const secret = findSecret(apiKey);
  if (secret === undefined) {
    return { problem: 'the API key is unknown' };
  }
  if (Math.abs(now / 1000 - Number(epoch)) > MAX_SKEW_SECONDS) {
    return { problem: 'the epoch differs from the clock by more than two minutes' };
  }
  const contentType = request.contentType ?? '';
  if (!isSame(bodyHash, computeBodyHash(contentType, request.body))) {
    return { problem: 'the body hash does not match the received content type and body' };
  }
  const path = request.target.split('?', 1)[0] ?? '';
  const parts = { path, method: request.method, nonce, epoch, contentType, body: request.body };
  return isSame(mac, computeMac(secret, parts)) ? { apiKey } : { problem: 'the signature does not match' };
}

function isSame(received: string, expected: string): boolean {
  const left = Buffer.from(received);
  const right = Buffer.from(expected);
  return left.length === right.length && timingSafeEqual(left, right);
}
