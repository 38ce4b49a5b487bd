/**
 * ISO 4217 currency codes and their minor units. Not taken from `Intl`: its list lacks funds and metals, and its
 * decimals are those of everyday use, not of the standard.
 */
import { data } from 'currency-codes';

const DEFAULT_DIGITS = 2;
/** Withdrawn in 2024, still accepted for compatibility. */
const WITHDRAWN: readonly [code: string, digits: number][] = [
  ['SLL', DEFAULT_DIGITS],
  ['ZWL', DEFAULT_DIGITS],
];

const DIGITS: ReadonlyMap<string, number> = new Map([
  ...data.map(({ code, digits }) => [code, digits] as const),
  ...WITHDRAWN,
]);

/** Whether `code` is an accepted currency code, in upper case. */
export function isCurrency(code: string): boolean {
  return DIGITS.has(code);
}

/** Number of decimals of a currency's major unit: 0 for JPY, 2 for USD. 2 for an unknown code. */
export function currencyDigits(code: string): number {
  return DIGITS.get(code) ?? DEFAULT_DIGITS;
}
