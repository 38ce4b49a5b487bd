/**
 * What somebody means who types into the search box: an id, a number, an amount and a day, or any other text.
 */
import { addDays, localDayOf, parseDay } from '../../../lib/date-time.ts';
import { type IdPrefix, isId } from '../../../lib/ids.ts';

/** Of amounts and days that people name; PayPay is in Japan. */
export const SEARCH_ZONE = 'Asia/Tokyo';

export interface SearchTerm {
  /** As it was typed. */
  readonly raw: string;
  /** With full-width characters made ordinary, and single spaces. */
  readonly text: string;
  /** The id that the text is. */
  readonly id: { readonly prefix: IdPrefix; readonly value: string } | undefined;
  readonly apiKey: string | undefined;
  readonly requestId: string | undefined;
  /** One word, which may be PayPay's number of a payment. */
  readonly number: string | undefined;
  readonly amount: { readonly amount: number; readonly day: string } | undefined;
}

const MAX_LENGTH = 200;
const PREFIXES: readonly IdPrefix[] = ['pi', 'pa', 're', 'evt', 'we', 'wd', 'op'];
const AMOUNT = /^¥?(\d{1,3}(?:,\d{3})+|\d{1,11})(?:円|yen|jpy)?$/i;
/** An amount that cannot be anything else, and so needs no day. */
const MARKED_AMOUNT = /^¥|円$|yen$|jpy$|,/i;
const FIRST_YEAR = '2000';
const LAST_YEAR = '9999';
const TODAY = /^(今日|本日|きょう|today)$/i;
const YESTERDAY = /^(昨日|きのう|yesterday)$/i;

/** @param now today is the day of this time in Japan. @returns undefined when there is nothing to search for */
export function readSearch(typed: string, now: Date): SearchTerm | undefined {
  // NUL and half a surrogate pair are in nothing that is stored.
  const raw = typed.toWellFormed().replaceAll('\0', '').slice(0, MAX_LENGTH).trim();
  const text = raw.normalize('NFKC').replace(/\s+/g, ' ').trim();
  if (text === '') {
    return undefined;
  }
  const prefix = PREFIXES.find((each) => text.toLowerCase().startsWith(`${each}_`));
  const value = prefix && `${prefix}_${text.slice(prefix.length + 1).toUpperCase()}`;
  return {
    raw,
    text,
    id: prefix && value !== undefined && isId(prefix, value) ? { prefix, value } : undefined,
    apiKey: /^ak_[A-Za-z0-9_]{1,64}$/.test(text) ? text : undefined,
    requestId: /^req_[\w-]{1,64}$/.test(text) ? text : undefined,
    number: /^\S{6,64}$/.test(text) ? text : undefined,
    amount: readAmount(text, localDayOf(now, SEARCH_ZONE)),
  };
}

/** An amount and a day in any order; an amount of which it is clear that it is one is of today. */
function readAmount(text: string, today: string): SearchTerm['amount'] {
  const words = text.split(' ');
  const [first = '', second] = words;
  if (words.length === 1 && MARKED_AMOUNT.test(first)) {
    return amountOn(first, today);
  }
  if (words.length !== 2 || second === undefined) {
    return undefined;
  }
  return amountOn(first, readDay(second, today)) ?? amountOn(second, readDay(first, today));
}

function amountOn(word: string, day: string | undefined): SearchTerm['amount'] {
  const amount = Number(AMOUNT.exec(word)?.[1]?.replaceAll(',', '') ?? 0);
  return amount > 0 && day !== undefined ? { amount, day } : undefined;
}

/** A day without a year is the last one that was not in the future. */
function readDay(word: string, today: string): string | undefined {
  if (TODAY.test(word)) {
    return today;
  }
  if (YESTERDAY.test(word)) {
    return addDays(today, -1);
  }
  const match =
    /^(?:(\d{4})[-/.年])?(\d{1,2})[-/.月](\d{1,2})日?$/.exec(word) ?? /^(\d{4})(\d\d)(\d\d)$/.exec(word);
  if (!match) {
    return undefined;
  }
  const [year, month = '', day = ''] = match.slice(1);
  const monthAndDay = `${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  if (year !== undefined) {
    // Ids have no times before 1970, and the year after 9999 has five digits.
    return year >= FIRST_YEAR && year < LAST_YEAR ? parseDay(`${year}-${monthAndDay}`) : undefined;
  }
  const thisYear = Number(today.slice(0, 4));
  const candidates = [thisYear, thisYear - 1].map((each) => parseDay(`${each}-${monthAndDay}`));
  return candidates.find((each) => each !== undefined && each <= today);
}
