import { describe, expect, it } from 'vitest';
import { backoffMs, jitterMs } from '../../src/lib/backoff.ts';

describe('back-off', () => {
  const pauses = (random: number) =>
    [0, 1, 2, 3, 4, 5_000].map((retries) => backoffMs(retries, { firstMs: 100, maxMs: 1_000 }, random));

  it('doubles with every retry, up to the maximum', () => {
    expect(pauses(0.5)).toEqual([100, 200, 400, 800, 1_000, 1_000]);
  });

  it('varies by up to 20 % either way', () => {
    expect([pauses(0), pauses(1)]).toEqual([
      [80, 160, 320, 640, 800, 800],
      [120, 240, 480, 960, 1_200, 1_200],
    ]);
    expect(jitterMs(2_501, 0)).toBe(2_001);
  });
});
