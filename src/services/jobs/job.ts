/**
 * What background jobs have in common: a run is bounded, handles a few items at a time, and isolates their failures.
 */
import type { ServiceDeps } from '../deps.ts';

export interface JobLimits {
  /** How many items a run takes at most. */
  readonly limit: number;
  /** How many of them are processed at the same time. */
  readonly concurrency: number;
}

/** The result of one run. */
export interface JobRun {
  readonly taken: number;
  /** Items that need no further run. */
  readonly done: number;
  readonly failed: number;
}

/** Processes items, `concurrency` at a time; `work` returns whether its item is done. */
export async function runEach<T>(
  deps: Pick<ServiceDeps, 'log'>,
  name: string,
  items: readonly T[],
  limits: JobLimits,
  work: (item: T) => Promise<boolean>,
): Promise<JobRun> {
  const waiting = [...items];
  let done = 0;
  let failed = 0;
  const worker = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) {
      try {
        if (await work(item)) {
          done += 1;
        }
      } catch (err) {
        failed += 1;
        deps.log.error({ err, job: name }, 'an item of a job failed; it is tried again later');
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limits.concurrency, items.length) }, worker));
  return { taken: items.length, done, failed };
}
