/**
 * A row of the table: what is compared with what, what must be reached, and what came out.
 */
import type { Bench } from './bench.ts';
import { median, type SideResult } from './measure.ts';

export interface Row {
  readonly id: string;
  /** "create, many clients". */
  readonly what: string;
  readonly unit: '/s' | 'ms' | 'MB';
  /** The ratio of the first side to each other one must be this or better. */
  readonly target: { readonly atLeast: number } | { readonly atMost: number };
  measure(bench: Bench): Promise<Measured>;
}

export interface Measured {
  /** Ours first; every other one is a yardstick. */
  readonly sides: readonly SideResult[];
  readonly notes?: readonly string[];
}

/** Our side against one yardstick. */
export interface Comparison {
  readonly row: Row;
  readonly ours: SideResult;
  readonly yardstick: SideResult;
  /** One a round. */
  readonly ratios: readonly number[];
  readonly ratio: number;
  readonly isReached: boolean;
}

export function comparisonsOf(row: Row, { sides: [ours, ...yardsticks] }: Measured): Comparison[] {
  if (!ours) return [];
  return yardsticks.map((yardstick) => {
    const ratios = ours.samples.map(({ value }, round) => value / (yardstick.samples[round]?.value ?? 0));
    const ratio = median(ratios);
    const isReached = 'atLeast' in row.target ? ratio >= row.target.atLeast : ratio <= row.target.atMost;
    return { row, ours, yardstick, ratios, ratio, isReached };
  });
}
