/**
 * The transitions of a payment: pay, decline, delete and cancel; those of its refunds are in refund-rules.ts. Time and
 * behaviour are arguments; there is no I/O. Each function either changes the payment it is given, or leaves it
 * unchanged and returns the reason for the refusal.
 */
import { cancelWindowEnd } from './jst.ts';
import type { SandboxBehaviour } from './options.ts';
import type { Payment } from './payment.ts';
import type { ResultName } from './result-codes.ts';

/** Why the payer cannot pay or decline. */
export type PayerRefusal = 'code_expired' | 'code_deleted' | 'already_paid' | 'payment_failed';

/** Carries out an accepted cancel that is due by `now`. */
export function applyDueCancel(payment: Payment, now: number): void {
  if (payment.status === 'COMPLETED' && payment.cancelDueAt !== undefined && payment.cancelDueAt <= now) {
    reversePayment(payment, payment.cancelDueAt);
  }
}

/**
 * The payer pays. If a cancel was accepted earlier, the payment completes and fails immediately, and the money is
 * returned (PayPay developer FAQ on cancelling an unpaid code). `force` simulates a payer who scanned the code before
 * it was deleted or expired.
 */
export function payPayment(
  payment: Payment,
  input: { now: number; paymentId: string; force: boolean },
): PayerRefusal | undefined {
  const refusal = checkPayable(payment, input.now, input.force);
  if (refusal) {
    return refusal;
  }
  payment.paymentId = input.paymentId;
  payment.status = 'COMPLETED';
  payment.completedAt = input.now;
  payment.moneyTaken = payment.amount;
  if (payment.cancelRequestedAt !== undefined) {
    reversePayment(payment, input.now);
  }
  return undefined;
}

/** The payer declines or has insufficient funds: the payment fails permanently. */
export function declinePayment(
  payment: Payment,
  input: { now: number; paymentId: string; force: boolean },
): PayerRefusal | undefined {
  const refusal = checkPayable(payment, input.now, input.force);
  if (refusal) {
    return refusal;
  }
  payment.paymentId = input.paymentId;
  payment.status = 'FAILED';
  payment.failedAt = input.now;
  return undefined;
}

/** PayPay's "Delete a Code": only a live, unpaid code can be deleted. */
export function deleteCode(
  payment: Payment,
  now: number,
  behaviour: SandboxBehaviour,
): ResultName | undefined {
  if (payment.completedAt !== undefined) {
    return behaviour.deletePaidCode === 'already_paid' ? 'DYNAMIC_QR_ALREADY_PAID' : 'DYNAMIC_QR_NOT_FOUND';
  }
  if (payment.deletedAt !== undefined || now >= payment.expiresAt || payment.status !== 'CREATED') {
    return 'DYNAMIC_QR_NOT_FOUND';
  }
  payment.deletedAt = now;
  return undefined;
}

/**
 * PayPay's "Cancel the Payment". For an unpaid code the cancel is only recorded; it takes effect when the code is
 * paid. It can be repeated. A payment with a refund, or outside the cancel window, cannot be cancelled.
 */
export function cancelPayment(
  payment: Payment,
  now: number,
  behaviour: SandboxBehaviour,
): ResultName | undefined {
  if (payment.isUnavailable) {
    return 'ORDER_NO_LONGER_AVAILABLE';
  }
  if (payment.status === 'REFUNDED' || payment.refunds.length > 0) {
    return 'ORDER_NOT_REVERSIBLE';
  }
  const isCancelled = payment.cancelRequestedAt !== undefined;
  if (payment.status === 'COMPLETED' && !isCancelled) {
    if (now >= cancelWindowEnd(payment.completedAt ?? now)) {
      return 'ORDER_NOT_REVERSIBLE';
    }
    payment.cancelDueAt = now + behaviour.cancelDelaySeconds * 1000;
  }
  payment.cancelRequestedAt ??= now;
  applyDueCancel(payment, now);
  return undefined;
}

function checkPayable(payment: Payment, now: number, force: boolean): PayerRefusal | undefined {
  if (payment.completedAt !== undefined) {
    return 'already_paid';
  }
  if (payment.status === 'FAILED') {
    return 'payment_failed';
  }
  if (payment.deletedAt !== undefined && !force) {
    return 'code_deleted';
  }
  return now >= payment.expiresAt && !force ? 'code_expired' : undefined;
}

function reversePayment(payment: Payment, at: number): void {
  payment.status = 'FAILED';
  payment.failedAt = at;
  payment.moneyReturned = payment.moneyTaken;
}
