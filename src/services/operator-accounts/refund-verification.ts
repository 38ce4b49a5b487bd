/**
 * Which refunds need a fresh proof of who the operator is.
 */
import type { Money } from '../../domain/payment.ts';
import { currencyDigits } from '../../lib/currencies.ts';

/**
 * In major units of the currency. Most refunds of a shop are below it, so that staff prove themselves rarely; what somebody
 * could refund at a till that was left open stays small.
 */
const VERIFIED_ABOVE = 10_000;

/** @param refunded of one payment, with the refund that is wanted */
export function needsVerification(refunded: Money): boolean {
  return refunded.amount > VERIFIED_ABOVE * 10 ** currencyDigits(refunded.currency);
}
