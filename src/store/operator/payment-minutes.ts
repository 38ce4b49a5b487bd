/**
 * How many payments were created in each minute, and how they have ended.
 */
import { firstIdAt } from '../../lib/ids.ts';
import { type Db, execute, query } from '../db/query.ts';

/** When the newest minute was counted; undefined when none was. */
export async function findLastCount(db: Db): Promise<Date | undefined> {
  const [row] = await query<{ counted_at: Date | null }>(
    db,
    'select counted_at from payment_minutes order by minute desc limit 1',
  );
  return row?.counted_at ?? undefined;
}

/**
 * Counts the payments created from `from` to `to`, both whole minutes, and stores what has changed. Ids begin with the time, so
 * the payments are a range of the primary key.
 * @returns how many minutes were written
 */
export function countPaymentMinutes(db: Db, from: Date, to: Date, now: Date): Promise<number> {
  return execute(
    db,
    `insert into payment_minutes as stored (minute, created, succeeded, ended, counted_at)
     select minute, count(intent.id)::int, count(*) filter (where status = 'succeeded')::int,
            count(*) filter (where status in ('succeeded', 'cancelled', 'expired'))::int, :now
     from generate_series(cast(:from as timestamptz), cast(:to as timestamptz) - interval '1 minute', interval '1 minute') as minute
     left join (
       select id, status, date_trunc('minute', created_at) as created_in from payment_intents
       where id >= :idFrom and id < :idTo) as intent on intent.created_in = minute
     group by minute order by minute
     on conflict (minute) do update
     set created = excluded.created, succeeded = excluded.succeeded, ended = excluded.ended, counted_at = excluded.counted_at
     where (stored.created, stored.succeeded, stored.ended) is distinct from
       (excluded.created, excluded.succeeded, excluded.ended)`,
    { from, to, now, idFrom: firstIdAt('pi', from), idTo: firstIdAt('pi', to) },
  );
}

/** Removes up to `limit` minutes before `before`. @returns how many */
export function removePaymentMinutes(db: Db, before: Date, limit: number): Promise<number> {
  return execute(
    db,
    `delete from payment_minutes where ctid = any(array(
       select ctid from payment_minutes where minute < :before order by minute limit :limit for update skip locked))`,
    { before, limit },
  );
}

/** The sums of a period of several minutes. */
export interface PaymentPeriod {
  readonly from: Date;
  /** How many of its minutes were counted. */
  readonly minutes: number;
  readonly created: number;
  readonly succeeded: number;
  readonly ended: number;
}

/** Periods of `minutes` minutes from `from` to `to` of which at least one minute was counted, in the order of time. */
export function listPaymentPeriods(db: Db, from: Date, to: Date, minutes: number): Promise<PaymentPeriod[]> {
  return query<PaymentPeriod>(
    db,
    `select date_bin(make_interval(mins => :minutes), minute, :from) as "from", count(*)::int as minutes,
            sum(created)::int as created, sum(succeeded)::int as succeeded, sum(ended)::int as ended
     from payment_minutes where minute >= :from and minute < :to group by 1 order by 1`,
    { from, to, minutes },
  );
}
