import { describe, expect, test } from 'vitest';
import { cancelWindowEnd, formatJst, refundWindowEnd, startOfJstDay } from '../../../src/sandbox/core/jst.ts';

const at = (text: string): number => Date.parse(text);

describe('windows in Japan Standard Time', () => {
  test.each([
    ['2026-01-01T00:00:00+09:00', '2026-01-02T00:15:00+09:00'],
    ['2026-01-01T00:14:59+09:00', '2026-01-02T00:15:00+09:00'],
    ['2026-01-01T23:59:59+09:00', '2026-01-02T00:15:00+09:00'],
    // 23:59 in London is already the next day in Japan.
    ['2026-01-01T23:59:00Z', '2026-01-03T00:15:00+09:00'],
  ])('a payment completed at %s can be cancelled before %s', (paid, end) => {
    expect(cancelWindowEnd(at(paid))).toBe(at(end));
  });

  test.each([
    ['2026-01-01T12:00:00+09:00', '2027-01-02T00:00:00+09:00'],
    // 2028 is a leap year, so the 365th day is one calendar date earlier.
    ['2028-01-01T12:00:00+09:00', '2029-01-01T00:00:00+09:00'],
  ])('a payment completed at %s can be refunded before %s', (paid, end) => {
    expect(refundWindowEnd(at(paid))).toBe(at(end));
  });

  test('the day begins at 15:00 UTC', () => {
    expect(startOfJstDay(at('2026-01-01T14:59:59Z'))).toBe(at('2025-12-31T15:00:00Z'));
    expect(startOfJstDay(at('2026-01-01T15:00:00Z'))).toBe(at('2026-01-01T15:00:00Z'));
  });

  test('times are formatted with their offset and without fractions of a second', () => {
    expect(formatJst(at('2026-01-01T03:34:56.789Z'))).toBe('2026-01-01T12:34:56+09:00');
  });
});
