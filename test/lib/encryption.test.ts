/**
 * Sealing and opening: published vectors, keys, places, and values of the former version.
 */
import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createXaes } from '../../src/lib/encryption/xaes.ts';
import { createCrypt, type SealedPlace } from '../../src/lib/encryption.ts';
import { sealAsBefore } from '../support/former-encryption.ts';

const [A, B, C] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2), Buffer.alloc(32, 3)];
const PLACE: SealedPlace = { column: 'table.column', row: ['m', 's'], formerContext: 'former' };

describe('XAES-256-GCM', () => {
  it.each([
    [A, '', 'ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271'],
    [C, 'c2sp.org/XAES-256-GCM', '986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d'],
  ])('has the ciphertext that its specification publishes', (key, aad, expected) => {
    const nonce = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWX');
    const xaes = createXaes(key);
    const sealed = xaes.encrypt(nonce, Buffer.from('XAES-256-GCM'), Buffer.from(aad));
    expect(Buffer.concat([sealed.subarray(16), sealed.subarray(0, 16)]).toString('hex')).toBe(expected);
    expect(xaes.decrypt(nonce, sealed, Buffer.from(aad)).toString()).toBe('XAES-256-GCM');
  });
});

describe('a sealed value', () => {
  it('opens where it was sealed, and has other bytes each time', () => {
    const crypt = createCrypt(A);
    const sealed = crypt.seal('secret ✓', PLACE);
    expect(crypt.open(sealed, PLACE)).toBe('secret ✓');
    expect(crypt.seal('secret ✓', PLACE)).not.toEqual(sealed);
    expect(crypt.open(crypt.seal('', PLACE), PLACE)).toBe('');
  });

  it('does not open in another row, column or table', () => {
    const crypt = createCrypt(A);
    const sealed = crypt.seal('secret', PLACE);
    for (const place of [
      { ...PLACE, row: ['m', 't'] },
      { ...PLACE, row: ['m'] },
      { ...PLACE, row: ['m","s'] },
      { ...PLACE, column: 'table.other' },
    ]) {
      expect(() => crypt.open(sealed, place)).toThrow();
    }
  });

  it('does not open when any byte was altered or is missing', () => {
    const crypt = createCrypt(A);
    const sealed = crypt.seal('secret', PLACE);
    for (let index = 0; index < sealed.length; index += 1) {
      const altered = Buffer.from(sealed);
      altered[index] = (altered[index] ?? 0) ^ 1;
      expect(() => crypt.open(altered, PLACE)).toThrow();
      expect(() => crypt.open(sealed.subarray(0, index), PLACE)).toThrow();
    }
  });

  it('opens with an old key as well, but is sealed only with the current one', () => {
    const sealed = createCrypt(A).seal('secret', PLACE);
    const rotated = createCrypt(B, [C, A]);
    expect(rotated.open(sealed, PLACE)).toBe('secret');
    const resealed = rotated.seal('secret', PLACE);
    expect(createCrypt(B).open(resealed, PLACE)).toBe('secret');
    expect(() => createCrypt(A).open(resealed, PLACE)).toThrow('a key that is not configured');
    expect([sealed, resealed].map((value) => value.subarray(0, 9).equals(rotated.header))).toEqual([
      false,
      true,
    ]);
  });

  it('of the former version opens with any of the keys, in its own context', () => {
    const sealed = sealAsBefore(A, 'secret', 'former');
    expect(createCrypt(A).open(sealed, PLACE)).toBe('secret');
    expect(createCrypt(B, [C, A]).open(sealed, PLACE)).toBe('secret');
    expect(() => createCrypt(B).open(sealed, PLACE)).toThrow();
    expect(() => createCrypt(A).open(sealed, { ...PLACE, formerContext: 'other' })).toThrow();
  });

  it('of an unknown version is refused', () => {
    expect(() => createCrypt(A).open(Buffer.from([3, 0, 0]), PLACE)).toThrow('unknown version');
    expect(() => createCrypt(A).open(Buffer.alloc(0), PLACE)).toThrow('unknown version');
  });
});

describe('a fingerprint', () => {
  it('is the same under one key of fingerprints, whatever the encryption key', () => {
    const key = randomBytes(32);
    expect(createCrypt(A, [], key).fingerprint('x')).toEqual(createCrypt(B, [A], key).fingerprint('x'));
    expect(createCrypt(A).fingerprint('x')).not.toEqual(createCrypt(B).fingerprint('x'));
  });
});
