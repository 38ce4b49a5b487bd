/**
 * What the health page plots of the last 24 hours: payments a minute, how many of them were paid, and how long PayPay took.
 */
import { medianMs } from '../../../domain/health/latency.ts';
import { listPaymentPeriods } from '../../../store/operator/payment-minutes.ts';
import { listProviderPeriods, type ProviderPeriod } from '../../../store/provider-calls/provider-periods.ts';
import type { ServiceDeps } from '../../deps.ts';

const MINUTE_MS = 60_000;
/** A point of a plot. */
export const PERIOD_MINUTES = 10;
const PERIOD_MS = PERIOD_MINUTES * MINUTE_MS;
const PERIODS = 144;

export interface PlotPoint {
  readonly at: Date;
  /** Undefined: nothing is known of this period. */
  readonly value: number | undefined;
}

/** In the order of time, all with the same periods. */
export interface HealthPlots {
  readonly paymentsPerMinute: readonly PlotPoint[];
  /** Of those that have ended. */
  readonly paidPercent: readonly PlotPoint[];
  /** To PayPay. */
  readonly callsPerMinute: readonly PlotPoint[];
  readonly medianMs: readonly PlotPoint[];
  readonly maxMs: readonly PlotPoint[];
  readonly failedPercent: readonly PlotPoint[];
}

export async function readPlots({ db, clock }: Pick<ServiceDeps, 'db' | 'clock'>): Promise<HealthPlots> {
  const to = new Date(Math.ceil(clock.now().getTime() / PERIOD_MS) * PERIOD_MS);
  const from = new Date(to.getTime() - PERIODS * PERIOD_MS);
  const payments = await listPaymentPeriods(db, from, to, PERIOD_MINUTES);
  const calls = await listProviderPeriods(db, from, to, PERIOD_MINUTES);
  return {
    paymentsPerMinute: series(from, payments, ({ created, minutes }) => created / minutes),
    paidPercent: series(from, payments, ({ succeeded, ended }) => percent(succeeded, ended)),
    callsPerMinute: series(from, calls, ({ calls: all }) => all / PERIOD_MINUTES),
    medianMs: series(from, calls, typicalMs),
    maxMs: series(from, calls, ({ maxMs }) => maxMs),
    failedPercent: series(from, calls, ({ failed, calls: all }) => percent(failed, all)),
  };
}

function series<T extends { readonly from: Date }>(
  from: Date,
  periods: readonly T[],
  measure: (period: T) => number | undefined,
): PlotPoint[] {
  const byTime = new Map(periods.map((period) => [period.from.getTime(), period]));
  return Array.from({ length: PERIODS }, (_, index) => {
    const at = new Date(from.getTime() + index * PERIOD_MS);
    const period = byTime.get(at.getTime());
    return { at, value: period && measure(period) };
  });
}

function percent(part: number, all: number): number | undefined {
  return all === 0 ? undefined : (100 * part) / all;
}

/** An estimate has no fractions of a millisecond. */
function typicalMs(period: ProviderPeriod): number | undefined {
  const ms = medianMs(period);
  return ms === undefined ? undefined : Math.round(ms);
}
