/**
 * How `pgw money check` says how much money a provider holds.
 */
import type { PaymentObservation } from '../../providers/provider.ts';

export const NOTHING_HELD = 'nothing held';

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
  const unchanged = observation.money.amount - observation.refundedAmount;
  return unchanged > 0 ? describeAmount(unchanged, observation.money.currency) : NOTHING_HELD;
}
