/**
 * What a provider holds of a payment, for `pgw money check` and the console. A refund counts once the provider has made it: while it has only
 * accepted one, it still holds the money.
 */
import type { PaymentAttempt } from '../../domain/payment.ts';
import type { Refund } from '../../domain/refunds/refund.ts';
import type { PaymentObservation } from '../../providers/provider.ts';

/** Amounts in the smallest unit of the currency. */
export interface PaymentMoney {
  readonly captured: number;
  readonly refunded: number;
  readonly currency: string;
}

export const NOTHING_HELD = 'nothing held';

/** What the provider holds of a payment, by its own record. A payment that it has cancelled was never captured. */
export function moneyIn(
  observation: Exclude<PaymentObservation, { kind: 'unknown' | 'unavailable' }>,
): PaymentMoney {
  switch (observation.kind) {
    case 'succeeded':
      return { ...moneyOf(observation.money), refunded: sumMade(observation.refunds) };
    case 'returned': {
      const { money, refunds } = observation;
      return { ...moneyOf(money), refunded: refunds.length > 0 ? sumMade(refunds) : money.amount };
    }
    default:
      return { captured: 0, refunded: 0, currency: '' };
  }
}

/** What the provider should hold of an attempt, by our records. */
export function ourMoney(attempt: PaymentAttempt, refunds: readonly Refund[]): PaymentMoney {
  return {
    captured: attempt.status === 'succeeded' ? attempt.amount : 0,
    refunded: sumAmounts(refunds.filter(({ status }) => status === 'succeeded')),
    currency: attempt.currency,
  };
}

/** Whether both records hold the same. Money that the gateway is returning may be there or not. */
export function isSameMoney(ours: PaymentMoney, theirs: PaymentMoney, refunds: readonly Refund[]): boolean {
  const returning = refunds.filter(({ origin, status }) => origin === 'gateway' && status === 'pending');
  const held = heldOf(theirs);
  return (
    held <= heldOf(ours) &&
    held >= heldOf(ours) - sumAmounts(returning) &&
    (held === 0 || theirs.currency === ours.currency)
  );
}

function sumAmounts(refunds: readonly Refund[]): number {
  return refunds.reduce((sum, { money }) => sum + money.amount, 0);
}

export function heldOf({ captured, refunded }: PaymentMoney): number {
  return Math.max(captured - refunded, 0);
}

/** In words: `600 JPY held, 400 JPY refunded`. */
export function describeMoney(money: PaymentMoney): string {
  const { refunded, currency } = money;
  const held = heldOf(money);
  return [
    held > 0 ? `${held} ${currency} held` : NOTHING_HELD,
    ...(refunded > 0 ? [`${refunded} ${currency} refunded`] : []),
  ].join(', ');
}

function moneyOf({ amount, currency }: { readonly amount: number; readonly currency: string }) {
  return { captured: amount, currency };
}

function sumMade(refunds: Extract<PaymentObservation, { kind: 'succeeded' }>['refunds']): number {
  return refunds
    .filter(({ status }) => status === 'succeeded')
    .reduce((sum, { money }) => sum + money.amount, 0);
}
