/**
 * ISO 4217 currency codes and their minor units. Not from `Intl`, whose list leaves out funds and metals and whose
 * decimals are those of everyday use instead of the standard's.
 */
import { data } from 'currency-codes';

const DEFAULT_DIGITS = 2;
/** Withdrawn in 2024. Still accepted because the API has accepted them; both have two decimals. */
const WITHDRAWN: readonly [code: string, digits: number][] = [
  ['SLL', DEFAULT_DIGITS],
  ['ZWL', DEFAULT_DIGITS],
];

const DIGITS: ReadonlyMap<string, number> = new Map([
  ...data.map(({ code, digits }) => [code, digits] as const),
  ...WITHDRAWN,
]);

/** Whether this is a currency code, in upper case. */
export function isCurrency(code: string): boolean {
  return DIGITS.has(code);
}

/** Number of decimals of a currency's major unit: 0 for JPY, 2 for USD. 2 for an unknown code. */
export function currencyDigits(code: string): number {
  return DIGITS.get(code) ?? DEFAULT_DIGITS;
}
