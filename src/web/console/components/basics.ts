/**
 * Small parts that most pages are made of: status, amount, time, id, panel, facts.
 */
import { currencyDigits } from '../../../lib/currencies.ts';
import { localDateTimeOf } from '../../../lib/date-time.ts';
import { type Html, html } from '../../../lib/html.ts';
import type { Language } from '../texts/language.ts';
import { icon } from './icons.ts';

/** How a status looks: it is well, it is in progress, it needs somebody, or it is over. */
export type Tone = 'good' | 'waiting' | 'bad' | 'ended';

/** The zone of times that belong to no store. */
export const TIME_ZONE = 'Asia/Tokyo';

/** A status: a word, and an icon for those who do not see its colour. */
export function badge(label: string, tone: Tone): Html {
  return html`<span class="badge ${tone}">${icon(tone)}${label}</span>`;
}

/** @param amount in the smallest unit of the currency */
export function money(amount: number, currency: string, language: Language): Html {
  return html`<span class="money">${moneyText(amount, currency, language)}</span>`;
}

/** The same without markup, for labels. */
export function moneyText(amount: number, currency: string, language: Language): string {
  const digits = currencyDigits(currency);
  const format = new Intl.NumberFormat(language === 'ja' ? 'ja-JP' : 'en-US', {
    style: 'currency',
    currency,
    currencyDisplay: 'narrowSymbol',
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  // The full-width sign that Intl writes in Japanese leaves a gap before the digits.
  return format.format(amount / 10 ** digits).replace('￥', '¥');
}

/** Date and time to the second, in the time zone of a store or in Japan's. */
export function time(at: Date, timeZone = TIME_ZONE): Html {
  return html`<time datetime="${at.toISOString()}" title="${timeZone}">${localDateTimeOf(at, timeZone)}</time>`;
}

/** An id or another text that is copied rather than read. */
export function idText(id: string): Html {
  return html`<code class="id">${id}</code>`;
}

/** A part of a page under a heading; `side` stands at the end of the heading's line. */
export function panel(title: string, content: Html, side?: Html): Html {
  return html`<section class="panel"><div class="panel-head"><h2>${title}</h2>${side ?? ''}</div>${content}</section>`;
}

export interface Fact {
  readonly label: string;
  readonly value: Html | string;
}

/** What is known about an object: labels and values. */
export function facts(list: readonly Fact[]): Html {
  return html`<dl class="facts">${list.map(({ label, value }) => html`<div><dt>${label}</dt><dd>${value}</dd></div>`)}</dl>`;
}
