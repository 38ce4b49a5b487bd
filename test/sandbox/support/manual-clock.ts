/**
 * A clock that stands still until a test advances it. It exposes its sleepers, so that a test can wait until the code
 * under test sleeps instead of guessing how long that takes.
 */
import { expect } from 'vitest';
import type { Clock } from '../../../src/lib/clock.ts';
import { eventually } from '../../support/eventually.ts';

export interface ManualClock extends Clock {
  /** Advances the time and wakes the sleepers that are due, in the order of their due times. */
  advance(durationMs: number): void;
  /** Remaining sleep times in milliseconds, shortest first. */
  waiting(): number[];
  /** Resolves when a sleeper has exactly this remaining time. */
  someoneSleeps(durationMs: number): Promise<void>;
}

interface Sleeper {
  readonly dueAt: number;
  wake(): void;
}

export function createManualClock(start: string): ManualClock {
  let now = Date.parse(start);
  const sleepers = new Set<Sleeper>();
  const inOrder = (): Sleeper[] => [...sleepers].sort((left, right) => left.dueAt - right.dueAt);
  const waiting = (): number[] => inOrder().map((sleeper) => sleeper.dueAt - now);

  return {
    now: () => new Date(now),
    waiting,
    sleep: (durationMs, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) {
          return resolve();
        }
        const sleeper: Sleeper = { dueAt: now + durationMs, wake };
        function wake(): void {
          sleepers.delete(sleeper);
          signal?.removeEventListener('abort', wake);
          resolve();
        }
        sleepers.add(sleeper);
        signal?.addEventListener('abort', wake, { once: true });
      }),
    advance(durationMs) {
      now += durationMs;
      for (const sleeper of inOrder()) {
        if (sleeper.dueAt <= now) {
          sleeper.wake();
        }
      }
    },
    someoneSleeps: (durationMs) => eventually(() => expect(waiting()).toContain(durationMs), 5),
  };
}
