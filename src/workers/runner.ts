/**
 * Schedules the workers; knows when they run, not what they do. Each worker runs one bounded batch at a time, at its
 * interval or immediately when it is woken. A full batch is followed by another at once. A failed run is logged with
 * its cause and does not affect other workers; the next run is the retry.
 */
import { performance } from 'node:perf_hooks';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import type { Metrics } from '../lib/metrics.ts';
import type { JobRun } from '../services/jobs/job.ts';

export interface Worker {
  readonly name: string;
  readonly intervalMs: number;
  /** One bounded batch. */
  runOnce(): Promise<JobRun>;
  /** Whether the run reached its limit, so that there may be more work. */
  isFull(run: JobRun): boolean;
  /** Resolves when what the runs have started in the background has ended. */
  finish?(): Promise<void>;
}

/** What the runner needs apart from its workers. */
export interface RunnerDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Pick<Metrics, 'jobEnded'>;
}

export interface Runner {
  /** Runs a worker now instead of at the end of its interval. */
  wake(name: string): void;
  /** Runs every worker now; resolves when all work that is due now is done, or when the runner is stopped. */
  catchUp(): Promise<void>;
  /** Resolves when the current runs have finished; no further run starts. */
  stop(): Promise<void>;
}

/** The second round does the work that became due in the first, or was locked by another worker during it. */
const CATCH_UP_ROUNDS = 2;

/** Starts all workers. Their first run is immediate, so that work missed while the process was down is caught up. */
export function startWorkers(workers: readonly Worker[], deps: RunnerDeps): Runner {
  const stopping = new AbortController();
  const wakeSignals = new Map(workers.map(({ name }) => [name, createWakeSignal()]));
  const loops = workers.map((worker) =>
    loop(worker, wakeSignals.get(worker.name) ?? createWakeSignal(), deps, stopping.signal),
  );
  return {
    wake: (name) => wakeSignals.get(name)?.wake(),
    async catchUp() {
      for (let round = 0; round < CATCH_UP_ROUNDS && !stopping.signal.aborted; round += 1) {
        await Promise.all([...wakeSignals.values()].map((wakeSignal) => wakeSignal.wakeAndWait()));
      }
    },
    async stop() {
      stopping.abort();
      for (const wakeSignal of wakeSignals.values()) {
        wakeSignal.wake();
      }
      await Promise.all(loops);
      await Promise.all(workers.map((worker) => worker.finish?.()));
    },
  };
}

async function loop(
  worker: Worker,
  wakeSignal: WakeSignal,
  deps: RunnerDeps,
  stopping: AbortSignal,
): Promise<void> {
  const waiters: (() => void)[] = [];
  while (!stopping.aborted) {
    waiters.push(...wakeSignal.takeWaiters());
    const hasMore = await runJob(worker, deps);
    if (hasMore) {
      continue;
    }
    for (const resolve of waiters.splice(0)) {
      resolve();
    }
    if (!stopping.aborted) {
      await wakeSignal.wait((signal) => deps.clock.sleep(worker.intervalMs, signal));
    }
  }
  for (const resolve of [...waiters, ...wakeSignal.takeWaiters()]) {
    resolve();
  }
}

async function runJob(worker: Worker, { log, metrics }: RunnerDeps): Promise<boolean> {
  const startedAt = performance.now();
  try {
    const run = await worker.runOnce();
    metrics.jobEnded(worker.name, run, (performance.now() - startedAt) / 1000);
    if (run.taken > 0) {
      log.debug({ worker: worker.name, ...run }, 'worker run');
    }
    return worker.isFull(run) && run.failed < run.taken;
  } catch (err) {
    log.error({ err, worker: worker.name }, 'worker run failed; the next run retries');
    return false;
  }
}

interface WakeSignal {
  wake(): void;
  /** Wakes the worker; resolves when a run that started afterwards has left nothing to do. */
  wakeAndWait(): Promise<void>;
  /** Returns and clears the callbacks that resolve the pending `wakeAndWait` calls. */
  takeWaiters(): (() => void)[];
  /** Waits for a wake signal (also one sent before this call) or for the end of `sleep`. */
  wait(sleep: (signal: AbortSignal) => Promise<void>): Promise<void>;
}

function createWakeSignal(): WakeSignal {
  let isSignalled = false;
  let waiting: AbortController | undefined;
  let waiters: (() => void)[] = [];
  const wake = (): void => {
    isSignalled = true;
    waiting?.abort();
  };
  return {
    wake,
    wakeAndWait: () =>
      new Promise((resolve) => {
        waiters.push(resolve);
        wake();
      }),
    takeWaiters() {
      const taken = waiters;
      waiters = [];
      return taken;
    },
    async wait(sleep) {
      if (!isSignalled) {
        waiting = new AbortController();
        await sleep(waiting.signal);
        waiting = undefined;
      }
      isSignalled = false;
    },
  };
}
