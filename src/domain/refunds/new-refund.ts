/**
 * The values of a refund that begins, and of one that ends.
 */
import type { PaymentIntent } from '../payment.ts';
import type { Refund, RefundNotes } from './refund.ts';

const NO_NOTES: RefundNotes = {
  reason: undefined,
  description: undefined,
  merchantRefundRefId: undefined,
  merchantStaffId: undefined,
  merchantTerminalId: undefined,
};

/** A pending refund, to be made at once. */
export function pendingRefund(intent: PaymentIntent, id: string, amount: number, now: Date): Refund {
  return {
    ...NO_NOTES,
    id,
    intentId: intent.id,
    merchantId: intent.merchantId,
    merchantStoreId: intent.merchantStoreId,
    attemptId: undefined,
    providerPaymentId: undefined,
    money: { amount, currency: intent.currency },
    origin: 'merchant',
    method: 'provider',
    returnReason: undefined,
    providerRefundId: undefined,
    status: 'pending',
    pendingReason: 'provider_processing',
    failure: undefined,
    createdAt: now,
    endedAt: undefined,
    tries: 0,
    nextTryAt: now,
    lastErrorCode: undefined,
  };
}

/** Without what only a pending or failed refund has. */
export function ended(refund: Refund, now: Date): Refund {
  return { ...refund, pendingReason: undefined, failure: undefined, endedAt: now, nextTryAt: undefined };
}
