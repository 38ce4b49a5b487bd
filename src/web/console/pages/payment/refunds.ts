/**
 * The refunds of a payment, newest first: who made them and why, and what a pending one waits for.
 */
import type { Refund } from '../../../../domain/refunds/refund.ts';
import { type Html, html } from '../../../../lib/html.ts';
import { money, time } from '../../components/basics.ts';
import { copyId } from '../../components/copy.ts';
import { refundBadge } from '../../components/status.ts';
import { table } from '../../components/table.ts';
import type { Language } from '../../texts/language.ts';
import { failureText } from '../../texts/payment/failures.ts';
import { paymentTexts } from '../../texts/payment/page.ts';
import { statusTexts } from '../../texts/payment/statuses.ts';
import type { PaymentView } from './view.ts';

export function renderRefunds(view: PaymentView, language: Language): Html {
  const texts = paymentTexts(language);
  return table({
    caption: texts.refunds,
    columns: [
      { label: texts.refund, onPhone: 'title' },
      { label: texts.amount, isNumber: true, onPhone: 'side' },
      { label: texts.status },
      { label: texts.by },
      { label: texts.why, onPhone: 'wide' },
    ],
    rows: [...view.refunds]
      .reverse()
      .map((refund) => [
        html`<span id="${refund.id}">${copyId(refund.id, language)}</span><br><small>${time(refund.createdAt, view.timeZone)}</small>`,
        money(refund.money.amount, refund.money.currency, language),
        refundBadge(refund.status, language),
        html`<span class="refund-maker">${makerOf(refund, view, language)}</span><br><small>${texts.refundMethods[refund.method]}</small>`,
        renderWhy(refund, view, language),
      ]),
    empty: texts.noRefunds,
  });
}

function makerOf(refund: Refund, view: PaymentView, language: Language): string {
  const texts = paymentTexts(language);
  const { merchantStaffId } = refund;
  return view.refunders.get(refund.id) ?? merchantStaffId ?? texts.origins[refund.origin];
}

function renderWhy(refund: Refund, { timeZone }: PaymentView, language: Language): Html {
  const texts = paymentTexts(language);
  const { reason, returnReason, description, failure, pendingReason, nextTryAt } = refund;
  const why = returnReason ? texts.returnReasons[returnReason] : reason && texts.reasons[reason];
  const isOwnText = description !== undefined && returnReason === undefined;
  return html`${why ?? (isOwnText ? '' : texts.none)}${isOwnText && html`<br>${description}`}
${failure && html`<p class="refund-problem">${failureText(failure, language)}</p>`}
${pendingReason && html`<p class="faint">${statusTexts(language).pendingReasons[pendingReason]} ${nextTryAt && html`${texts.nextTry} ${time(nextTryAt, timeZone)}`}</p>`}`;
}
