/**
 * Presents the ledger's records as the `data` of PayPay's responses. Field names and their irregularities (`unit_price`
 * in the response to create but `unitPrice` in the details, times in seconds, omitted instead of null) follow the
 * PayPay OPA Dynamic QR document and captures that integrators published.
 */
import type { CodeRequest, Payment, Refund } from '../core/payment.ts';

/** Response to "Create a Code". */
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

/** Response to "Get payment details" of an unpaid code: clients can rely on these three fields only. */
export function presentUnpaid(): object {
  return { status: 'CREATED', acceptedAt: 0, requestedAt: 0 };
}

/** Response to "Get payment details" once the payer has paid or declined. */
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
        : { data: payment.refunds.map((refund) => presentRefund(payment, refund)) },
    captures: null,
    revert: null,
    paymentMethods: [{ amount: yen(payment.amount), type: 'WALLET' }],
  };
}

/** Response to "Refund a Payment" and "Get refund details", and each refund in the payment details. */
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
