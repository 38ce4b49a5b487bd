/**
 * SHA-256, to compare or name data: tokens, request bodies, files. Not for passwords.
 */
import { hash } from 'node:crypto';

export function sha256(data: string | Uint8Array): Buffer {
  return hash('sha256', data, 'buffer');
}

/** In lower case. */
export function sha256Hex(data: string | Uint8Array): string {
  return hash('sha256', data, 'hex');
}
