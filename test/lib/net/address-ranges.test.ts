/**
 * Lists of addresses and ranges, as operators write them for keys and settings.
 */
import { describe, expect, it } from 'vitest';
import { findRangeFault, normalizeRange } from '../../../src/lib/net/address-ranges.ts';

describe('an address or range', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7/32'],
    ['203.0.113.7/24', '203.0.113.0/24'],
    ['2001:DB8::1', '2001:db8::1/128'],
    ['2001:db8:0:1::5/48', '2001:db8::/48'],
    ['::ffff:203.0.113.7', '203.0.113.7/32'],
    ['::ffff:203.0.113.7/120', '203.0.113.0/24'],
  ])('%s has the canonical form %s', (entry, canonical) => {
    expect(findRangeFault(entry)).toBeUndefined();
    expect(normalizeRange(entry)).toBe(canonical);
  });

  it.each([
    '10.1',
    '',
    'localhost',
    '203.0.113.7/33',
    '203.0.113.7/',
    '0.0.0.0/0',
    '::/0',
    '::ffff:10.0.0.0/8',
  ])('%j is refused', (entry) => {
    expect(findRangeFault(entry)).toEqual(expect.any(String));
  });
});
