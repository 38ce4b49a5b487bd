/**
 * What the workers' passes have in common: bounded work, a few items at a time, one item's failure never another's.
 */
import type { ServiceDeps } from '../deps.ts';

export interface JobLimits {
  /** How many items a pass takes at most. */
  readonly limit: number;
  /** How many of them at a time. */
  readonly concurrency: number;
}

/** What a pass came to. */
export interface JobRun {
  readonly taken: number;
  /** Items that are over and done with. */
  readonly done: number;
  readonly failed: number;
}

/** Works through items, `concurrency` at a time; `work` says whether its item is done with. */
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
        deps.log.error({ err, pass: name }, 'an item of a pass failed; it is tried again later');
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limits.concurrency, items.length) }, worker));
  return { taken: items.length, done, failed };
}
