/**
 * Drives lanes, each of which does one thing at a time: as fast as they can, or at a fixed rate of arrivals. At a fixed rate
 * the time of each is measured from when it was due, so that a slow answer also counts against those that had to wait
 * behind it.
 */
import { performance } from 'node:perf_hooks';
import type { Job, LoadResult } from './job.ts';

export interface Lane {
  /** Does one thing and tells how it went: undefined, or what went wrong. */
  run(onDone: (failure: string | undefined) => void): void;
  close(): Promise<void> | void;
}

type Bounds = Pick<Job, 'seconds' | 'most' | 'ratePerSecond'>;

/** Timers fire a millisecond late; the rest of the way to a due moment is spent looking. */
const TIMER_SLACK_MS = 1.5;

/** Runs the lanes until the time is over or the count is reached; what is in flight is waited for. */
export async function drive(lanes: readonly Lane[], bounds: Bounds): Promise<LoadResult> {
  const tally = createTally(bounds);
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  if (bounds.ratePerSecond === undefined) await runClosed(lanes, bounds, startedAt, tally);
  else await runPaced(lanes, bounds, bounds.ratePerSecond, startedAt, tally);
  const seconds = (performance.now() - startedAt) / 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { ...tally.result(), seconds, cpuSeconds: (user + system) / 1e6 };
}

type Tally = ReturnType<typeof createTally>;

function createTally({ most = 10_000_000 }: Bounds) {
  const latencies: number[] = [];
  let failed = 0;
  let firstFailure: string | undefined;
  return {
    isFull: (inFlight: number) => latencies.length + inFlight >= most,
    add(since: number, failure: string | undefined): void {
      latencies.push(performance.now() - since);
      if (failure === undefined) return;
      failed += 1;
      firstFailure ??= failure;
    },
    result: () => ({ done: latencies.length, failed, firstFailure, latencyMs: percentiles(latencies) }),
  };
}

function percentiles(latencies: readonly number[]): LoadResult['latencyMs'] {
  const sorted = Float64Array.from(latencies).sort();
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { p50: at(0.5), p99: at(0.99), most: at(1) };
}

function runClosed(
  lanes: readonly Lane[],
  { seconds }: Bounds,
  startedAt: number,
  tally: Tally,
): Promise<void> {
  const endsAt = startedAt + seconds * 1000;
  let inFlight = 0;
  return new Promise((resolve) => {
    const next = (lane: Lane) => {
      const since = performance.now();
      if (since >= endsAt || tally.isFull(inFlight)) {
        if (inFlight === 0) resolve();
        return;
      }
      inFlight += 1;
      lane.run((failure) => {
        inFlight -= 1;
        tally.add(since, failure);
        // A lane that fails at once would otherwise run the stack full.
        if (failure === undefined) next(lane);
        else setImmediate(next, lane);
      });
    };
    for (const lane of lanes) next(lane);
  });
}

async function runPaced(
  lanes: readonly Lane[],
  { seconds, most = Number.POSITIVE_INFINITY }: Bounds,
  ratePerSecond: number,
  startedAt: number,
  tally: Tally,
): Promise<void> {
  const total = Math.min(Math.floor(seconds * ratePerSecond), most);
  const idle = [...lanes];
  const waiting: number[] = [];
  let ended = 0;
  let onEnd: () => void = () => undefined;
  const allEnded = new Promise<void>((resolve) => {
    onEnd = resolve;
  });
  const take = (lane: Lane) => {
    const dueAt = waiting.shift();
    if (dueAt === undefined) {
      idle.push(lane);
      return;
    }
    lane.run((failure) => {
      tally.add(dueAt, failure);
      ended += 1;
      if (ended === total) onEnd();
      take(lane);
    });
  };
  for (let n = 0; n < total; n += 1) {
    const dueAt = startedAt + (n * 1000) / ratePerSecond;
    await until(dueAt);
    waiting.push(dueAt);
    const lane = idle.pop();
    if (lane) take(lane);
  }
  await allEnded;
}

async function until(moment: number): Promise<void> {
  const timerMs = moment - performance.now() - TIMER_SLACK_MS;
  if (timerMs > 0) await new Promise((resolve) => setTimeout(resolve, timerMs));
  while (performance.now() < moment) await new Promise(setImmediate);
}
