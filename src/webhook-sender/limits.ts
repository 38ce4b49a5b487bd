/**
 * Time limits. They are for real network time, so they use the system clock, even where tests control the clock.
 */
import { systemClock } from '../lib/clock.ts';

/** Rejects with `isLate()` when `work` takes longer than `durationMs`. */
export function within<T>(durationMs: number, work: Promise<T>, isLate: () => Error): Promise<T> {
  const ended = new AbortController();
  const late = systemClock.sleep(durationMs, ended.signal).then(() => {
    throw isLate();
  });
  return Promise.race([work, late]).finally(() => ended.abort());
}
