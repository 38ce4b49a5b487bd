/**
 * Encryption at rest, for provider credentials and stored responses: AES-256-GCM under the configured key. A sealed
 * value is version, nonce, tag and ciphertext in one buffer. Not for passwords or tokens, which are hashed.
 */
import { createCipheriv, createDecipheriv, createHmac, hkdfSync } from 'node:crypto';
import { drawBytes } from './random.ts';

const VERSION = 1;
const VERSION_BYTES = Buffer.from([VERSION]);
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export interface Crypt {
  /** Encrypts. Two calls return different bytes for the same text. Opening needs the same `context`. */
  seal(text: string, context: string): Buffer;
  /**
   * Decrypts a sealed value.
   * @throws when it was altered, or sealed in another context or under another key
   */
  open(sealed: Buffer, context: string): string;
  /** A keyed digest: equal texts have equal digests, which reveal nothing to anyone without the key. */
  fingerprint(text: string): Buffer;
}

/** @param key 32 bytes */
export function createCrypt(key: Buffer): Crypt {
  if (key.length !== 32) {
    throw new Error('the encryption key must have 32 bytes');
  }
  const sealKey = deriveKey(key, 'seal');
  const fingerprintKey = deriveKey(key, 'fingerprint');
  return {
    seal(text, context) {
      const nonce = drawBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', sealKey, nonce).setAAD(Buffer.from(context));
      const ciphertext = cipher.update(Buffer.from(text));
      // Computes the tag. GCM is a stream mode, so there is no remaining ciphertext.
      cipher.final();
      return Buffer.concat([VERSION_BYTES, nonce, cipher.getAuthTag(), ciphertext]);
    },
    open(sealed, context) {
      if (sealed[0] !== VERSION) {
        throw new Error('a sealed value has an unknown version');
      }
      const nonce = sealed.subarray(1, 1 + NONCE_BYTES);
      const tag = sealed.subarray(1 + NONCE_BYTES, 1 + NONCE_BYTES + TAG_BYTES);
      const decipher = createDecipheriv('aes-256-gcm', sealKey, nonce, { authTagLength: TAG_BYTES });
      decipher.setAAD(Buffer.from(context)).setAuthTag(tag);
      const ciphertext = sealed.subarray(1 + NONCE_BYTES + TAG_BYTES);
      return Buffer.concat([decipher.update(ciphertext), decipher.final()]).toString('utf8');
    },
    fingerprint: (text) => createHmac('sha256', fingerprintKey).update(text).digest(),
  };
}

function deriveKey(key: Buffer, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', key, '', `mpac-pgw ${purpose}`, 32));
}
