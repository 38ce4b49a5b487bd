/**
 * A clock that a test owns: it stands still until it is advanced, which wakes the sleepers that are due.
 */
import type { Clock } from '../../src/lib/clock.ts';

export interface TestClock extends Clock {
  /** Advances the time and wakes the sleepers that are due, in order. */
  advance(durationMs: number): Promise<void>;
}

interface Sleeper {
  readonly wakeAt: number;
  wake(): void;
}

/** @param start real time by default, so that signatures and certificates are in their windows */
export function createTestClock(start = new Date()): TestClock {
  let now = start.getTime();
  let sleepers: Sleeper[] = [];
  return {
    now: () => new Date(now),
    sleep: (durationMs, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) {
          return resolve();
        }
        const sleeper: Sleeper = { wakeAt: now + durationMs, wake: done };
        sleepers.push(sleeper);
        signal?.addEventListener('abort', done, { once: true });
        function done(): void {
          signal?.removeEventListener('abort', done);
          sleepers = sleepers.filter((other) => other !== sleeper);
          resolve();
        }
      }),
    async advance(durationMs) {
      now += durationMs;
      for (const sleeper of sleepers
        .filter(({ wakeAt }) => wakeAt <= now)
        .sort((a, b) => a.wakeAt - b.wakeAt)) {
        sleeper.wake();
      }
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}
