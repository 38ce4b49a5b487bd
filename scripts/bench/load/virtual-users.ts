/**
 * Drives virtual users, each with one request at a time: as fast as possible, or at a fixed rate of arrivals. At a
 * fixed rate, latency is measured from when a request was due, so that a slow response also counts for those queued
 * behind it.
 */
import { performance } from 'node:perf_hooks';
import type { Job, LoadResult } from './job.ts';

export interface VirtualUser {
  /** Makes one request; calls `onDone` with undefined, or with a description of the failure. */
  run(onDone: (failure: string | undefined) => void): void;
  close(): Promise<void> | void;
}

type Bounds = Pick<Job, 'seconds' | 'max' | 'ratePerSecond'>;

/** Timers fire up to a millisecond late, so the last part of a wait is spent polling the time. */
const TIMER_SLACK_MS = 1.5;

/** Runs the virtual users until the time is up or the maximum is reached, and waits for requests in flight. */
export async function drive(virtualUsers: readonly VirtualUser[], bounds: Bounds): Promise<LoadResult> {
  const tally = createTally(bounds);
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  if (bounds.ratePerSecond === undefined) {
    await runClosed(virtualUsers, bounds, startedAt, tally);
  } else {
    await runPaced(virtualUsers, bounds, bounds.ratePerSecond, startedAt, tally);
  }
  const seconds = (performance.now() - startedAt) / 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { ...tally.result(), seconds, cpuSeconds: (user + system) / 1e6 };
}

type Tally = ReturnType<typeof createTally>;

function createTally({ max = 10_000_000 }: Bounds) {
  const latencies: number[] = [];
  let failed = 0;
  let firstFailure: string | undefined;
  return {
    isFull: (inFlight: number) => latencies.length + inFlight >= max,
    add(since: number, failure: string | undefined): void {
      latencies.push(performance.now() - since);
      if (failure === undefined) {
        return;
      }
      failed += 1;
      firstFailure ??= failure;
    },
    result: () => ({ done: latencies.length, failed, firstFailure, latencyMs: percentiles(latencies) }),
  };
}

function percentiles(latencies: readonly number[]): LoadResult['latencyMs'] {
  const sorted = Float64Array.from(latencies).sort();
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}

function runClosed(
  virtualUsers: readonly VirtualUser[],
  { seconds }: Bounds,
  startedAt: number,
  tally: Tally,
): Promise<void> {
  const endsAt = startedAt + seconds * 1000;
  let inFlight = 0;
  return new Promise((resolve) => {
    const next = (virtualUser: VirtualUser) => {
      const since = performance.now();
      if (since >= endsAt || tally.isFull(inFlight)) {
        if (inFlight === 0) {
          resolve();
        }
        return;
      }
      inFlight += 1;
      virtualUser.run((failure) => {
        inFlight -= 1;
        tally.add(since, failure);
        // Without this, a virtual user that fails synchronously would overflow the stack.
        if (failure === undefined) {
          next(virtualUser);
        } else {
          setImmediate(next, virtualUser);
        }
      });
    };
    for (const virtualUser of virtualUsers) {
      next(virtualUser);
    }
  });
}

async function runPaced(
  virtualUsers: readonly VirtualUser[],
  { seconds, max = Number.POSITIVE_INFINITY }: Bounds,
  ratePerSecond: number,
  startedAt: number,
  tally: Tally,
): Promise<void> {
  const total = Math.min(Math.floor(seconds * ratePerSecond), max);
  const idle = [...virtualUsers];
  const waiting: number[] = [];
  let ended = 0;
  let onEnd: () => void = () => undefined;
  const allEnded = new Promise<void>((resolve) => {
    onEnd = resolve;
  });
  const take = (virtualUser: VirtualUser) => {
    const dueAt = waiting.shift();
    if (dueAt === undefined) {
      idle.push(virtualUser);
      return;
    }
    virtualUser.run((failure) => {
      tally.add(dueAt, failure);
      ended += 1;
      if (ended === total) {
        onEnd();
      }
      take(virtualUser);
    });
  };
  for (let n = 0; n < total; n += 1) {
    const dueAt = startedAt + (n * 1000) / ratePerSecond;
    await until(dueAt);
    waiting.push(dueAt);
    const virtualUser = idle.pop();
    if (virtualUser) {
      take(virtualUser);
    }
  }
  await allEnded;
}

async function until(moment: number): Promise<void> {
  const timerMs = moment - performance.now() - TIMER_SLACK_MS;
  if (timerMs > 0) {
    await new Promise((resolve) => setTimeout(resolve, timerMs));
  }
  while (performance.now() < moment) {
    await new Promise(setImmediate);
  }
}
