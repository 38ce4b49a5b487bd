/**
 * A row of the table: the sides that are compared, the target, and the result.
 */
import type { Bench } from './bench.ts';
import { median, type SideResult } from './measure/measure.ts';

/** A bound on the ratio of our side to each yardstick, or on the gateway's share of the CPU time. */
export type Target =
  | { readonly atLeast: number }
  | { readonly max: number }
  /** The gateway's share of the CPU time that a request costs in all processes except the load. */
  | { readonly maxGatewayShare: number };

export interface Row {
  readonly id: string;
  /** For example "create, many clients". */
  readonly what: string;
  readonly unit: '/s' | 'stores/s' | 'ms' | 'MB';
  readonly target: Target;
  measure(bench: Bench): Promise<Measured>;
}

export interface Measured {
  /** Our side first; all others are yardsticks. */
  readonly sides: readonly SideResult[];
  readonly notes?: readonly string[];
}

/** Our side against one yardstick. */
export interface Comparison {
  readonly row: Row;
  readonly ours: SideResult;
  readonly yardstick: SideResult;
  /** One per round. */
  readonly ratios: readonly number[];
  readonly ratio: number;
  readonly isReached: boolean;
}

export function comparisonsOf(row: Row, { sides: [ours, ...yardsticks] }: Measured): Comparison[] {
  if (!ours) {
    return [];
  }
  return yardsticks.map((yardstick) => {
    const ratios = ours.samples.map(({ value }, round) => value / (yardstick.samples[round]?.value ?? 0));
    const ratio = median(ratios);
    return { row, ours, yardstick, ratios, ratio, isReached: isReached(row.target, ratio, ours) };
  });
}

function isReached(target: Target, ratio: number, ours: SideResult): boolean {
  if ('atLeast' in target) {
    return ratio >= target.atLeast;
  }
  if ('max' in target) {
    return ratio <= target.max;
  }
  return gatewayShareOf(ours) <= target.maxGatewayShare;
}

/** The gateway's share of the CPU time of one request, without the load process. */
export function gatewayShareOf({ samples }: SideResult): number {
  return median(
    samples.map(({ cpuMicros }) => {
      const { load: _, ...workers } = cpuMicros;
      const all = Object.values(workers).reduce((sum, micros) => sum + micros, 0);
      return (workers['gateway'] ?? 0) / all;
    }),
  );
}
