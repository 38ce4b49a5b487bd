/**
 * The calls to providers by period, for the plots of the console.
 */
import { type Db, query } from '../db/query.ts';

export interface ProviderPeriod {
  readonly from: Date;
  readonly calls: number;
  readonly failed: number;
  readonly maxMs: number;
  readonly within100Ms: number;
  readonly within300Ms: number;
  readonly within1000Ms: number;
  readonly within3000Ms: number;
}

/** Periods of `minutes` minutes from `from` to `to` that have calls, in the order of time. */
export function listProviderPeriods(
  db: Db,
  from: Date,
  to: Date,
  minutes: number,
): Promise<ProviderPeriod[]> {
  return query<ProviderPeriod>(
    db,
    `select date_bin(make_interval(mins => :minutes), minute, :from) as "from", sum(calls)::int as calls,
            sum(failed)::int as failed, max(max_ms) as "maxMs", sum(le_100)::int as "within100Ms",
            sum(le_300)::int as "within300Ms",
            sum(le_1000)::int as "within1000Ms", sum(le_3000)::int as "within3000Ms"
     from provider_minutes where minute >= :from and minute < :to group by 1 order by 1`,
    { from, to, minutes },
  );
}
