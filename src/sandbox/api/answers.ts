/**
 * The `data` part of PayPay's answers, made from the ledger. Field names and their quirks (`unit_price` when a code
 * is created but `unitPrice` in the details, seconds for times, absent rather than null) follow the PayPay OPA
 * Dynamic QR document and captures that integrators published.
 */
import type { CodeRequest, Payment, Refund } from '../core/payment.ts';

/** Create a Code. */
export function presentCode(payment: Payment): object {
  const { amount, orderItems, ...echoed } = payment.request;
  return {
    codeId: payment.codeId,
    url: payment.url,
    deeplink: payment.deeplink,
    expiryDate: toSeconds(payment.expiresAt),
    ...echoed,
    ...(orderItems && { orderItems: orderItems.map(renameUnitPrice) }),
    amount: yen(amount),
    codeType: 'ORDER_QR',
    isAuthorization: false,
  };
}

/** Get payment details of a code that nobody paid: status and two zeros, nothing else can be relied on. */
export function presentUnpaid(): object {
  return { status: 'CREATED', acceptedAt: 0, requestedAt: 0 };
}

/** Get payment details once the payer has acted. */
export function presentPayment(payment: Payment): object {
  const { request } = payment;
  return {
    paymentId: payment.paymentId,
    status: payment.status,
    acceptedAt: toSeconds(payment.completedAt ?? payment.failedAt ?? payment.createdAt),
    merchantPaymentId: payment.merchantPaymentId,
    amount: yen(payment.amount),
    requestedAt: request.requestedAt,
    ...(payment.failedAt !== undefined && { canceledAt: toSeconds(payment.failedAt) }),
    ...pickEchoed(request),
    refunds:
      payment.refunds.length === 0
        ? null
        : { data: payment.refunds.map((one) => presentRefund(payment, one)) },
    captures: null,
    revert: null,
    paymentMethods: [{ amount: yen(payment.amount), type: 'WALLET' }],
  };
}

/** Refund a Payment, Get refund details, and each refund within the payment details. */
export function presentRefund(payment: Payment, refund: Refund): object {
  return {
    status: refund.status,
    acceptedAt: toSeconds(refund.acceptedAt),
    merchantRefundId: refund.merchantRefundId,
    paymentId: payment.paymentId,
    amount: yen(refund.amount),
    requestedAt: refund.requestedAt,
    ...(refund.reason !== undefined && { reason: refund.reason }),
  };
}

function pickEchoed(request: CodeRequest): object {
  const { storeId, terminalId, orderDescription, orderItems } = request;
  return {
    ...(storeId !== undefined && { storeId }),
    ...(terminalId !== undefined && { terminalId }),
    ...(orderDescription !== undefined && { orderDescription }),
    ...(orderItems !== undefined && { orderItems }),
  };
}

function renameUnitPrice(item: Record<string, unknown>): object {
  const { unitPrice, ...rest } = item;
  return { ...rest, unit_price: unitPrice };
}

function yen(amount: number): object {
  return { amount, currency: 'JPY' };
}

function toSeconds(at: number): number {
  return Math.floor(at / 1000);
}
