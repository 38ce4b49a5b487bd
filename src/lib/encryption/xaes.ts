/**
 * XAES-256-GCM (https://c2sp.org/XAES-256-GCM): AES-256-GCM with a separate key for each message, which is derived from
 * the first half of a 24-byte nonce. Random nonces of that length never repeat in practice, whereas the 12-byte nonces of
 * plain AES-GCM allow only 2^32 messages per key.
 */
import { type Cipher, createCipheriv, createDecipheriv } from 'node:crypto';

export const NONCE_BYTES = 24;
const TAG_BYTES = 16;

export interface Xaes {
  /** @returns the tag and the ciphertext */
  encrypt(nonce: Buffer, plaintext: Buffer, aad: Buffer): Buffer;
  /**
   * @param sealed what `encrypt` returned
   * @throws when the ciphertext was altered, or the key, nonce or `aad` differs
   */
  decrypt(nonce: Buffer, sealed: Buffer, aad: Buffer): Buffer;
}

/** @param key 32 bytes */
export function createXaes(key: Buffer): Xaes {
  const ecb = createCipheriv('aes-256-ecb', key, null).setAutoPadding(false);
  const mask = maskOf(ecb);
  const keyOf = (nonce: Buffer) => ecb.update(messageOf(nonce, mask));
  return {
    encrypt(nonce, plaintext, aad) {
      const cipher = createCipheriv('aes-256-gcm', keyOf(nonce), nonce.subarray(12)).setAAD(aad);
      const ciphertext = cipher.update(plaintext);
      // Computes the tag. GCM is a stream mode, so there is no remaining ciphertext.
      cipher.final();
      return Buffer.concat([cipher.getAuthTag(), ciphertext]);
    },
    decrypt(nonce, sealed, aad) {
      const options = { authTagLength: TAG_BYTES };
      const decipher = createDecipheriv('aes-256-gcm', keyOf(nonce), nonce.subarray(12), options);
      decipher.setAAD(aad).setAuthTag(sealed.subarray(0, TAG_BYTES));
      return Buffer.concat([decipher.update(sealed.subarray(TAG_BYTES)), decipher.final()]);
    },
  };
}

/** K1 of CMAC: the encryption of zeros, doubled in GF(2^128). */
function maskOf(ecb: Cipher): Buffer {
  const zeros = ecb.update(Buffer.alloc(16));
  const mask = Buffer.alloc(16);
  for (let index = 0; index < 16; index += 1) {
    mask[index] = ((zeros[index] ?? 0) << 1) | ((zeros[index + 1] ?? 0) >> 7);
  }
  mask[15] = (mask[15] ?? 0) ^ ((zeros[0] ?? 0) >> 7 === 1 ? 0b1000_0111 : 0);
  return mask;
}

/** The two blocks whose encryption is the key of the message with this nonce. */
function messageOf(nonce: Buffer, mask: Buffer): Buffer {
  const blocks = Buffer.alloc(32);
  for (const [at, counter] of [
    [0, 1],
    [16, 2],
  ] as const) {
    blocks.set([0, counter, 0x58, 0], at);
    nonce.copy(blocks, at + 4, 0, 12);
    for (let index = 0; index < 16; index += 1) {
      blocks[at + index] = (blocks[at + index] ?? 0) ^ (mask[index] ?? 0);
    }
  }
  return blocks;
}
