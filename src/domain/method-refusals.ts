/**
 * The refusals of payment methods: of a create whose methods cannot be paid in its currency, and of a confirm whose method the
 * PaymentIntent does not allow, or the provider cannot carry out.
 */
import { type DomainError, invalidField } from './errors.ts';
import type { PaymentIntent, PaymentMethodType } from './payment.ts';

const FIELD = 'payment_method_type';

export function methodNotAllowed({ paymentMethodTypes: allowed }: PaymentIntent): DomainError {
  const message = `Payment method type must be one of those of the PaymentIntent: ${allowed.join(', ')}`;
  return invalidField(FIELD, 'enum', message, { allowed: [...allowed] });
}

/** @param carriedOut the methods that the provider carries out */
export function methodUnsupported(
  type: PaymentMethodType,
  carriedOut: readonly PaymentMethodType[],
): DomainError {
  const why = type === 'cash' ? 'cash is captured, never confirmed' : 'the provider does not carry it out';
  const message = `Payment method type ${type} cannot be confirmed: ${why}`;
  return invalidField(FIELD, 'unsupported', message, { allowed: [...carriedOut] });
}

/** No provider takes the currency, and cash, which staff take in any, is not among the methods. */
export function currencyUnsupported(currency: string, types: readonly PaymentMethodType[]): DomainError {
  const message = `Currency ${currency} cannot be paid with ${types.join(' or ')}: use another currency, or add cash to payment_method_types`;
  return invalidField('currency', 'unsupported', message);
}
