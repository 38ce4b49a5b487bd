/**
 * Measuring side by side: each round measures every side once, one right after the other, and a ratio is of two that were
 * measured in the same round. What disturbs the machine for longer than a round then disturbs both.
 */

import type { LoadResult } from '../load/job.ts';
import { cpuSecondsOf, cpuSecondsOfTree } from './cpu.ts';

/** One measurement of one side. */
export interface Sample {
  /** What is compared, in the row's unit. */
  readonly value: number;
  /** CPU microseconds a request cost, by process. */
  readonly cpuMicros: Readonly<Record<string, number>>;
  readonly more: Readonly<Record<string, number>>;
}

export interface Side {
  readonly name: string;
  /** Measures once, for about this long. */
  measure(seconds: number): Promise<Sample>;
}

export interface SideResult {
  readonly name: string;
  readonly samples: readonly Sample[];
}

export interface Rounds {
  readonly rounds: number;
  readonly seconds: number;
  readonly warmupSeconds: number;
  /** Runs before every measurement: brings the machine into the same state for all. */
  reconcile(): Promise<void>;
  /** Called when the warm-up is over, and when everything is measured. */
  begin(): Promise<void>;
  end(): Promise<void>;
  progress(text: string): void;
}

/** Measures the sides in turns, A B A B, after a warm-up of each. */
export async function measureInTurns(sides: readonly Side[], rounds: Rounds): Promise<SideResult[]> {
  const results = sides.map(({ name }) => ({ name, samples: [] as Sample[] }));
  for (const side of sides) {
    rounds.progress(`warming up ${side.name}`);
    await side.measure(rounds.warmupSeconds);
  }
  await rounds.begin();
  for (let round = 1; round <= rounds.rounds; round += 1) {
    for (const [index, side] of sides.entries()) {
      rounds.progress(`round ${round} of ${rounds.rounds}: ${side.name}`);
      await rounds.reconcile();
      results[index]?.samples.push(await side.measure(rounds.seconds));
    }
  }
  await rounds.end();
  return results;
}

/** Which processes work for a side: by pid, `postgres` with its backends. */
export type Workers = Readonly<Record<string, number>>;

/** Runs a load and adds what a request cost the processes that worked for it. */
export async function withCpu(
  workers: Workers,
  load: () => Promise<LoadResult>,
): Promise<{ result: LoadResult; cpuMicros: Record<string, number> }> {
  const before = readCpu(workers);
  const result = await load();
  const after = readCpu(workers);
  const micros = (seconds: number) => (seconds * 1e6) / Math.max(1, result.done);
  const cpuMicros: Record<string, number> = { load: micros(result.cpuSeconds) };
  for (const name of Object.keys(workers)) {
    cpuMicros[name] = micros((after[name] ?? 0) - (before[name] ?? 0));
  }
  return { result, cpuMicros };
}

function readCpu(workers: Workers): Record<string, number> {
  return Object.fromEntries(
    Object.entries(workers).map(([name, pid]) => [
      name,
      name === 'postgres' ? cpuSecondsOfTree(pid) : cpuSecondsOf(pid),
    ]),
  );
}

/** A side whose value is how many a second. */
export function throughputSide(
  name: string,
  workers: Workers,
  load: (seconds: number) => Promise<LoadResult>,
): Side {
  return {
    name,
    async measure(seconds) {
      const { result, cpuMicros } = await withCpu(workers, () => load(seconds));
      const { p50, p99 } = result.latencyMs;
      return { value: result.done / result.seconds, cpuMicros, more: { p50Ms: p50, p99Ms: p99 } };
    },
  };
}

/** A side whose value is the 99th percentile of the time an answer takes, in milliseconds. */
export function latencySide(
  name: string,
  workers: Workers,
  load: (seconds: number) => Promise<LoadResult>,
): Side {
  return {
    name,
    async measure(seconds) {
      const { result, cpuMicros } = await withCpu(workers, () => load(seconds));
      const { p50, p99, max } = result.latencyMs;
      return {
        value: p99,
        cpuMicros,
        more: { p50Ms: p50, mostMs: max, perSecond: result.done / result.seconds },
      };
    },
  };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}
