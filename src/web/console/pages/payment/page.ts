/**
 * The page of a payment: where it stands, its money, what was tried, what was refunded, everything that happened, and what the
 * operator can do.
 */
import { type Html, html } from '../../../../lib/html.ts';
import { badge, moneyText, panel } from '../../components/basics.ts';
import { copyId } from '../../components/copy.ts';
import { moneyBar } from '../../components/money-bar.ts';
import { columns, notice, pageHead, problem } from '../../components/page.ts';
import type { Page } from '../../layout.ts';
import type { Language } from '../../texts/language.ts';
import { actTexts } from '../../texts/payment/acts.ts';
import { paymentTexts } from '../../texts/payment/page.ts';
import { statusTexts } from '../../texts/payment/statuses.ts';
import { renderActs } from './acts.ts';
import { renderAttempts } from './attempts.ts';
import { renderFacts } from './facts.ts';
import { PHASE_TONES, phaseOf } from './phase.ts';
import { renderReadings } from './readings.ts';
import { renderRefunds } from './refunds.ts';
import { renderTimeline } from './timeline.ts';
import type { PaymentView } from './view.ts';

export function renderPaymentPage(view: PaymentView, language: Language): Page {
  const texts = paymentTexts(language);
  const { intent } = view.payment;
  const phase = phaseOf(intent, view.sums);
  const { label, meaning, next } = statusTexts(language).phases[phase];
  const title = texts.title(moneyText(intent.amount, intent.currency, language));
  const main = html`${pageHead({
    title,
    parent: { label: texts.parent, href: '/payments' },
    badge: badge(label, PHASE_TONES[phase]),
    below: copyId(intent.id, language),
  })}
${view.done && notice(actTexts(language).done[view.done])}
${view.refused && !view.acts[view.refused.act] && problem(view.refused.problem)}
${columns(
  html`${panel(texts.money, html`<p class="payment-status"><strong>${meaning}</strong> ${next}</p>${renderMoney(view, language)}`)}
${renderReadings(view, language)}
${panel(texts.facts, renderFacts(view, language))}`,
  renderActs(view, language),
)}
${panel(texts.attempts, renderAttempts(view, language))}
${panel(texts.refunds, renderRefunds(view, language))}
${renderTimeline(view, language)}`;
  return { title, main };
}

function renderMoney({ payment: { intent }, sums }: PaymentView, language: Language): Html {
  const { amount, amountCaptured: captured, currency } = intent;
  if (captured === undefined) {
    return html`<p class="faint">${paymentTexts(language).nothingTaken}</p>`;
  }
  const { succeeded: refunded, pending } = sums;
  return moneyBar({ amount, captured, refunded, pending, currency }, language);
}
