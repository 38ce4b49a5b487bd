/**
 * Formats amounts for a locale, and times for a locale and the shop's time zone.
 */
import type { Money } from '../../domain/payment.ts';
import { currencyDigits } from '../../lib/currencies.ts';
import type { Texts } from './texts/types.ts';

/** A formatted amount, also in parts, so that the page can show the number larger than the currency. */
export interface FormattedAmount {
  readonly text: string;
  readonly parts: readonly { readonly isNumber: boolean; readonly value: string }[];
}

/** `1,000円` in Japanese, `¥1,000` in English. ISO 4217 gives the number of decimals, as it does for the amount's unit. */
export function formatAmount({ amount, currency }: Money, { locale }: Texts): FormattedAmount {
  const digits = currencyDigits(currency);
  const format = new Intl.NumberFormat(locale, {
    style: 'currency',
    currency,
    currencyDisplay: locale.startsWith('ja') ? 'name' : 'narrowSymbol',
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  const parts = format.formatToParts(amount / 10 ** digits).map(({ type, value }) => ({
    isNumber: type !== 'currency' && type !== 'literal',
    value,
  }));
  return { text: parts.map(({ value }) => value).join(''), parts };
}

/** Date and time, for a receipt. */
export function formatMoment(moment: Date, { locale }: Texts, timeZone: string): string {
  const options: Intl.DateTimeFormatOptions = { dateStyle: 'long', timeStyle: 'short', timeZone };
  return new Intl.DateTimeFormat(locale, options).format(moment);
}

/** The time of day, for a deadline within minutes. */
export function formatTime(moment: Date, { locale }: Texts, timeZone: string): string {
  return new Intl.DateTimeFormat(locale, {
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZone,
  }).format(moment);
}
