/**
 * When, not what: runs each worker's passes again and again, one pass of a kind at a time, soon after a nudge and else
 * at its interval; a full pass is followed by another at once. A pass that fails is logged with its cause and never stops
 * the others; the next pass is the retry.
 */
import { performance } from 'node:perf_hooks';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import type { Metrics } from '../lib/metrics.ts';
import type { Pass } from '../services/jobs/job.ts';

export interface Worker {
  readonly name: string;
  readonly intervalMs: number;
  /** One bounded pass. */
  runOnce(): Promise<Pass>;
  /** Whether a pass took all it may take, so that there may be more. */
  isFull(pass: Pass): boolean;
}

/** What the runner needs beside its workers. */
export interface RunnerDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Pick<Metrics, 'passEnded'>;
}

export interface Runner {
  /** Wakes a worker before its interval is over. */
  nudge(name: string): void;
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
  const bells = new Map(workers.map(({ name }) => [name, createBell()]));
  const loops = workers.map((worker) =>
    loop(worker, bells.get(worker.name) ?? createBell(), deps, stopping.signal),
  );
  return {
    nudge: (name) => bells.get(name)?.ring(),
    async catchUp() {
      for (let round = 0; round < CATCH_UP_ROUNDS && !stopping.signal.aborted; round += 1)
        await Promise.all([...bells.values()].map((bell) => bell.ringAndHear()));
    },
    async stop() {
      stopping.abort();
      for (const bell of bells.values()) bell.ring();
      await Promise.all(loops);
    },
  };
}

async function loop(worker: Worker, bell: Bell, deps: RunnerDeps, stopping: AbortSignal): Promise<void> {
  const asked: (() => void)[] = [];
  while (!stopping.aborted) {
    asked.push(...bell.takeAsked());
    const hasMore = await runPass(worker, deps);
    if (hasMore) continue;
    for (const tell of asked.splice(0)) tell();
    if (!stopping.aborted) await bell.wait((signal) => deps.clock.sleep(worker.intervalMs, signal));
  }
  for (const tell of [...asked, ...bell.takeAsked()]) tell();
}

async function runPass(worker: Worker, { log, metrics }: RunnerDeps): Promise<boolean> {
  const startedAt = performance.now();
  try {
    const pass = await worker.runOnce();
    metrics.passEnded(worker.name, pass, (performance.now() - startedAt) / 1000);
    if (pass.taken > 0) log.debug({ worker: worker.name, ...pass }, 'pass');
    return worker.isFull(pass) && pass.failed < pass.taken;
  } catch (err) {
    log.error({ err, worker: worker.name }, 'a pass failed; the next one tries again');
    return false;
  }
}

interface Bell {
  ring(): void;
  /** Rings, and resolves when a pass that began after it has found nothing more to do. */
  ringAndHear(): Promise<void>;
  /** How to tell those who have rung and want to hear. */
  takeAsked(): (() => void)[];
  /** Waits for a ring (one rung before counts) or for `sleep` to be over. */
  wait(sleep: (signal: AbortSignal) => Promise<void>): Promise<void>;
}

function createBell(): Bell {
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
