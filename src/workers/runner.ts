/**
 * When, not what: runs each worker's passes again and again, one pass of a kind at a time, soon after a nudge and else
 * at its interval; a full pass is followed by another at once. A pass that fails is logged with its cause and never stops
 * the others; the next pass is the retry.
 */
import { performance } from 'node:perf_hooks';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import type { Metrics } from '../lib/metrics.ts';
import type { JobRun } from '../services/jobs/job.ts';

export interface Worker {
  readonly name: string;
  readonly intervalMs: number;
  /** One bounded pass. */
  runOnce(): Promise<JobRun>;
  /** Whether a pass took all it may take, so that there may be more. */
  isFull(run: JobRun): boolean;
}

/** What the runner needs beside its workers. */
export interface RunnerDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Pick<Metrics, 'jobEnded'>;
}

export interface Runner {
  /** Wakes a worker before its interval is over. */
  wake(name: string): void;
  /** Lets every worker run now; resolves when what was due at this moment is done, or when all are stopped. */
  catchUp(): Promise<void>;
  /** Lets passes under way finish, then resolves. */
  stop(): Promise<void>;
}

/** The second is for what the first has made due, and for workers that stood in each other's way. */
const CATCH_UP_ROUNDS = 2;

/** Starts all workers; their first pass is at once, which catches up with whatever was missed while down. */
export function startWorkers(workers: readonly Worker[], deps: RunnerDeps): Runner {
  const stopping = new AbortController();
  const wakeSignals = new Map(workers.map(({ name }) => [name, createWakeSignal()]));
  const loops = workers.map((worker) =>
    loop(worker, wakeSignals.get(worker.name) ?? createWakeSignal(), deps, stopping.signal),
  );
  return {
    wake: (name) => wakeSignals.get(name)?.ring(),
    async catchUp() {
      for (let round = 0; round < CATCH_UP_ROUNDS && !stopping.signal.aborted; round += 1) {
        await Promise.all([...wakeSignals.values()].map((wakeSignal) => wakeSignal.ringAndHear()));
      }
    },
    async stop() {
      stopping.abort();
      for (const wakeSignal of wakeSignals.values()) {
        wakeSignal.ring();
      }
      await Promise.all(loops);
    },
  };
}

async function loop(
  worker: Worker,
  wakeSignal: WakeSignal,
  deps: RunnerDeps,
  stopping: AbortSignal,
): Promise<void> {
  const asked: (() => void)[] = [];
  while (!stopping.aborted) {
    asked.push(...wakeSignal.takeAsked());
    const hasMore = await runJob(worker, deps);
    if (hasMore) {
      continue;
    }
    for (const report of asked.splice(0)) {
      report();
    }
    if (!stopping.aborted) {
      await wakeSignal.wait((signal) => deps.clock.sleep(worker.intervalMs, signal));
    }
  }
  for (const report of [...asked, ...wakeSignal.takeAsked()]) {
    report();
  }
}

async function runJob(worker: Worker, { log, metrics }: RunnerDeps): Promise<boolean> {
  const startedAt = performance.now();
  try {
    const run = await worker.runOnce();
    metrics.jobEnded(worker.name, run, (performance.now() - startedAt) / 1000);
    if (run.taken > 0) {
      log.debug({ worker: worker.name, ...run }, 'run');
    }
    return worker.isFull(run) && run.failed < run.taken;
  } catch (err) {
    log.error({ err, worker: worker.name }, 'a run failed; the next run tries again');
    return false;
  }
}

interface WakeSignal {
  ring(): void;
  /** Rings, and resolves when a pass that began after it has found nothing more to do. */
  ringAndHear(): Promise<void>;
  /** How to tell those who have rung and want to hear. */
  takeAsked(): (() => void)[];
  /** Waits for a ring (one rung before counts) or for `sleep` to be over. */
  wait(sleep: (signal: AbortSignal) => Promise<void>): Promise<void>;
}

function createWakeSignal(): WakeSignal {
  let rung = false;
  let waiting: AbortController | undefined;
  let asked: (() => void)[] = [];
  const ring = (): void => {
    rung = true;
    waiting?.abort();
  };
  return {
    ring,
    ringAndHear: () =>
      new Promise((resolve) => {
        asked.push(resolve);
        ring();
      }),
    takeAsked() {
      const taken = asked;
      asked = [];
      return taken;
    },
    async wait(sleep) {
      if (!rung) {
        waiting = new AbortController();
        await sleep(waiting.signal);
        waiting = undefined;
      }
      rung = false;
    },
  };
}
