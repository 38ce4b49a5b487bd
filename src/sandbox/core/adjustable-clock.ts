/**
 * The sandbox's own time: an injected clock plus an offset that testers and tests can change, so that a code expires
 * or a cancel window closes without waiting. Changing the offset wakes every sleeper whose time has come.
 */
import { type Clock, monotonicMs } from '../../lib/clock.ts';

export interface AdjustableClock extends Clock {
  /** The injected clock's time, without the offset. Signatures are checked against it, so that clients keep working. */
  baseNow(): Date;
  /** Difference between this clock and the injected one. */
  offsetMs(): number;
  /** Moves this clock by a duration; backwards when it is negative. */
  advance(durationMs: number): void;
  /** Moves this clock to a moment; it continues from there. */
  set(moment: Date): void;
  /** Sets the offset to zero. */
  reset(): void;
  /** Registers a listener that is called after every move, once the sleepers on this clock have been woken. */
  onMove(listener: () => Promise<void>): void;
  /** Resolves when the listener calls of all moves so far have ended, successfully or not. */
  idle(): Promise<void>;
}

/** Wraps `base` in a clock with an adjustable offset. */
export function createAdjustableClock(base: Clock): AdjustableClock {
  let offsetMs = 0;
  let moved = new AbortController();
  const listeners: (() => Promise<void>)[] = [];
  const inProgress = new Set<Promise<void>>();
  const now = (): Date => new Date(base.now().getTime() + offsetMs);

  function moveTo(nextOffsetMs: number): void {
    offsetMs = nextOffsetMs;
    const before = moved;
    moved = new AbortController();
    before.abort();
    for (const listener of listeners) {
      const call = listener();
      inProgress.add(call);
      const remove = (): void => void inProgress.delete(call);
      call.then(remove, remove);
    }
  }

  return {
    now,
    baseNow: () => base.now(),
    offsetMs: () => offsetMs,
    advance: (durationMs) => moveTo(offsetMs + durationMs),
    set: (moment) => moveTo(moment.getTime() - base.now().getTime()),
    reset: () => moveTo(0),
    onMove: (listener) => void listeners.push(listener),
    monotonicMs: () => monotonicMs(base),
    async idle() {
      await Promise.allSettled(inProgress);
    },
    async sleep(durationMs, signal) {
      const passedMs = (): number => monotonicMs(base) + offsetMs;
      const dueMs = passedMs() + durationMs;
      let remainingMs = durationMs;
      while (remainingMs > 0 && !signal?.aborted) {
        const wake = signal ? AbortSignal.any([signal, moved.signal]) : moved.signal;
        await base.sleep(remainingMs, wake);
        remainingMs = dueMs - passedMs();
      }
    },
  };
}
