/**
 * The queue of refunds to carry out. A refund is due at `next_try_at`; claiming one moves that time to the end of a lease, so
 * one whose process died becomes due again.
 */
import type { PendingReason, Refund } from '../../domain/refunds/refund.ts';
import { type Db, execute, query } from '../db/query.ts';
import { REFUND_COLUMNS, type RefundRow, toRefund } from './refund-rows.ts';

/** A refund that is due, with what is kept of its earlier tries. */
export interface DueRefund extends Refund {
  /** The call that returns the money of the gateway's own refunds, once one was made. */
  readonly returnedBy: 'cancel' | 'refund' | undefined;
  /** The provider refused to cancel the payment, so it has to be refunded. */
  readonly isCancelRefused: boolean;
}

/** A subquery with a limit, so that the planner finds it by one step in the index, however many refunds wait. */
const IS_FIRST_OF_PAYMENT = `(
  select first.id = refunds.id from refunds as first
  where first.attempt_id = refunds.attempt_id and first.next_try_at is not null
  order by first.next_try_at, first.id limit 1)`;

/**
 * Claims due refunds, by postponing their next try, and counts the try: it may reach the provider even if nothing is heard of
 * it again. Of each payment one at a time, and merchants in turn, so that one with many refunds does not delay the others:
 * refunds that wait for another one of their payment are passed over. A try later than any schedule allows was set by a clock
 * that was ahead, so it is due too.
 */
export async function claimDueRefunds(
  db: Db,
  now: Date,
  claimUntil: Date,
  limit: number,
): Promise<DueRefund[]> {
  const columns = REFUND_COLUMNS.split(',')
    .map((column) => `refunds.${column.trim()}`)
    .join(', ');
  const rows = await query<
    RefundRow & { returned_by: DueRefund['returnedBy'] | null; is_cancel_refused: boolean }
  >(
    db,
    `with due as (
       select id, attempt_id, merchant_id, next_try_at from refunds
       where next_try_at <= :now and ${IS_FIRST_OF_PAYMENT}
       order by next_try_at limit :window for update skip locked
     ), ahead as (
       select id, attempt_id, merchant_id, next_try_at from refunds
       where next_try_at > cast(:now as timestamptz) + interval '1 hour'
       order by next_try_at limit :limit for update skip locked
     ), one_each as (
       select distinct on (attempt_id) id, merchant_id, next_try_at
       from (select * from due union all select * from ahead) as all_due order by attempt_id, next_try_at, id
     ), ranked as (
       select id, next_try_at, row_number() over (partition by merchant_id order by next_try_at) as round from one_each
     ), taken as (
       select id from ranked order by round, next_try_at limit :limit
     )
     update refunds set next_try_at = :claimUntil, tries = tries + 1 from taken where refunds.id = taken.id
     returning ${columns}, refunds.returned_by, refunds.is_cancel_refused`,
    { now, claimUntil, limit, window: limit * 4 },
  );
  return rows.map((row) => ({
    ...toRefund(row),
    returnedBy: row.returned_by ?? undefined,
    isCancelRefused: row.is_cancel_refused,
  }));
}

export interface ReturnProgress {
  readonly returnedBy: DueRefund['returnedBy'];
  readonly isCancelRefused: boolean;
  readonly pendingReason: PendingReason;
  readonly lastErrorCode: string | undefined;
  readonly nextTryAt: Date;
}

/** Stores the result of a try that has not completed a refund of the gateway. */
export async function saveReturnProgress(db: Db, refundId: string, progress: ReturnProgress): Promise<void> {
  await execute(
    db,
    `update refunds
     set returned_by = coalesce(:returnedBy, returned_by), is_cancel_refused = is_cancel_refused or :isCancelRefused,
         pending_reason = :pendingReason, last_error_code = :lastErrorCode, next_try_at = :nextTryAt
     where id = :refundId and status = 'pending'`,
    {
      ...progress,
      refundId,
      returnedBy: progress.returnedBy ?? null,
      lastErrorCode: progress.lastErrorCode ?? null,
    },
  );
}

/** When the oldest pending refund was created; undefined when none is pending. */
export async function findOldestPendingRefund(db: Db): Promise<Date | undefined> {
  // Only pending refunds have a next try, by which they are indexed.
  const [row] = await query<{ oldest: Date | null }>(
    db,
    'select min(created_at) as oldest from refunds where next_try_at is not null',
  );
  return row?.oldest ?? undefined;
}
