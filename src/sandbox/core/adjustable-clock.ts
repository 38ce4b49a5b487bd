/**
 * The sandbox's own time: an injected clock plus an offset that people and tests can move, so that a code can
 * expire or a cancel window close without waiting. Moving it wakes everything that sleeps on it and is now due.
 */
import type { Clock } from '../../lib/clock.ts';

export interface AdjustableClock extends Clock {
  /** The injected clock's moment, whatever was moved. Signatures are judged by it, so that clients go on working. */
  unmovedNow(): Date;
  /** How far this clock is from the injected one. */
  offsetMs(): number;
  /** Moves this clock by so much, backwards when negative. */
  advance(durationMs: number): void;
  /** Moves this clock to that moment, from where it runs on. */
  set(moment: Date): void;
  /** Forgets every move. */
  reset(): void;
  /** Tells of every move, once those who sleep on this clock have been woken. */
  onMove(listener: () => Promise<void>): void;
  /** Resolves when everybody who was told of the moves so far has done what was due. */
  idle(): Promise<void>;
}

/** Wraps `base` in a clock that can be moved. */
export function createAdjustableClock(base: Clock): AdjustableClock {
  let offsetMs = 0;
  let moved = new AbortController();
  const listeners: (() => Promise<void>)[] = [];
  const acting = new Set<Promise<void>>();
  const now = (): Date => new Date(base.now().getTime() + offsetMs);

  function moveTo(nextOffsetMs: number): void {
    offsetMs = nextOffsetMs;
    const before = moved;
    moved = new AbortController();
    before.abort();
    for (const listener of listeners) {
      const act = listener();
      acting.add(act);
      const forget = (): void => void acting.delete(act);
      act.then(forget, forget);
    }
  }

  return {
    now,
    unmovedNow: () => base.now(),
    offsetMs: () => offsetMs,
    advance: (durationMs) => moveTo(offsetMs + durationMs),
    set: (moment) => moveTo(moment.getTime() - base.now().getTime()),
    reset: () => moveTo(0),
    onMove: (listener) => void listeners.push(listener),
    async idle() {
      await Promise.allSettled(acting);
    },
    async sleep(durationMs, signal) {
      const dueAt = now().getTime() + durationMs;
      let remainingMs = durationMs;
      while (remainingMs > 0 && !signal?.aborted) {
        const wake = signal ? AbortSignal.any([signal, moved.signal]) : moved.signal;
        await base.sleep(remainingMs, wake);
        remainingMs = dueAt - now().getTime();
      }
    },
  };
}
