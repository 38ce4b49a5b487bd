/**
 * Finds the payment that a tester, a payer or the merchant's staff mean: by the content of its QR code, or by the
 * merchant's own id.
 */
import type { Ledger } from './ledger.ts';
import type { Payment } from './payment.ts';

/** Set either `qrContent` or `merchantPaymentId`. */
export interface PaymentSelector {
  /** Content of the QR code: the code's url, its deeplink, or the codeId itself. */
  readonly qrContent?: string;
  readonly merchantPaymentId?: string;
  /** Required only when several PayPay merchants used the same merchantPaymentId. */
  readonly merchantId?: string;
}

export type FoundPayment =
  | { readonly isAccepted: true; readonly payment: Payment }
  | {
      readonly isAccepted: false;
      readonly reason: 'code_not_found' | 'ambiguous';
      readonly message: string;
    };

const CODE_ID = /04-[A-Za-z0-9]{16}/;

/** Finds one payment. */
export function findPayment(ledger: Ledger, selector: PaymentSelector, now: number): FoundPayment {
  if (selector.qrContent !== undefined) {
    const codeId = CODE_ID.exec(selector.qrContent)?.[0];
    const payment = codeId === undefined ? undefined : ledger.findByCode(codeId, now);
    return payment
      ? { isAccepted: true, payment }
      : notFound('No code has this content. Send the complete url of a code.');
  }
  const matches = ledger
    .list(now)
    .filter((candidate) => candidate.merchantPaymentId === selector.merchantPaymentId)
    .filter((candidate) => selector.merchantId === undefined || candidate.merchantId === selector.merchantId);
  const [payment] = matches;
  if (!payment) {
    return notFound('No code was created with this merchant payment id.');
  }
  if (matches.length > 1) {
    const message = 'Several PayPay merchants used this merchant payment id. Select one with merchant_id.';
    return { isAccepted: false, reason: 'ambiguous', message };
  }
  return { isAccepted: true, payment };
}

function notFound(message: string): FoundPayment {
  return { isAccepted: false, reason: 'code_not_found', message };
}
