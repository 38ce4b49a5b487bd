import { describe, expect, it } from 'vitest';
import { retryDelayMs, type TryFailure } from '../../../src/domain/webhooks/retry-schedule.ts';

const NO_JITTER = 0.5;
const REFUSED: TryFailure = { status: 500, hasTimedOut: false, retryAfterSeconds: undefined };
const TIMED_OUT: TryFailure = { ...REFUSED, status: undefined, hasTimedOut: true };
const seconds = (tries: number, failure: TryFailure, random = NO_JITTER) =>
  (retryDelayMs(tries, failure, random) ?? Number.NaN) / 1000;

describe('a delivery that keeps failing', () => {
  it('is tried ten times in about 76 hours', () => {
    const delays = Array.from({ length: 9 }, (_, index) => seconds(index + 1, REFUSED));
    expect(delays).toEqual([5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400]);
    expect(retryDelayMs(10, REFUSED, NO_JITTER)).toBeUndefined();
  });

  it('is tried up to a fifth earlier or later than planned', () => {
    expect(seconds(2, REFUSED, 0)).toBe(240);
    expect(seconds(2, REFUSED, 0.9999)).toBeCloseTo(360, 0);
  });

  it.each([429, 502, 504])('is not tried within a minute of a %i', (status) => {
    expect(seconds(1, { ...REFUSED, status })).toBe(60);
    expect(seconds(2, { ...REFUSED, status })).toBe(300);
  });

  it('is not tried within a minute of a time-out', () => {
    expect(seconds(1, TIMED_OUT)).toBe(60);
  });

  it('waits as long as Retry-After says, but not longer than twice the planned time', () => {
    expect(seconds(2, { ...REFUSED, retryAfterSeconds: 10 })).toBe(300);
    expect(seconds(2, { ...REFUSED, retryAfterSeconds: 400 })).toBe(400);
    expect(seconds(2, { ...REFUSED, retryAfterSeconds: 31_536_000 })).toBe(600);
    expect(seconds(1, { ...REFUSED, status: 429, retryAfterSeconds: 31_536_000 })).toBe(120);
  });
});
