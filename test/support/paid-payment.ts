/**
 * Payments that have succeeded, for tests of decisions about refunds.
 */
import type { Payment, PaymentAttempt, PaymentIntent } from '../../src/domain/payment.ts';
import type { RefundCommand } from '../../src/domain/refunds/refund-machine.ts';

export const PAID_AT = new Date('2026-01-15T03:00:00Z');

const ATTEMPT: PaymentAttempt = {
  id: 'pa_1',
  intentId: 'pi_1',
  merchantId: 'm',
  provider: 'PAYPAY',
  providerMerchantId: 'p',
  amount: 1000,
  currency: 'JPY',
  status: 'succeeded',
  createCalls: 1,
  codeId: 'code',
  qrContent: 'https://qr/1',
  deeplink: undefined,
  codeExpiresAt: PAID_AT,
  providerPaymentId: 'pp_1',
  paidAt: PAID_AT,
  failure: undefined,
  createdAt: PAID_AT,
  endedAt: PAID_AT,
  checkedAt: PAID_AT,
  checks: 1,
  nextCheckAt: undefined,
};

/** An intent of 1000 yen, paid by QR code. */
export const PAID: Payment = {
  intent: {
    id: 'pi_1',
    merchantId: 'm',
    merchantStoreId: 'store',
    merchantTerminalId: undefined,
    merchantRefId: 'r',
    description: undefined,
    returnUrl: undefined,
    amount: 1000,
    currency: 'JPY',
    paymentMethodTypes: ['qr_mpm', 'cash'],
    status: 'succeeded',
    paymentMethodType: 'qr_mpm',
    providerPaymentId: 'pp_1',
    amountCaptured: 1000,
    amountRefunded: 0,
    lastPaymentError: undefined,
    createdAt: PAID_AT,
    expiresAt: new Date(PAID_AT.getTime() + 1_800_000),
    succeededAt: PAID_AT,
    cancelledAt: undefined,
    expiredAt: undefined,
  },
  attempts: [ATTEMPT],
};

/** The same, with other values of the intent. */
export function paidWith(fields: Partial<PaymentIntent>): Payment {
  return { ...PAID, intent: { ...PAID.intent, ...fields } };
}

/** A refund as a merchant requests it: what is left, as it was paid. */
export const COMMAND: RefundCommand = {
  id: 're_1',
  amount: undefined,
  method: undefined,
  mayReturnInCash: false,
  maxAmount: undefined,
  reason: undefined,
  description: undefined,
  merchantRefundRefId: undefined,
  merchantStaffId: undefined,
  merchantTerminalId: undefined,
};
