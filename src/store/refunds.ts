/**
 * Refunds due and their progress. A unique constraint allows one per attempt.
 */
import type { Money, RefundDue, ReturnReason } from '../domain/payment.ts';
import { type Db, execute, query } from './db/query.ts';

export interface Refund {
  /** The provider's idempotency key. */
  readonly id: string;
  readonly attemptId: string;
  readonly intentId: string;
  readonly merchantId: string;
  readonly providerPaymentId: string;
  readonly money: Money;
  readonly reason: ReturnReason;
  readonly status: 'pending' | 'succeeded';
  readonly method: 'cancel' | 'refund' | undefined;
  /** The provider refused to cancel the payment, so it has to be refunded. */
  readonly isCancelRefused: boolean;
  readonly createdAt: Date;
  readonly endedAt: Date | undefined;
  readonly tries: number;
  readonly nextTryAt: Date | undefined;
  readonly lastErrorCode: string | undefined;
}

interface RefundRow {
  readonly id: string;
  readonly attempt_id: string;
  readonly intent_id: string;
  readonly merchant_id: string;
  readonly provider_payment_id: string;
  readonly amount: number;
  readonly currency: string;
  readonly reason: ReturnReason;
  readonly status: Refund['status'];
  readonly method: 'cancel' | 'refund' | null;
  readonly is_cancel_refused: boolean;
  readonly created_at: Date;
  readonly ended_at: Date | null;
  readonly tries: number;
  readonly next_try_at: Date | null;
  readonly last_error_code: string | null;
}

const COLUMNS = `
  refunds.id, refunds.attempt_id, refunds.intent_id, refunds.merchant_id, refunds.provider_payment_id, refunds.amount,
  refunds.currency, refunds.reason, refunds.status, refunds.method, refunds.is_cancel_refused, refunds.created_at,
  refunds.ended_at, refunds.tries, refunds.next_try_at, refunds.last_error_code`;

/** Records that a refund is due; a second record for the same attempt changes nothing. */
export async function insertRefund(
  trx: Db,
  refund: RefundDue & { id: string; intentId: string; merchantId: string },
  now: Date,
): Promise<void> {
  await execute(
    trx,
    `insert into refunds (
       id, attempt_id, intent_id, merchant_id, provider_payment_id, amount, currency, reason, status, created_at,
       next_try_at)
     values (
       :id, :attemptId, :intentId, :merchantId, :providerPaymentId, :amount, :currency, :reason, 'pending', :now, :now)
     on conflict (attempt_id) do nothing`,
    { ...refund, ...refund.money, now },
  );
}

/**
 * Claims due refunds, by postponing their next try. A try later than any schedule allows was set by a clock that was ahead,
 * so it is due too.
 */
export async function claimDueRefunds(db: Db, now: Date, claimUntil: Date, limit: number): Promise<Refund[]> {
  const rows = await query<RefundRow>(
    db,
    `with due as (
       select id from refunds
       where next_try_at <= :now or next_try_at > cast(:now as timestamptz) + interval '1 hour'
       order by next_try_at limit :limit for update skip locked
     )
     update refunds set next_try_at = :claimUntil from due where refunds.id = due.id returning ${COLUMNS}`,
    { now, claimUntil, limit },
  );
  return rows.map(toRefund);
}

export interface RefundProgress {
  readonly method: 'cancel' | 'refund' | undefined;
  readonly isCancelRefused: boolean;
  readonly lastErrorCode: string | undefined;
  readonly nextTryAt: Date;
}

/** Records the result of an unsuccessful try. */
export async function saveRefundProgress(db: Db, refundId: string, progress: RefundProgress): Promise<void> {
  await execute(
    db,
    `update refunds
     set method = coalesce(:method, method), is_cancel_refused = is_cancel_refused or :isCancelRefused,
         last_error_code = :lastErrorCode, next_try_at = :nextTryAt, tries = tries + 1
     where id = :refundId and status = 'pending'`,
    {
      ...progress,
      refundId,
      method: progress.method ?? null,
      lastErrorCode: progress.lastErrorCode ?? null,
    },
  );
}

/** Marks a refund as succeeded; false when it was marked before. */
export async function completeRefund(trx: Db, refundId: string, now: Date): Promise<boolean> {
  const changed = await execute(
    trx,
    `update refunds set status = 'succeeded', ended_at = :now, next_try_at = null, last_error_code = null
     where id = :refundId and status = 'pending'`,
    { refundId, now },
  );
  return changed === 1;
}

/** The refunds of an intent, oldest first. */
export async function listRefunds(db: Db, intentId: string): Promise<Refund[]> {
  const rows = await query<RefundRow>(
    db,
    `select ${COLUMNS} from refunds where intent_id = :intentId order by id`,
    { intentId },
  );
  return rows.map(toRefund);
}

/** The refund of an attempt, if one is due or done. */
export async function findRefundOfAttempt(db: Db, attemptId: string): Promise<Refund | undefined> {
  const [row] = await query<RefundRow>(db, `select ${COLUMNS} from refunds where attempt_id = :attemptId`, {
    attemptId,
  });
  return row && toRefund(row);
}

function toRefund(row: RefundRow): Refund {
  return {
    id: row.id,
    attemptId: row.attempt_id,
    intentId: row.intent_id,
    merchantId: row.merchant_id,
    providerPaymentId: row.provider_payment_id,
    money: { amount: row.amount, currency: row.currency },
    reason: row.reason,
    status: row.status,
    method: row.method ?? undefined,
    isCancelRefused: row.is_cancel_refused,
    createdAt: row.created_at,
    endedAt: row.ended_at ?? undefined,
    tries: row.tries,
    nextTryAt: row.next_try_at ?? undefined,
    lastErrorCode: row.last_error_code ?? undefined,
  };
}
