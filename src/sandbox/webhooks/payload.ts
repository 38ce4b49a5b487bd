/**
 * The body of PayPay's Transaction webhook. Shaped after the PayPay OPA Dynamic QR document where a production
 * capture does not contradict it; where it does, after the capture: every value a string, times at +09:00, the
 * store and till empty rather than absent.
 */
import { formatJst } from '../core/jst.ts';
import type { Payment } from '../core/payment.ts';

/** The statuses of an instant payment that are announced; cancel, refund, creation and expiry are not. */
export type AnnouncedStatus = 'COMPLETED' | 'FAILED';

/** The announcement that a payment reached `status`. */
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
