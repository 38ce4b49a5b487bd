/**
 * Rows of refunds, and their mapping to the domain's type.
 */
import type { PaymentError, ReturnReason } from '../../domain/payment.ts';
import type { Refund } from '../../domain/refunds/refund.ts';

/** Also the form in which an event stores a refund: there the dates are texts. */
export interface RefundRow<Time = Date> {
  readonly id: string;
  readonly intent_id: string;
  readonly merchant_id: string;
  readonly merchant_store_id: string | null;
  readonly attempt_id: string | null;
  readonly provider_payment_id: string | null;
  readonly amount: number;
  readonly currency: string;
  readonly origin: Refund['origin'];
  readonly method: Refund['method'];
  readonly reason: Refund['reason'] | null;
  readonly return_reason: ReturnReason | null;
  readonly description: string | null;
  readonly merchant_refund_ref_id: string | null;
  readonly merchant_staff_id: string | null;
  readonly merchant_terminal_id: string | null;
  readonly provider_refund_id: string | null;
  readonly status: Refund['status'];
  readonly pending_reason: Refund['pendingReason'] | null;
  readonly failure_code: string | null;
  readonly failure_message: string | null;
  readonly created_at: Time;
  readonly ended_at: Time | null;
  readonly tries: number;
  readonly next_try_at: Time | null;
  readonly last_error_code: string | null;
}

export const REFUND_COLUMNS = `
  id, intent_id, merchant_id, merchant_store_id, attempt_id, provider_payment_id, amount, currency, origin, method,
  reason, return_reason, description, merchant_refund_ref_id, merchant_staff_id, merchant_terminal_id,
  provider_refund_id, status, pending_reason, failure_code, failure_message, created_at, ended_at, tries, next_try_at,
  last_error_code`;

export function toRefund(row: RefundRow): Refund {
  return {
    id: row.id,
    intentId: row.intent_id,
    merchantId: row.merchant_id,
    merchantStoreId: row.merchant_store_id ?? undefined,
    attemptId: row.attempt_id ?? undefined,
    providerPaymentId: row.provider_payment_id ?? undefined,
    money: { amount: row.amount, currency: row.currency },
    origin: row.origin,
    method: row.method,
    reason: row.reason ?? undefined,
    returnReason: row.return_reason ?? undefined,
    description: row.description ?? undefined,
    merchantRefundRefId: row.merchant_refund_ref_id ?? undefined,
    merchantStaffId: row.merchant_staff_id ?? undefined,
    merchantTerminalId: row.merchant_terminal_id ?? undefined,
    providerRefundId: row.provider_refund_id ?? undefined,
    status: row.status,
    pendingReason: row.pending_reason ?? undefined,
    failure: toFailure(row),
    createdAt: row.created_at,
    endedAt: row.ended_at ?? undefined,
    tries: row.tries,
    nextTryAt: row.next_try_at ?? undefined,
    lastErrorCode: row.last_error_code ?? undefined,
  };
}

/** The values of all columns. */
export function toRefundRow(refund: Refund): RefundRow {
  return {
    id: refund.id,
    intent_id: refund.intentId,
    merchant_id: refund.merchantId,
    merchant_store_id: refund.merchantStoreId ?? null,
    attempt_id: refund.attemptId ?? null,
    provider_payment_id: refund.providerPaymentId ?? null,
    amount: refund.money.amount,
    currency: refund.money.currency,
    origin: refund.origin,
    method: refund.method,
    reason: refund.reason ?? null,
    return_reason: refund.returnReason ?? null,
    description: refund.description ?? null,
    merchant_refund_ref_id: refund.merchantRefundRefId ?? null,
    merchant_staff_id: refund.merchantStaffId ?? null,
    merchant_terminal_id: refund.merchantTerminalId ?? null,
    provider_refund_id: refund.providerRefundId ?? null,
    status: refund.status,
    pending_reason: refund.pendingReason ?? null,
    failure_code: refund.failure?.code ?? null,
    failure_message: refund.failure?.message ?? null,
    created_at: refund.createdAt,
    ended_at: refund.endedAt ?? null,
    tries: refund.tries,
    next_try_at: refund.nextTryAt ?? null,
    last_error_code: refund.lastErrorCode ?? null,
  };
}

/** The refund in an event. */
export function toRefundOfEvent(stored: RefundRow<string>): Refund {
  return toRefund({
    ...stored,
    created_at: new Date(stored.created_at),
    ended_at: stored.ended_at === null ? null : new Date(stored.ended_at),
    next_try_at: stored.next_try_at === null ? null : new Date(stored.next_try_at),
  });
}

function toFailure(row: RefundRow): PaymentError | undefined {
  return row.failure_code === null
    ? undefined
    : { code: row.failure_code, message: row.failure_message ?? '' };
}
