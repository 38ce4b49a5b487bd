/**
 * The attempts of a payment, newest first.
 */
import type { AttemptStatus, PaymentAttempt } from '../../../../domain/payment.ts';
import { type Html, html } from '../../../../lib/html.ts';
import { badge, facts, type Tone, time } from '../../components/basics.ts';
import { copyId } from '../../components/copy.ts';
import type { Language } from '../../texts/language.ts';
import { failureText } from '../../texts/payment/failures.ts';
import { paymentTexts } from '../../texts/payment/page.ts';
import { statusTexts } from '../../texts/payment/statuses.ts';
import type { PaymentView } from './view.ts';

export const ATTEMPT_TONES: Readonly<Record<AttemptStatus, Tone>> = {
  creating: 'waiting',
  live: 'waiting',
  closing: 'waiting',
  abandoning: 'waiting',
  succeeded: 'good',
  failed: 'bad',
  lapsed: 'ended',
  abandoned: 'ended',
};

/** More are in the timeline. */
const SHOWN = 20;

export function renderAttempts(view: PaymentView, language: Language): Html {
  const { attempts } = view.payment;
  if (attempts.length === 0) {
    return html`<p class="empty">${paymentTexts(language).noAttempts}</p>`;
  }
  const newest = attempts.slice(-SHOWN).reverse();
  return html`<ol class="attempts">${newest.map((attempt) => html`<li>${renderAttempt(attempt, view, language)}</li>`)}</ol>`;
}

function renderAttempt(attempt: PaymentAttempt, view: PaymentView, language: Language): Html {
  const texts = paymentTexts(language);
  const { timeZone } = view;
  const requestIds = view.requestIds.get(attempt.id) ?? [];
  const { failure, endedAt, checkedAt, nextCheckAt } = attempt;
  return html`<div class="attempt-head">${copyId(attempt.id, language)} ${badge(
    statusTexts(language).attempts[attempt.status],
    ATTEMPT_TONES[attempt.status],
  )}</div>
${failure && html`<p class="attempt-failure">${failureText(failure, language)}</p>`}
${facts([
  {
    label: texts.labels.payPayNumber,
    value: attempt.providerPaymentId ? copyId(attempt.providerPaymentId, language) : texts.none,
  },
  { label: texts.begun, value: time(attempt.createdAt, timeZone) },
  ...(endedAt ? [{ label: texts.ended, value: time(endedAt, timeZone) }] : []),
  ...(checkedAt ? [{ label: texts.checked, value: time(checkedAt, timeZone) }] : []),
  ...(nextCheckAt ? [{ label: texts.nextCheck, value: time(nextCheckAt, timeZone) }] : []),
  ...(requestIds.length > 0
    ? [{ label: texts.payPayRequests, value: html`${requestIds.map((id) => copyId(id, language))}` }]
    : []),
])}`;
}
