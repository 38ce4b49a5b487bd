/**
 * Values in PayPay's responses, read with care: anything may be missing or of another type.
 */
import type { ProviderMoney } from '../provider.ts';
import { objectOf } from './transport.ts';

/** An amount of money; undefined when it is not a positive whole number with a currency. */
export function moneyOf(value: unknown): ProviderMoney | undefined {
  const { amount, currency } = objectOf(value) ?? {};
  return typeof amount === 'number' &&
    Number.isSafeInteger(amount) &&
    amount > 0 &&
    typeof currency === 'string'
    ? { amount, currency }
    : undefined;
}

/** Whether this is a time that a Date can hold. PayPay sends 0 for "no time". */
export function isEpoch(seconds: number): boolean {
  return seconds > 0 && seconds < 100_000_000_000;
}
