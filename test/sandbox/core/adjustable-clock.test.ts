import { expect, test } from 'vitest';
import { createAdjustableClock } from '../../../src/sandbox/core/adjustable-clock.ts';
import { createManualClock } from '../support/manual-clock.ts';

test('follows its base with an offset', () => {
  const base = createManualClock('2026-01-01T00:00:00Z');
  const clock = createAdjustableClock(base);
  clock.advance(60_000);
  base.advance(1_000);
  expect(clock.now()).toEqual(new Date('2026-01-01T00:01:01Z'));
  expect(clock.baseNow()).toEqual(new Date('2026-01-01T00:00:01Z'));
  clock.set(new Date('2030-01-01T00:00:00Z'));
  base.advance(1_000);
  expect(clock.now()).toEqual(new Date('2030-01-01T00:00:01Z'));
  clock.reset();
  expect(clock.now()).toEqual(base.now());
});

test('wakes a sleeper when either clock has advanced far enough', async () => {
  const base = createManualClock('2026-01-01T00:00:00Z');
  const clock = createAdjustableClock(base);
  const slept = clock.sleep(10_000);
  clock.advance(6_000);
  await base.someoneSleeps(4_000);
  base.advance(4_000);
  await slept;
  expect(base.waiting()).toEqual([]);
});

test('a sleep lasts as long as it was told, even if the clock of the machine is set back meanwhile', async () => {
  let elapsedMs = 0;
  let setMs = 0;
  const slept: number[] = [];
  const clock = createAdjustableClock({
    now: () => new Date(elapsedMs + setMs),
    monotonicMs: () => elapsedMs,
    async sleep(durationMs) {
      slept.push(durationMs);
      elapsedMs += durationMs;
      setMs = -3_600_000;
    },
  });
  await clock.sleep(10_000);
  expect(slept).toEqual([10_000]);
});

test('ends a sleep early when its signal aborts', async () => {
  const clock = createAdjustableClock(createManualClock('2026-01-01T00:00:00Z'));
  const stop = new AbortController();
  const slept = clock.sleep(10_000, stop.signal);
  stop.abort();
  await slept;
});
