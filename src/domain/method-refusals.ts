/**
 * The refusals of a confirm whose payment method the PaymentIntent does not allow, or the provider cannot carry out.
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
