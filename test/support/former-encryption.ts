/**
 * Encryption at rest of version 0.1.0: what an upgraded database contains.
 */
import { createCipheriv, hkdfSync, randomBytes } from 'node:crypto';

export function sealAsBefore(key: Buffer, text: string, context: string): Buffer {
  const sealKey = Buffer.from(hkdfSync('sha256', key, '', 'mpac-pgw seal', 32));
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', sealKey, nonce).setAAD(Buffer.from(context));
  const ciphertext = Buffer.concat([cipher.update(text), cipher.final()]);
  return Buffer.concat([Buffer.from([1]), nonce, cipher.getAuthTag(), ciphertext]);
}
