/**
 * Request signatures as the API reference defines them: the server verifies them, the CLI creates them.
 */
import { createHmac } from 'node:crypto';
import { sha256Hex } from './hash.ts';

export const SCHEME = 'HMAC-SHA256';

export interface Signable {
  readonly method: string;
  /** The path, with or without its query. */
  readonly path: string;
  /** Unix seconds, as sent. */
  readonly timestamp: string;
  /** The raw bytes of the body, empty when there is none. */
  readonly body: Buffer | string;
}

/** Lower-case hex SHA-256 of a secret key. It is stored in the database and, as ASCII, is the HMAC key. */
export function hashSecretKey(secretKey: string): string {
  return sha256Hex(secretKey);
}

/** The string that is signed. */
export function stringToSign({ method, path, timestamp, body }: Signable): string {
  const bodyHash = sha256Hex(body);
  return `${method}\n${path}\n${timestamp}\n${bodyHash}`;
}

/** Hex HMAC-SHA256 of the string to sign. */
export function sign(secretKeyHash: string, request: Signable): string {
  return createHmac('sha256', secretKeyHash).update(stringToSign(request)).digest('hex');
}

/** The Authorization header of a request sent at `now`. */
export function authorizationHeader(
  credentials: { apiKey: string; secretKey: string },
  request: Omit<Signable, 'timestamp'>,
  now: Date,
): string {
  const timestamp = String(Math.floor(now.getTime() / 1000));
  const signature = sign(hashSecretKey(credentials.secretKey), { ...request, timestamp });
  return `${SCHEME} ${credentials.apiKey}:${timestamp}:${signature}`;
}
