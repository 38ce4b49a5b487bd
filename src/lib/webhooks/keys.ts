/**
 * Signing keys of webhooks, in the form of Standard Webhooks: a prefix and base64. `whsec_` is a secret for HMAC-SHA256 that
 * the receiver knows too; `whsk_` is the private key of an Ed25519 pair, of which the receiver knows only `whpk_`.
 *
 * The standard does not say which bytes `whsk_` encodes. Here they are the 64 that its Go and Rust libraries expect: the
 * seed and the public key.
 */
import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { drawBytes } from '../random.ts';

export const SECRET_PREFIX = 'whsec_';
export const PRIVATE_KEY_PREFIX = 'whsk_';
const PUBLIC_KEY_PREFIX = 'whpk_';

/** The standard allows 24 to 64. */
const SECRET_BYTES = 32;
const SEED_BYTES = 32;
const PRIVATE_KEY_BYTES = 64;

/** A new key, from the operating system's random bytes. */
export function newSigningKey(signature: 'hmac' | 'ed25519'): string {
  if (signature === 'hmac') {
    return `${SECRET_PREFIX}${drawBytes(SECRET_BYTES).toString('base64')}`;
  }
  const { d = '', x = '' } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  const bytes = Buffer.concat([Buffer.from(d, 'base64url'), Buffer.from(x, 'base64url')]);
  return `${PRIVATE_KEY_PREFIX}${bytes.toString('base64')}`;
}

/**
 * The `whpk_` that verifies what a `whsk_` signs.
 * @throws TypeError when the key is not a `whsk_`
 */
export function publicKeyOf(privateKey: string): string {
  return `${PUBLIC_KEY_PREFIX}${privateKeyBytes(privateKey).subarray(SEED_BYTES).toString('base64')}`;
}

/** @throws TypeError when the key is not a `whsec_` */
export function secretBytes(secret: string): Buffer {
  const bytes = decode(secret, SECRET_PREFIX);
  if (bytes.length === 0) {
    throw new TypeError('a signing secret is empty');
  }
  return bytes;
}

/** @throws TypeError when the key is not a `whsk_` */
export function toPrivateKey(privateKey: string): KeyObject {
  const bytes = privateKeyBytes(privateKey);
  const d = bytes.subarray(0, SEED_BYTES).toString('base64url');
  const x = bytes.subarray(SEED_BYTES).toString('base64url');
  return createPrivateKey({ format: 'jwk', key: { kty: 'OKP', crv: 'Ed25519', d, x } });
}

function privateKeyBytes(privateKey: string): Buffer {
  const bytes = decode(privateKey, PRIVATE_KEY_PREFIX);
  if (bytes.length !== PRIVATE_KEY_BYTES) {
    throw new TypeError(`a private signing key has ${PRIVATE_KEY_BYTES} bytes`);
  }
  return bytes;
}

/** The error contains no part of the key, because errors are logged. */
function decode(key: string, prefix: string): Buffer {
  if (!key.startsWith(prefix)) {
    throw new TypeError(`a signing key must start with ${prefix}`);
  }
  return Buffer.from(key.slice(prefix.length), 'base64');
}
