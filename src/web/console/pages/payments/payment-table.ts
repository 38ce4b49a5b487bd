/**
 * The table of payments: on the list, on the start page, and among what a search has found.
 */
import { type Html, html } from '../../../../lib/html.ts';
import type { OperatorPayment } from '../../../../services/operator/payments/list-payments.ts';
import { money, time } from '../../components/basics.ts';
import { paymentBadge } from '../../components/status.ts';
import { type Column, table } from '../../components/table.ts';
import type { Language } from '../../texts/language.ts';
import { paymentsTexts } from '../../texts/payments.ts';

export interface PaymentTableView {
  readonly caption: string;
  readonly empty: string;
  readonly payments: readonly OperatorPayment[];
  /** Which time is shown. */
  readonly by: 'created' | 'paid';
}

export function paymentTable({ caption, empty, payments, by }: PaymentTableView, language: Language): Html {
  const texts = paymentsTexts(language);
  const columns: Column[] = [
    { label: by === 'paid' ? texts.paid : texts.created },
    { label: texts.shopColumn },
    { label: texts.order },
    { label: texts.amount, isNumber: true },
    { label: texts.method },
    { label: texts.status, onPhone: 'side' },
    { label: texts.refunded, isNumber: true },
  ];
  return table({ caption, columns, empty, rows: payments.map((payment) => row(payment, by, language)) });
}

function row(payment: OperatorPayment, by: 'created' | 'paid', language: Language): (Html | string)[] {
  const { intent, timeZone } = payment;
  const at = (by === 'paid' ? intent.succeededAt : undefined) ?? intent.createdAt;
  const method = intent.paymentMethodType;
  return [
    html`<a href="/payments/${intent.id}">${time(at, timeZone)}</a>`,
    shopName(payment, language),
    html`<span class="order">${intent.merchantRefId}</span>`,
    money(intent.amount, intent.currency, language),
    method === undefined ? '–' : paymentsTexts(language).methods[method],
    paymentBadge(intent, language),
    intent.amountRefunded === 0 ? '–' : money(intent.amountRefunded, intent.currency, language),
  ];
}

/** The store, with its merchant below. */
export function shopName(
  { merchantName, storeName }: { readonly merchantName: string; readonly storeName: string | undefined },
  language: Language,
): Html {
  const name = storeName ?? paymentsTexts(language).noStore;
  return html`<span class="shop">${name} <small class="faint">${merchantName}</small></span>`;
}
