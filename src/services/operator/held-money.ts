/**
 * Describes the money that a provider holds, for `pgw money check`.
 */
import type { PaymentObservation } from '../../providers/provider.ts';

export const NOTHING_HELD = 'nothing held';

/** @param amount in the smallest unit of the currency */
export function describeAmount(amount: number, currency: string): string {
  return `${amount} ${currency} held`;
}

/** What the provider holds of a payment, by its own record. */
export function describeHeld(
  observation: Exclude<PaymentObservation, { kind: 'unknown' | 'unavailable' }>,
): string {
  if (observation.kind !== 'succeeded') {
    return NOTHING_HELD;
  }
  const held = observation.money.amount - observation.refundedAmount;
  return held > 0 ? describeAmount(held, observation.money.currency) : NOTHING_HELD;
}
