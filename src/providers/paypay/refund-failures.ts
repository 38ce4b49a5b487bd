/**
 * Why PayPay refuses a refund, in words that say what staff can do. By the result codes of "Refund a Payment" in the PayPay
 * Open Payment API.
 */
import type { OutcomeReason } from '../provider.ts';
import type { PayPayResponse } from './transport.ts';

const IN_CASH = 'Return the money in cash.';
const CHECK_FIRST = 'Check the payment in PayPay for Business before you return money in cash.';
const PROVIDER_REFUSED = 'provider_refused';

const FAILURES: Readonly<Record<string, OutcomeReason>> = {
  MERCHANT_MULTIPLE_REFUND_REJECTED: {
    code: 'several_refunds_not_allowed',
    message: `PayPay allows this merchant only one refund per payment, and this payment has had one. ${IN_CASH} PayPay can allow several refunds for the merchant.`,
  },
  CANCELED_USER: {
    code: 'payer_account_closed',
    message: `The payer has closed the PayPay account, so PayPay cannot refund this payment. ${IN_CASH}`,
  },
  USER_STATE_IS_NOT_ACTIVE: {
    code: 'payer_account_inactive',
    message: `The payer's PayPay account is not active, so PayPay cannot refund this payment. ${IN_CASH}`,
  },
  REFUND_WINDOW_EXCEED: {
    code: 'refund_window_exceeded',
    message: `PayPay can no longer refund this payment: its refund period, or that of a gift voucher used to pay, has ended. ${IN_CASH}`,
  },
  REFUND_LIMIT_EXCEEDED: {
    code: 'refund_limit_exceeded',
    message: `This payment has as many refunds as PayPay allows. ${IN_CASH}`,
  },
  ORDER_NO_LONGER_AVAILABLE: {
    code: 'payment_not_available',
    message: `This payment is so old that PayPay no longer keeps it. ${CHECK_FIRST}`,
  },
  RESOURCE_NOT_FOUND: {
    code: 'payment_not_available',
    message: `PayPay cannot find this payment in the merchant's account. ${CHECK_FIRST}`,
  },
  ORDER_NOT_REFUNDABLE: {
    code: 'not_refundable',
    message: `PayPay does not refund this payment, for example because it was cancelled in PayPay for Business. ${CHECK_FIRST}`,
  },
  UNACCEPTABLE_OP: {
    code: 'not_refundable',
    message: `PayPay does not refund this payment in its present state, for example because it was already refunded or cancelled in PayPay for Business. ${CHECK_FIRST}`,
  },
};

/** All codes of failures, for metrics. */
export const REFUND_FAILURE_CODES: readonly string[] = [
  ...new Set(Object.values(FAILURES).map(({ code }) => code)),
  PROVIDER_REFUSED,
];

/** What the operator can mend; nothing has taken effect, so the refund stays pending. */
const OPERATIONAL: ReadonlySet<string> = new Set([
  'UNAUTHORIZED',
  'OP_OUT_OF_SCOPE',
  'OPA_CLIENT_NOT_FOUND',
  'TRANSACTION_FAILED',
]);

/** Whether PayPay refused because of something that the operator can mend: 401 is about credentials, unless its code is listed. */
export function isOperational(response: PayPayResponse): boolean {
  const { code = '', httpStatus } = response.kind === 'answer' ? response : {};
  return OPERATIONAL.has(code) || (httpStatus === 401 && FAILURES[code] === undefined);
}

/** The failure for staff. Of a code that is not listed, they see the code. */
export function refundFailureOf(code: string | undefined, reason: OutcomeReason): OutcomeReason {
  const listed = code === undefined ? undefined : FAILURES[code];
  const { providerRequestId } = reason;
  const failure = listed ?? {
    code: PROVIDER_REFUSED,
    message: `PayPay refused the refund and gave the reason ${reason.code}. ${CHECK_FIRST}`,
  };
  return providerRequestId === undefined ? failure : { ...failure, providerRequestId };
}
