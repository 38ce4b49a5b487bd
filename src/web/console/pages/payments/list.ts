/**
 * The list of payments with its sums and its export.
 */
import { type Html, html } from '../../../../lib/html.ts';
import type { OperatorPayment, StatusSum } from '../../../../services/operator/payments/list-payments.ts';
import { money, panel } from '../../components/basics.ts';
import { select } from '../../components/forms.ts';
import { figures, hint, pageHead, problem } from '../../components/page.ts';
import { statusBadge } from '../../components/status.ts';
import { pager, table } from '../../components/table.ts';
import type { Page } from '../../layout.ts';
import type { Language } from '../../texts/language.ts';
import { paymentsTexts } from '../../texts/payments.ts';
import { type FilterView, listPath, PAYMENT_STATUSES, renderFilter } from './filter.ts';
import { paymentTable } from './payment-table.ts';

export interface PaymentListView {
  readonly filter: FilterView;
  readonly problem: keyof ReturnType<typeof paymentsTexts>['problems'] | undefined;
  readonly payments: readonly OperatorPayment[];
  /** The payment after which the next page begins. */
  readonly next: string | undefined;
  readonly isFirst: boolean;
  /** `none`: no days were given; `long`: too many. */
  readonly sums: readonly StatusSum[] | 'none' | 'long';
  /** Names the export on whose progress the page reports; undefined: the operator may not export. */
  readonly exportId: string | undefined;
}

export function renderPaymentList(view: PaymentListView, language: Language): Page {
  const texts = paymentsTexts(language);
  const { filter, payments, next, isFirst } = view;
  const { form } = filter;
  const hasDays = form.from !== '' || form.to !== '';
  const main = html`${pageHead({ title: texts.title, below: hasDays ? texts.zone(filter.timeZone) : undefined })}
${renderFilter(filter, language)}
${view.problem && problem(texts.problems[view.problem])}
${form.method !== '' && !hasDays && hint(texts.methodNeedsDays)}
${renderSums(view, language)}
${paymentTable({ caption: texts.caption, empty: texts.empty, payments, by: form.by }, language)}
${pager({
  label: texts.pages,
  first: isFirst ? undefined : { label: texts.first, href: listPath('/payments', form) },
  next:
    next === undefined
      ? undefined
      : { label: texts.next, href: listPath('/payments', form, { after: next }) },
})}
${view.exportId !== undefined && view.problem === undefined && renderExport(view.exportId, view, language)}`;
  return { title: texts.title, main, width: 'wide' };
}

function renderSums({ sums, problem: fault }: PaymentListView, language: Language): Html | undefined {
  const texts = paymentsTexts(language);
  if (fault) {
    return undefined;
  }
  if (sums === 'none' || sums === 'long') {
    return hint(sums === 'none' ? texts.sumsNeedDays : texts.sumsTooLong);
  }
  const currencies = [...new Set(sums.map(({ currency }) => currency))];
  const shown = currencies.map((currency) => renderCurrency(currency, sums, language));
  return sums.length === 0 ? undefined : panel(texts.sums, html`${shown}`);
}

function renderCurrency(currency: string, sums: readonly StatusSum[], language: Language): Html {
  const texts = paymentsTexts(language);
  const own = PAYMENT_STATUSES.flatMap((status) =>
    sums.filter((sum) => sum.currency === currency && sum.status === status),
  );
  const { count, captured, refunded } = totalOf(own);
  const amount = (value: number) => money(value, currency, language);
  const rows = own.map((sum) => [
    statusBadge(sum.status, language),
    sum.count.toLocaleString('en-US'),
    amount(sum.amount),
    amount(sum.captured),
    amount(sum.refunded),
  ]);
  return html`${figures([
    { label: texts.sumCount, value: count.toLocaleString('en-US') },
    { label: texts.sumCaptured, value: amount(captured) },
    { label: texts.sumRefunded, value: amount(refunded) },
    { label: texts.sumNet, value: amount(captured - refunded) },
  ])}
${
  rows.length > 1 &&
  table({
    caption: `${texts.sums} (${currency})`,
    columns: [
      { label: texts.status },
      { label: texts.sumCount, isNumber: true },
      { label: texts.amount, isNumber: true },
      { label: texts.sumCaptured, isNumber: true },
      { label: texts.sumRefunded, isNumber: true },
    ],
    rows,
    empty: '',
  })
}`;
}

export function totalOf(sums: readonly StatusSum[]) {
  const add = (of: (sum: StatusSum) => number) => sums.reduce((total, sum) => total + of(sum), 0);
  return {
    count: add((sum) => sum.count),
    captured: add((sum) => sum.captured),
    refunded: add((sum) => sum.refunded),
  };
}

/** Without script the file is simply downloaded; with it the page counts the rows. */
function renderExport(exportId: string, { filter: { form } }: PaymentListView, language: Language): Html {
  const texts = paymentsTexts(language);
  const fields = Object.entries(form).filter(([, value]) => value !== '');
  const charset = select({
    name: 'charset',
    label: texts.charset,
    options: [
      { value: 'utf-8', label: 'UTF-8 (BOM)' },
      { value: 'shift_jis', label: 'Shift_JIS' },
    ],
  });
  return panel(
    texts.export,
    html`<p class="hint">${texts.exportHint}</p>
<form class="filters" action="/payments/export" data-export data-exporting="${texts.exporting}" data-exported="${texts.exported}" data-failed="${texts.exportFailed}" data-rows="${texts.rows}">
${fields.map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
<input type="hidden" name="export" value="${exportId}">
${charset}<div class="buttons"><button class="plain">${texts.download}</button><output aria-live="polite"></output></div></form>`,
  );
}
