/**
 * The body of PayPay's Transaction webhook. Follows the PayPay OPA Dynamic QR document except where a capture from
 * production contradicts it: every value is a string, times are at +09:00, and an absent store or till is an empty
 * string.
 */
import { formatJst } from '../core/jst.ts';
import type { Payment } from '../core/payment.ts';

/** The statuses that cause a webhook. Creation, expiry, cancel and refund cause none. */
export type AnnouncedStatus = 'COMPLETED' | 'FAILED';

/** Creates the body of the webhook which announces that a payment reached `status`. */
export function makeTransactionPayload(payment: Payment, status: AnnouncedStatus): Record<string, unknown> {
  return {
    notification_type: 'Transaction',
    merchant_id: payment.merchantId,
    store_id: payment.request.storeId ?? '',
    pos_id: payment.request.terminalId ?? '',
    order_id: payment.paymentId ?? '',
    merchant_order_id: payment.merchantPaymentId,
    order_amount: String(payment.amount),
    ...(status === 'COMPLETED' &&
      payment.completedAt !== undefined && { paid_at: formatJst(payment.completedAt) }),
    state: status,
  };
}
