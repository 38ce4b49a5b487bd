/**
 * Time as an argument. Everything that asks "what time is it?" or waits asks a Clock, so that tests and the
 * simulation own time. Not a scheduler: the workers' driver decides when a pass runs.
 */

export interface Clock {
  /** The present moment. */
  now(): Date;
  /** Resolves after `durationMs` of this clock's time, or early (without an error) when `signal` aborts. */
  sleep(durationMs: number, signal?: AbortSignal): Promise<void>;
}

/** `base`, moved by however much `offsetMs` says at the moment; it waits in the time of `base`. */
export function movedClock(base: Clock, offsetMs: () => number): Clock {
  return { now: () => new Date(base.now().getTime() + offsetMs()), sleep: base.sleep };
}

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => new Date(),
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
