/**
 * The header webhook-signature of Standard Webhooks: one signature of each key, separated by spaces, over the event's id,
 * the time and the body exactly as sent.
 */
import { createHmac, sign } from 'node:crypto';
import { PRIVATE_KEY_PREFIX, secretBytes, toPrivateKey } from './keys.ts';

/**
 * `v1,…` for each `whsec_`, `v1a,…` for each `whsk_`.
 * @param timestamp Unix seconds of this attempt, as in the header webhook-timestamp
 * @throws TypeError when there is no key or one is malformed, because nothing may be sent unsigned
 */
export function signatureHeader(
  keys: readonly string[],
  id: string,
  timestamp: number,
  body: string,
): string {
  if (keys.length === 0) {
    throw new TypeError('a webhook needs a signing key');
  }
  const message = `${id}.${timestamp}.${body}`;
  return keys.map((key) => signatureOf(key, message)).join(' ');
}

function signatureOf(key: string, message: string): string {
  if (key.startsWith(PRIVATE_KEY_PREFIX)) {
    return `v1a,${sign(null, Buffer.from(message), toPrivateKey(key)).toString('base64')}`;
  }
  return `v1,${createHmac('sha256', secretBytes(key)).update(message).digest('base64')}`;
}
