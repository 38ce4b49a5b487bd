import { expect, it } from 'vitest';
import { sha256, sha256Hex } from '../../src/lib/hash.ts';

/** The vector of FIPS 180-4. */
const ABC = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';

it('hashes text and bytes alike', () => {
  expect(sha256Hex('abc')).toBe(ABC);
  expect(sha256(Buffer.from('abc')).toString('hex')).toBe(ABC);
});
