/**
 * The start page: the search, today's figures, what needs somebody, and the newest payments.
 */
import type { PaymentIntentStatus } from '../../../../domain/payment.ts';
import { type Html, html } from '../../../../lib/html.ts';
import type { StatusSum } from '../../../../services/operator/payments/list-payments.ts';
import type { Overview } from '../../../../services/operator/payments/overview.ts';
import { badge, money, panel } from '../../components/basics.ts';
import { icon } from '../../components/icons.ts';
import { type Figure, figures, pageHead } from '../../components/page.ts';
import type { Page } from '../../layout.ts';
import { homeTexts } from '../../texts/home.ts';
import type { Language } from '../../texts/language.ts';
import { listPath } from './filter.ts';
import { totalOf } from './list.ts';
import { paymentTable } from './payment-table.ts';
import { searchForm } from './search-form.ts';

const OPEN: ReadonlySet<PaymentIntentStatus> = new Set([
  'requires_payment_method',
  'requires_action',
  'processing',
]);
/** The gateway's payments are in yen but for cash in other currencies. */
const MAIN_CURRENCY = 'JPY';
/** Where the database stops counting. */
const MOST_COUNTED = 1_000;

export function renderHome(overview: Overview, language: Language): Page {
  const texts = homeTexts(language);
  const { day, newest } = overview;
  const payments = paymentTable(
    { caption: texts.newest, empty: texts.noPayments, payments: newest, by: 'created' },
    language,
  );
  const main = html`${searchForm('', language)}
${pageHead({ title: texts.title, below: texts.day(day) })}
${figures(figuresOf(overview, language))}
${panel(texts.needs, renderNeeds(overview, language))}
${panel(texts.newest, payments, html`<a href="/payments">${texts.all}</a>`)}`;
  return { title: texts.title, main, width: 'wide' };
}

function figuresOf({ day, created, paid, refunds }: Overview, language: Language): Figure[] {
  const texts = homeTexts(language);
  const count = (sums: readonly StatusSum[]) => counted(totalOf(sums).count);
  const open = created.filter(({ status }) => OPEN.has(status));
  const ended = created.filter(({ status }) => status === 'cancelled' || status === 'expired');
  const currencies = [...new Set([MAIN_CURRENCY, ...paid.map(({ currency }) => currency)])];
  const amounts = currencies.flatMap((currency) => {
    const { captured, refunded } = totalOf(paid.filter((sum) => sum.currency === currency));
    return [
      { label: texts.captured, value: money(captured, currency, language) },
      { label: texts.refunded, value: money(refunded, currency, language) },
      { label: texts.net, value: money(captured - refunded, currency, language) },
    ];
  });
  const today = { from: day, to: day };
  return [
    {
      label: texts.payments,
      value: count(created),
      below: texts.paid(count(paid), count(open)),
      href: listPath('/payments', today),
    },
    ...amounts,
    { label: texts.unpaid, value: count(ended) },
    {
      label: texts.pendingRefunds,
      value: counted(refunds.pending),
      href: listPath('/refunds', { status: 'pending' }),
      tone: refunds.old > 0 ? 'waiting' : undefined,
    },
  ];
}

function renderNeeds({ refunds, endpoints, orphaned = 0 }: Overview, language: Language): Html {
  const texts = homeTexts(language);
  const needs = [
    refunds.old > 0 &&
      need(texts.oldRefunds(counted(refunds.old)), listPath('/refunds', { status: 'pending' })),
    refunds.failed > 0 &&
      need(texts.failedRefunds(counted(refunds.failed)), listPath('/refunds', { status: 'failed' })),
    orphaned > 0 && need(texts.orphaned(counted(orphaned)), '/inbox'),
    ...endpoints.map(({ id, url, merchantId, status }) =>
      need(
        status === 'disabled' ? texts.disabled : texts.failing,
        `/endpoints/${id}`,
        html`${url} <small class="faint">${merchantId}</small>`,
      ),
    ),
  ].filter((each) => each !== false);
  return needs.length === 0
    ? html`<p class="empty">${badge(texts.nothing, 'good')}</p>`
    : html`<ul class="needs">${needs}</ul>`;
}

function need(text: string, href: string, more?: Html): Html {
  return html`<li>${icon('bad')}<a href="${href}">${text}</a>${more && html`<span class="more">${more}</span>`}</li>`;
}

function counted(count: number): string {
  return count === MOST_COUNTED ? `${count.toLocaleString('en-US')}+` : count.toLocaleString('en-US');
}
