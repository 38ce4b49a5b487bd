/**
 * The signature of requests to PayPay, as documented under "API Authorization" of PayPay's Open Payment API:
 * HMAC-SHA256 over path, method, nonce, time and a digest of the body with its content type. The query is not signed.
 */
import { createHash, createHmac } from 'node:crypto';

export interface SignatureInput {
  readonly apiKey: string;
  readonly apiSecret: string;
  readonly method: string;
  /** Without host and query. */
  readonly path: string;
  /** The Content-Type exactly as sent, and the body's bytes; undefined when there is no body. */
  readonly content: { readonly type: string; readonly body: Buffer } | undefined;
  readonly nonce: string;
  /** Unix seconds; PayPay rejects a request whose time is more than two minutes off. */
  readonly epoch: number;
}

const EMPTY = 'empty';

/** The value of the Authorization header of a request. */
export function authorizationFor(input: SignatureInput): string {
  const { apiKey, apiSecret, method, path, content, nonce, epoch } = input;
  const bodyHash = content
    ? createHash('md5').update(content.type).update(content.body).digest('base64')
    : EMPTY;
  const signed = [path, method, nonce, epoch, content?.type ?? EMPTY, bodyHash].join('\n');
  const mac = createHmac('sha256', apiSecret).update(signed).digest('base64');
  return `hmac OPA-Auth:${apiKey}:${mac}:${nonce}:${epoch}:${bodyHash}`;
}
