/**
 * The typical duration of calls, from buckets.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { medianMs } from '../../../src/domain/health/latency.ts';

describe('the typical duration', () => {
  it('is estimated within the bucket that has the middle call', () => {
    const calls = {
      calls: 100,
      maxMs: 5_000,
      within100Ms: 10,
      within300Ms: 20,
      within1000Ms: 80,
      within3000Ms: 95,
    };
    const all = { within100Ms: 100, within300Ms: 100, within1000Ms: 100, within3000Ms: 100 };
    const none = { within100Ms: 0, within300Ms: 0, within1000Ms: 0, within3000Ms: 0 };
    expect(medianMs(calls)).toBe(650);
    expect(medianMs({ ...calls, ...all, maxMs: 80 })).toBe(40);
    expect(medianMs({ ...calls, ...all, within100Ms: 0 })).toBe(200);
    expect(medianMs({ ...calls, ...none })).toBe(4_000);
  });

  it('does not exist without calls', () => {
    const none = { within100Ms: 0, within300Ms: 0, within1000Ms: 0, within3000Ms: 0 };
    expect(medianMs({ calls: 0, maxMs: 0, ...none })).toBeUndefined();
  });

  it('is never above the slowest call, whatever the counts', () => {
    const counts = fc.tuple(
      fc.nat(500),
      fc.nat(500),
      fc.nat(500),
      fc.nat(500),
      fc.nat(500),
      fc.integer({ min: 0, max: 60_000 }),
    );
    fc.assert(
      fc.property(counts, ([a, b, c, d, e, maxMs]) => {
        const median = medianMs({
          calls: a + b + c + d + e,
          maxMs,
          within100Ms: a,
          within300Ms: a + b,
          within1000Ms: a + b + c,
          within3000Ms: a + b + c + d,
        });
        expect(median === undefined || (median >= 0 && median <= maxMs)).toBe(true);
      }),
    );
  });
});
