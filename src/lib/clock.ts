/**
 * Time as a dependency: code reads the time and waits only through a Clock, so that tests and the simulation control
 * time. Not a scheduler: the worker runner decides when a job runs.
 */

export interface Clock {
  /** The current time. */
  now(): Date;
  /** Resolves after `durationMs` of this clock's time, or early (without an error) when `signal` aborts. */
  sleep(durationMs: number, signal?: AbortSignal): Promise<void>;
  /** Milliseconds on a monotonic scale. A clock without it has a monotonic `now`. */
  monotonicMs?(): number;
}

/** Monotonic milliseconds, for durations: setting the wall clock must neither lengthen nor end a wait. */
export function monotonicMs(clock: Clock): number {
  return clock.monotonicMs?.() ?? clock.now().getTime();
}

/** `base` shifted by the current value of `offsetMs`. Waiting takes the time of `base`. */
export function movedClock(base: Clock, offsetMs: () => number): Clock {
  return {
    now: () => new Date(base.now().getTime() + offsetMs()),
    sleep: base.sleep,
    monotonicMs: () => monotonicMs(base),
  };
}

/** The clock of this machine. */
export const systemClock: Clock = {
  now: () => new Date(),
  monotonicMs: () => performance.now(),
  sleep: (durationMs, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) {
        return resolve();
      }
      const timer = setTimeout(done, durationMs);
      signal?.addEventListener('abort', done, { once: true });
      function done(): void {
        clearTimeout(timer);
        signal?.removeEventListener('abort', done);
        resolve();
      }
    }),
};
