import { describe, expect, it } from 'vitest';
import {
  type FailedHealth,
  HEALTHY,
  healthAfterFailure,
} from '../../../src/domain/webhooks/endpoint-health.ts';

const START = Date.parse('2026-01-15T10:00:00Z');
const HOUR = 3_600_000;
const at = (ms: number) => new Date(START + ms);
const FAILURE = { isGone: false, isProbe: false };
const PROBE = { isGone: false, isProbe: true };

/** Fails so many times in a row, a second apart. */
function failTimes(times: number): FailedHealth {
  let failed: FailedHealth = { health: HEALTHY, disable: undefined };
  for (let n = 0; n < times; n += 1) {
    failed = healthAfterFailure(failed.health, FAILURE, at(n * 1_000));
  }
  return failed;
}

describe('an endpoint', () => {
  it('is not suspended by four failures, and is by the fifth', () => {
    expect(failTimes(4).health.suspendedUntil).toBeUndefined();
    expect(failTimes(5).health).toMatchObject({ failures: 5, suspendedUntil: at(4_000 + 60_000) });
  });

  it('is suspended no longer when tries that had begun before fail as well', () => {
    expect(failTimes(12).health).toMatchObject({ suspensions: 1, suspendedUntil: at(4_000 + 60_000) });
  });

  it('is suspended twice as long after each probe that fails, up to 15 minutes', () => {
    let { health } = failTimes(5);
    const periods = Array.from({ length: 6 }, () => {
      const from = health.suspendedUntil ?? at(0);
      ({ health } = healthAfterFailure(health, PROBE, from));
      return ((health.suspendedUntil?.getTime() ?? 0) - from.getTime()) / 60_000;
    });
    expect(periods).toEqual([2, 4, 8, 15, 15, 15]);
  });

  it('is disabled when it is gone', () => {
    expect(healthAfterFailure(HEALTHY, { ...FAILURE, isGone: true }, at(0)).disable).toBe('gone');
  });

  it('is disabled when it has accepted nothing for 120 hours', () => {
    let { health } = healthAfterFailure(HEALTHY, FAILURE, at(0));
    const early = healthAfterFailure(health, FAILURE, at(119 * HOUR));
    expect(early.disable).toBeUndefined();
    ({ health } = early);
    expect(healthAfterFailure(health, FAILURE, at(120 * HOUR)).disable).toBe('failing');
  });

  it('is not disabled for a failure after a long silence', () => {
    const { health } = healthAfterFailure(HEALTHY, FAILURE, at(0));
    const late = healthAfterFailure(health, FAILURE, at(241 * HOUR));
    expect(late).toMatchObject({
      disable: undefined,
      health: { failures: 1, failingSince: at(241 * HOUR) },
    });
  });
});
