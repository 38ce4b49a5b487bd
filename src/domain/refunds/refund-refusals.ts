/**
 * Why a refund is refused beforehand. Each says what the caller can do.
 */
import { DomainError, invalidField } from '../errors.ts';
import type { PaymentIntent } from '../payment.ts';
import type { RefundMethod } from './refund.ts';
import { refundsUntil } from './refund-window.ts';

/** PayPay makes at most so many refunds of a payment (PayPay help b0050). */
export const MAX_REFUNDS = 50;

export function refundNotFound(): DomainError {
  return new DomainError('not_found', 'There is no refund with this id');
}

/** @param refundId the refund that has the reference; undefined when the caller may not see it */
export function referenceTaken(refundId: string | undefined): DomainError {
  if (refundId === undefined) {
    const message =
      'A refund of another store already has this merchant_refund_ref_id: send another reference';
    return invalidField('merchant_refund_ref_id', 'unique', message);
  }
  const message = `Refund ${refundId} already has this merchant_refund_ref_id: retrieve it, or send another reference`;
  return invalidField('merchant_refund_ref_id', 'unique', message, { refund_id: refundId });
}

/** The refund cannot be made in this way. */
export function methodError(
  intent: PaymentIntent,
  method: RefundMethod,
  mayReturnInCash: boolean,
): DomainError | undefined {
  const wasCash = intent.paymentMethodType === 'cash';
  if (wasCash && method === 'provider') {
    const message =
      'This PaymentIntent was paid in cash, so it can only be refunded in cash: omit method, or send cash';
    return invalidField('method', 'unsupported', message, { allowed: ['cash'] });
  }
  if (!wasCash && method === 'cash' && !mayReturnInCash) {
    const message =
      'This PaymentIntent was paid by QR: to refund it in cash, use an API key with the scope refunds:cash';
    return new DomainError('forbidden', message, { details: { required_scope: 'refunds:cash' } });
  }
  return undefined;
}

/** More would be refunded than is left. */
export function amountError(amount: number, refundable: number): DomainError | undefined {
  if (amount >= 1 && amount <= refundable) {
    return undefined;
  }
  const message =
    refundable === 0
      ? 'Nothing is left to refund: all of the money has been refunded, or pending refunds have reserved it'
      : `Amount must be at most ${refundable}, which is what can still be refunded, pending refunds deducted`;
  return invalidField('amount', 'max_value', message, { max: refundable, amount_refundable: refundable });
}

/**
 * More than the caller may refund at once. It is forbidden and not invalid, because another key may do it; so this refusal is
 * not stored under an Idempotency-Key either.
 */
export function callerLimitError(amount: number, maxAmount: number | undefined): DomainError | undefined {
  if (maxAmount === undefined || amount <= maxAmount) {
    return undefined;
  }
  const message = `This API key refunds at most ${maxAmount} at once, and this refund is ${amount}: use a key with a higher limit`;
  const details = { reason: 'max_refund_amount', field: 'amount', constraint: 'max_value', max: maxAmount };
  return new DomainError('forbidden', message, { details });
}

export function windowError(intent: PaymentIntent): DomainError {
  const until = refundsUntil(intent)?.toISOString().replace('.000Z', 'Z') ?? '';
  const message = `The refund period of this payment ended at ${until}: return the money in cash, with method cash`;
  return invalidField('payment_intent_id', 'refund_window_exceeded', message, { refunds_until: until });
}

export function limitError(): DomainError {
  const message = `This PaymentIntent has ${MAX_REFUNDS} refunds, which is the maximum: return the rest outside the gateway`;
  return invalidField('payment_intent_id', 'refund_limit_exceeded', message, { max: MAX_REFUNDS });
}
