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

export function needsVerification({ amount, currency }: Money): boolean {
  return amount > VERIFIED_ABOVE * 10 ** currencyDigits(currency);
}
