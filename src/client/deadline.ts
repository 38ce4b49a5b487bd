/**
 * How long somebody waits for an answer, as a signal. By the machine's own time and not the client's clock: it is the
 * network that is bounded, whatever time the caller plays.
 */
import { systemClock } from '../lib/clock.ts';

export interface Deadline {
  /** Aborts when the time is over, or the caller's own signal does. */
  readonly signal: AbortSignal;
  /** Whether the time was over before the end. */
  isOver(): boolean;
  /** From now on only the caller's own signal counts. */
  end(): void;
}

/** What a timer can be set to; nobody's patience is longer. */
const LONGEST_MS = 2 ** 31 - 1;

export function startDeadline(durationMs: number, signal?: AbortSignal): Deadline {
  const over = new AbortController();
  const ended = new AbortController();
  void systemClock.sleep(Math.min(durationMs, LONGEST_MS), ended.signal).then(() => {
    if (!ended.signal.aborted) {
      over.abort(new DOMException('It took too long', 'TimeoutError'));
    }
  });
  return {
    signal: signal ? AbortSignal.any([signal, over.signal]) : over.signal,
    isOver: () => over.signal.aborted,
    end: () => ended.abort(),
  };
}
