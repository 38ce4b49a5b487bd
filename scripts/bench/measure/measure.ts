/**
 * Side-by-side measurement: each round measures every side once, in immediate succession, and ratios are taken within a
 * round. A disturbance of the machine that lasts longer than a round therefore affects both sides.
 */

import type { LoadResult } from '../load/job.ts';
import { cpuSecondsOf, cpuSecondsOfTree } from './cpu.ts';

/** One measurement of one side. */
export interface Sample {
  /** The compared value, in the row's unit. */
  readonly value: number;
  /** CPU microseconds per request, by process. */
  readonly cpuMicros: Readonly<Record<string, number>>;
  readonly more: Readonly<Record<string, number>>;
}

export interface Side {
  readonly name: string;
  /** Takes one measurement of about this duration. */
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
  /** Called before every measurement, to start each from the same state. */
  beforeSample(): Promise<void>;
  /** `begin` is called after the warm-up, `end` after the last measurement. */
  begin(): Promise<void>;
  end(): Promise<void>;
  progress(text: string): void;
}

/** Measures the sides alternately (A B A B), after a warm-up of each. */
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
      await rounds.beforeSample();
      results[index]?.samples.push(await side.measure(rounds.seconds));
    }
  }
  await rounds.end();
  return results;
}

/** The pids of the processes that work for a side, by name. `postgres` includes its backends. */
export type Workers = Readonly<Record<string, number>>;

/** Runs a load and measures the CPU time per request of each process. */
async function withCpu(
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

/** A side whose value is the number of requests per second. */
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

/** A side whose value is the 99th percentile of the latency, in milliseconds. */
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
        more: { p50Ms: p50, maxMs: max, perSecond: result.done / result.seconds },
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
