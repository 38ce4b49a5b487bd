/**
 * The signature of a request, made with the Web Crypto API so that it also runs in browsers. Deliberately independent
 * of the server's code: published test vectors verify both.
 */
import type { Credentials } from './options.ts';

const utf8 = new TextEncoder();

/**
 * The Authorization header of a request.
 * @param path without the query
 * @param body the raw bytes; empty if there is no body
 */
export async function authorizationOf(
  { apiKey, secretKey }: Credentials,
  method: string,
  path: string,
  body: ArrayBuffer,
  now: Date,
): Promise<string> {
  const timestamp = Math.floor(now.getTime() / 1000);
  const message = [method, path, timestamp, await sha256(body)].join('\n');
  // The HMAC key is the hex digest as 64 ASCII characters, not the 32 bytes that it encodes.
  const key = utf8.encode(await sha256(utf8.encode(secretKey)));
  const hmac = { name: 'HMAC', hash: 'SHA-256' };
  const signingKey = await crypto.subtle.importKey('raw', key, hmac, false, ['sign']);
  const signature = await crypto.subtle.sign('HMAC', signingKey, utf8.encode(message));
  return `HMAC-SHA256 ${apiKey}:${timestamp}:${hex(signature)}`;
}

async function sha256(bytes: ArrayBuffer | Uint8Array<ArrayBuffer>): Promise<string> {
  return hex(await crypto.subtle.digest('SHA-256', bytes));
}

/** Lower-case hexadecimal. */
export function hex(bytes: ArrayBuffer): string {
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
