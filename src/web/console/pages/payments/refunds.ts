/**
 * The list of refunds.
 */
import { type Html, html } from '../../../../lib/html.ts';
import type { OperatorRefund } from '../../../../services/operator/payments/list-refunds.ts';
import { money, time } from '../../components/basics.ts';
import { pageHead, problem } from '../../components/page.ts';
import { refundBadge } from '../../components/status.ts';
import { pager, table } from '../../components/table.ts';
import type { Page } from '../../layout.ts';
import type { Language } from '../../texts/language.ts';
import { failureText } from '../../texts/payment/failures.ts';
import { statusTexts } from '../../texts/payment/statuses.ts';
import { paymentsTexts } from '../../texts/payments.ts';
import { type FilterView, listPath, renderFilter } from './filter.ts';
import { shopName } from './payment-table.ts';

export interface RefundListView {
  readonly filter: FilterView;
  readonly problem: keyof ReturnType<typeof paymentsTexts>['problems'] | undefined;
  readonly refunds: readonly OperatorRefund[];
  readonly next: string | undefined;
  readonly isFirst: boolean;
}

export function renderRefundList(view: RefundListView, language: Language): Page {
  const texts = paymentsTexts(language);
  const { filter, refunds, next, isFirst } = view;
  const { form } = filter;
  const main = html`${pageHead({ title: texts.refundsTitle, below: form.from === '' && form.to === '' ? undefined : texts.zone(filter.timeZone) })}
${renderFilter(filter, language)}
${view.problem && problem(texts.problems[view.problem])}
${table({
  caption: texts.refundsCaption,
  columns: [
    { label: texts.created },
    { label: texts.shopColumn },
    { label: texts.order },
    { label: texts.amount, isNumber: true },
    { label: texts.method },
    { label: texts.status, onPhone: 'side' },
    { label: texts.requestedBy },
    { label: texts.why, onPhone: 'wide' },
  ],
  rows: refunds.map((refund) => row(refund, language)),
  empty: texts.refundsEmpty,
})}
${pager({
  label: texts.pages,
  first: isFirst ? undefined : { label: texts.first, href: listPath('/refunds', form) },
  next:
    next === undefined ? undefined : { label: texts.next, href: listPath('/refunds', form, { after: next }) },
})}`;
  return { title: texts.refundsTitle, main, width: 'wide' };
}

function row(found: OperatorRefund, language: Language): (Html | string)[] {
  const { refund, merchantRefId, timeZone } = found;
  const { methods, origin } = paymentsTexts(language);
  return [
    html`<a href="/payments/${refund.intentId}#${refund.id}">${time(refund.createdAt, timeZone)}</a>`,
    shopName(found, language),
    html`<span class="order">${merchantRefId}</span>`,
    money(refund.money.amount, refund.money.currency, language),
    refund.method === 'cash' ? methods.cash : methods.qr_mpm,
    refundBadge(refund.status, language),
    origin[refund.origin],
    whyOf(found, language),
  ];
}

/** Why it is pending or has failed; otherwise what whoever made it wrote. */
function whyOf({ refund }: OperatorRefund, language: Language): string {
  const pending = refund.pendingReason && statusTexts(language).pendingReasons[refund.pendingReason];
  const failure = refund.failure && failureText(refund.failure, language);
  return pending ?? failure ?? refund.description ?? '–';
}
