/**
 * Small parts that most pages are made of: status, amount, time, id, panel, facts.
 */
import { currencyDigits } from '../../../lib/currencies.ts';
import { localDateTimeOf } from '../../../lib/date-time.ts';
import { type Html, html } from '../../../lib/html.ts';
import type { Language } from '../texts/language.ts';

/** How a status looks: it is well, it is in progress, it needs somebody, or it is over. */
export type Tone = 'good' | 'waiting' | 'bad' | 'ended';

/** The zone of times that belong to no store. */
const TIME_ZONE = 'Asia/Tokyo';

export function badge(label: string, tone: Tone): Html {
  return html`<span class="badge ${tone}">${label}</span>`;
}

/** @param amount in the smallest unit of the currency */
export function money(amount: number, currency: string, language: Language): Html {
  const digits = currencyDigits(currency);
  const format = new Intl.NumberFormat(language === 'ja' ? 'ja-JP' : 'en-US', {
    style: 'currency',
    currency,
    currencyDisplay: 'narrowSymbol',
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  return html`<span class="money">${format.format(amount / 10 ** digits)}</span>`;
}

/** Date and time to the second, in the time zone of a store or in Japan's. */
export function time(at: Date, timeZone = TIME_ZONE): Html {
  return html`<time datetime="${at.toISOString()}" title="${timeZone}">${localDateTimeOf(at, timeZone)}</time>`;
}

/** An id or another text that is copied rather than read. */
export function idText(id: string): Html {
  return html`<code class="id">${id}</code>`;
}

export function panel(title: string, content: Html, side?: Html): Html {
  return html`<section class="panel"><div class="panel-head"><h2>${title}</h2>${side ?? ''}</div>${content}</section>`;
}

export interface Fact {
  readonly label: string;
  readonly value: Html | string;
}

export function facts(list: readonly Fact[]): Html {
  return html`<dl class="facts">${list.map(({ label, value }) => html`<div><dt>${label}</dt><dd>${value}</dd></div>`)}</dl>`;
}
