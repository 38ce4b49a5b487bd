/**
 * The money of a payment as a bar with numbers: what is kept and can be refunded, what is being refunded, what was refunded, and
 * what was never taken.
 */
import { type Html, html } from '../../../lib/html.ts';
import { componentTexts } from '../texts/components.ts';
import type { Language } from '../texts/language.ts';
import { moneyText } from './basics.ts';

export interface MoneyBarView {
  /** In the smallest unit of the currency, as all of them. */
  readonly amount: number;
  readonly captured: number;
  readonly refunded: number;
  /** Of refunds that have not ended. */
  readonly pending: number;
  readonly currency: string;
}

type Part = 'refundable' | 'pending' | 'refunded' | 'open';

const FULL_PERCENT = 100;

/** The bar has no markup of its own for screen readers, because the numbers below it say the same. */
export function moneyBar(view: MoneyBarView, language: Language): Html {
  const texts = componentTexts(language);
  const { amount, captured, refunded, pending, currency } = view;
  const parts: readonly (readonly [Part, number])[] = [
    ['refundable', Math.max(0, captured - refunded - pending)],
    ['pending', pending],
    ['refunded', refunded],
    ['open', Math.max(0, amount - captured)],
  ];
  const numbers: readonly (readonly [string, number, Part | undefined])[] = [
    [texts.captured, captured, undefined],
    ...parts
      .filter(([part, value]) => value > 0 || part === 'refundable')
      .map(([part, value]) => [texts.moneyParts[part], value, part] as const),
  ];
  return html`<div class="money-bar">${drawBar(parts)}
<dl>${numbers.map(
    ([label, value, part]) =>
      html`<div${part && html` class="${part}"`}><dt>${label}</dt><dd>${moneyText(value, currency, language)}</dd></div>`,
  )}</dl></div>`;
}

function drawBar(parts: readonly (readonly [Part, number])[]): Html {
  const total = Math.max(
    1,
    parts.reduce((sum, [, value]) => sum + value, 0),
  );
  let x = 0;
  const drawn = parts.map(([part, value]) => {
    const width = (value / total) * FULL_PERCENT;
    const bar =
      value > 0 && html`<rect class="${part}" x="${percent(x)}" width="${percent(width)}" height="100%"/>`;
    x += width;
    return bar;
  });
  return html`<svg class="bar" width="100%" height="12" aria-hidden="true"><defs><pattern id="hatched" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect class="hatch-back" width="6" height="6"/><rect class="hatch" width="3" height="6"/></pattern></defs>${drawn}</svg>`;
}

function percent(value: number): string {
  return `${value.toFixed(2)}%`;
}
