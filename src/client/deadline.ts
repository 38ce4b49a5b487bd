/**
 * A timeout as an AbortSignal. Uses the system clock and not the client's injected clock, because it limits real
 * network time, even in a test that controls the clock.
 */
import { systemClock } from '../lib/clock.ts';

export interface Deadline {
  /** Aborts when the time is up, or when the caller's own signal aborts. */
  readonly signal: AbortSignal;
  /** Whether the time was up before `end` was called. */
  isOver(): boolean;
  /** Stops the timer; from now on only the caller's own signal aborts. */
  end(): void;
}

/** The longest delay that a timer supports: about 25 days. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export function startDeadline(durationMs: number, signal?: AbortSignal): Deadline {
  const over = new AbortController();
  const ended = new AbortController();
  void systemClock.sleep(Math.min(durationMs, MAX_TIMER_MS), ended.signal).then(() => {
    if (!ended.signal.aborted) {
      over.abort(new DOMException('The request timed out', 'TimeoutError'));
    }
  });
  return {
    signal: signal ? AbortSignal.any([signal, over.signal]) : over.signal,
    isOver: () => over.signal.aborted,
    end: () => ended.abort(),
  };
}
