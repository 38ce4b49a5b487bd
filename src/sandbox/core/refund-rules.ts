/**
 * The rules of refunds: which of them PayPay accepts, and when it carries out those it accepted. Time and behaviour are
 * arguments; there is no I/O.
 */
import { isInJstHours, refundWindowEnd } from './jst.ts';
import type { SandboxBehaviour } from './options.ts';
import type { Payment, Refund } from './payment.ts';
import type { ResultName } from './result-codes.ts';

/** PayPay's documents say "retry after one minute", whether or not the refund in progress is held for longer. */
const THROTTLE_MS = 60_000;

/** What is asked of PayPay. */
export type RefundRequest = Pick<
  Refund,
  'merchantRefundId' | 'amount' | 'requestedAt' | 'reason' | 'origin' | 'isHeld'
>;

/**
 * PayPay's "Refund a Payment". The caller has already handled a repeated merchantRefundId, and carries out what is due
 * afterwards.
 */
export function refundPayment(
  payment: Payment,
  request: RefundRequest,
  now: number,
  behaviour: SandboxBehaviour,
): Refund | ResultName {
  const refusal = checkRefundable(payment, request.amount, now, behaviour);
  if (refusal) {
    return refusal;
  }
  const dueAt = now + behaviour.refundDelaySeconds * 1000;
  const refund: Refund = { ...request, status: 'CREATED', acceptedAt: now, dueAt };
  payment.refunds.push(refund);
  return refund;
}

/** What the payer has not got back, and no accepted refund will return. */
export function refundableAmount(payment: Payment): number {
  const refunded = payment.refunds.reduce((sum, refund) => sum + refund.amount, 0);
  return payment.cancelRequestedAt === undefined ? payment.moneyTaken - refunded : 0;
}

/**
 * Carries out the refunds that are due by `now`.
 * @param readSales the merchant's sales that PayPay has not paid out; a larger refund is held if the switch is on
 */
export function applyDueRefunds(
  payment: Payment,
  now: number,
  behaviour: SandboxBehaviour,
  readSales: () => number,
): void {
  for (const refund of payment.refunds) {
    const isDue = refund.status === 'CREATED' && refund.isHeld !== true && refund.dueAt <= now;
    if (isDue && (!behaviour.holdRefundsAboveSales || refund.amount <= readSales())) {
      carryOutRefund(payment, refund, behaviour);
    }
  }
}

/** Returns the money of an accepted refund, held or not. */
export function carryOutRefund(payment: Payment, refund: Refund, behaviour: SandboxBehaviour): void {
  refund.status = 'REFUNDED';
  payment.moneyReturned += refund.amount;
  const isWhole = payment.moneyReturned >= payment.moneyTaken;
  payment.status = isWhole ? 'REFUNDED' : behaviour.statusAfterPartialRefund;
}

function checkRefundable(
  payment: Payment,
  amount: number,
  now: number,
  behaviour: SandboxBehaviour,
): ResultName | undefined {
  if (isInJstHours(now, behaviour.refundPauseFromHour, behaviour.refundPauseToHour)) {
    // The code is not public. This one is documented for times at which PayPay does not work.
    return 'MAINTENANCE_MODE';
  }
  return checkOrder(payment, now) ?? checkOtherRefunds(payment, amount, now, behaviour);
}

function checkOrder(payment: Payment, now: number): ResultName | undefined {
  if (payment.isUnavailable) {
    return 'ORDER_NO_LONGER_AVAILABLE';
  }
  const isPaid = payment.status === 'COMPLETED' || payment.status === 'REFUNDED';
  if (!isPaid || payment.cancelRequestedAt !== undefined) {
    return 'ORDER_NOT_REFUNDABLE';
  }
  if (payment.payerState === 'cancelled') {
    return 'CANCELED_USER';
  }
  if (payment.payerState === 'inactive') {
    return 'USER_STATE_IS_NOT_ACTIVE';
  }
  // PayPay documents this code also for an expired gift voucher, which nothing can be returned to.
  const isVoucherExpired = payment.voucherExpiresAt !== undefined && now >= payment.voucherExpiresAt;
  const isTooLate = isVoucherExpired || now >= refundWindowEnd(payment.completedAt ?? now);
  return isTooLate ? 'REFUND_WINDOW_EXCEED' : undefined;
}

function checkOtherRefunds(
  payment: Payment,
  amount: number,
  now: number,
  behaviour: SandboxBehaviour,
): ResultName | undefined {
  if (payment.refunds.length > 0 && !behaviour.allowMultipleRefunds) {
    return 'MERCHANT_MULTIPLE_REFUND_REJECTED';
  }
  const isThrottled = payment.refunds.some(
    (other) =>
      other.status === 'CREATED' &&
      now < other.acceptedAt + THROTTLE_MS &&
      (behaviour.throttledRefunds === 'any' || other.amount === amount),
  );
  if (isThrottled) {
    return 'THROTTLED_MULTIPLE_REFUND_REJECTED';
  }
  if (payment.refunds.length >= behaviour.maxRefunds) {
    return 'REFUND_LIMIT_EXCEEDED';
  }
  return amount < 1 || amount > refundableAmount(payment) ? 'INVALID_REFUND_AMOUNT' : undefined;
}
