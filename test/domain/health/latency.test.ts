/**
 * The typical duration of calls, from buckets.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { medianMs } from '../../../src/domain/health/latency.ts';

describe('the typical duration', () => {
  it('is estimated within the bucket that has the middle call', () => {
    const calls = { calls: 100, maxMs: 5_000, within300Ms: 20, within1000Ms: 80, within3000Ms: 95 };
    expect(medianMs(calls)).toBe(650);
    expect(medianMs({ ...calls, within300Ms: 100, within1000Ms: 100, within3000Ms: 100, maxMs: 80 })).toBe(
      40,
    );
    expect(medianMs({ ...calls, within300Ms: 0, within1000Ms: 0, within3000Ms: 0 })).toBe(4_000);
  });

  it('does not exist without calls', () => {
    expect(
      medianMs({ calls: 0, maxMs: 0, within300Ms: 0, within1000Ms: 0, within3000Ms: 0 }),
    ).toBeUndefined();
  });

  it('is never above the slowest call, whatever the counts', () => {
    const counts = fc.tuple(
      fc.nat(500),
      fc.nat(500),
      fc.nat(500),
      fc.nat(500),
      fc.integer({ min: 0, max: 60_000 }),
    );
    fc.assert(
      fc.property(counts, ([a, b, c, d, maxMs]) => {
        const median = medianMs({
          calls: a + b + c + d,
          maxMs,
          within300Ms: a,
          within1000Ms: a + b,
          within3000Ms: a + b + c,
        });
        expect(median === undefined || (median >= 0 && median <= maxMs)).toBe(true);
      }),
    );
  });
});
