/**
 * The filter above the lists of payments and of refunds, and the addresses of filtered lists.
 */
import type { PaymentIntentStatus } from '../../../../domain/payment.ts';
import type { RefundStatus } from '../../../../domain/refunds/refund.ts';
import { addDays } from '../../../../lib/date-time.ts';
import { type Html, html } from '../../../../lib/html.ts';
import { filterForm, input, type Option, select } from '../../components/forms.ts';
import { choices } from '../../components/page.ts';
import type { Language } from '../../texts/language.ts';
import { statusTexts } from '../../texts/payment/statuses.ts';
import { paymentsTexts } from '../../texts/payments.ts';

export const PAYMENT_STATUSES = [
  'succeeded',
  'requires_payment_method',
  'requires_action',
  'processing',
  'cancelled',
  'expired',
] as const satisfies readonly PaymentIntentStatus[];

export const REFUND_STATUSES = ['pending', 'failed', 'succeeded'] as const satisfies readonly RefundStatus[];

/** The fields of the filter, as they were entered; empty: not filtered. */
export interface FilterForm {
  readonly shop: string;
  readonly status: string;
  readonly method: string;
  readonly by: 'created' | 'paid';
  readonly from: string;
  readonly to: string;
}

/** A merchant or store that the operator can choose. */
export interface ShopOption {
  readonly value: string;
  readonly label: string;
}

export interface FilterView {
  readonly list: 'payments' | 'refunds';
  readonly form: FilterForm;
  readonly shops: readonly ShopOption[];
  /** Whether there are more shops than are listed. */
  readonly hasMoreShops: boolean;
  /** Today in the time zone of the days. */
  readonly today: string;
  readonly timeZone: string;
}

/** More are chosen by typing, not from a list. */
const MOST_IN_SELECT = 40;

/** What a form sends for a merchant or a store. */
export function shopValue(merchantId: string, storeId: string | undefined): string {
  return [merchantId, storeId]
    .filter((id) => id !== undefined)
    .map(encodeURIComponent)
    .join('/');
}

/** The address of a list with this filter. Fields that filter nothing are left out. */
export function listPath(
  path: '/payments' | '/payments/export' | '/refunds',
  form: Partial<FilterForm>,
  more: Readonly<Record<string, string>> = {},
): string {
  const fields = { ...form, by: form.by === 'paid' ? 'paid' : '', ...more };
  const query = new URLSearchParams(Object.entries(fields).filter(([, value]) => value !== ''));
  return query.size === 0 ? path : `${path}?${query.toString()}`;
}

export function renderFilter(view: FilterView, language: Language): Html {
  const texts = paymentsTexts(language);
  const { form, list } = view;
  const isPayments = list === 'payments';
  const fields = html`${renderShops(view, language)}
${select({ name: 'status', label: texts.status, value: form.status, options: statusOptions(list, language) })}
${isPayments && select({ name: 'method', label: texts.method, value: form.method, options: methodOptions(language) })}
${input({ name: 'from', label: texts.from, type: 'date', value: form.from })}
${input({ name: 'to', label: texts.to, type: 'date', value: form.to })}
${
  isPayments &&
  select({
    name: 'by',
    label: texts.by,
    value: form.by,
    options: [
      { value: 'created', label: texts.byCreated },
      { value: 'paid', label: texts.byPaid },
    ],
  })
}`;
  const isFiltered = [form.shop, form.status, form.method, form.from, form.to].some((value) => value !== '');
  return html`${renderDays(view, language)}
${filterForm({ action: `/${list}`, fields, isFiltered, label: texts.filter }, language)}`;
}

/** Links to the periods that are wanted most. */
function renderDays({ list, form, today }: FilterView, language: Language): Html {
  const texts = paymentsTexts(language);
  const yesterday = addDays(today, -1);
  const choice = (label: string, from: string, to: string) => ({
    label,
    href: listPath(`/${list}`, { ...form, from, to }),
    isCurrent: form.from === from && (form.to || form.from) === to,
  });
  return choices(texts.days, [
    choice(texts.allDays, '', ''),
    choice(texts.today, today, today),
    choice(texts.yesterday, yesterday, yesterday),
    choice(texts.last7, addDays(today, -6), today),
  ]);
}

/** A few shops are chosen from a list, many by typing. */
function renderShops({ form, shops, hasMoreShops }: FilterView, language: Language): Html {
  const texts = paymentsTexts(language);
  if (shops.length <= MOST_IN_SELECT && !hasMoreShops) {
    const options = [{ value: '', label: texts.allShops }, ...shops];
    return select({ name: 'shop', label: texts.shop, value: form.shop, options });
  }
  return html`<label class="field"><span>${texts.shop}</span>
<input type="text" name="shop" value="${form.shop}" list="shops" maxlength="400" autocomplete="off" placeholder="${texts.shopHint}">
<datalist id="shops">${shops.map(({ value, label }) => html`<option value="${value}">${label}</option>`)}</datalist></label>`;
}

function statusOptions(list: FilterView['list'], language: Language): Option[] {
  const texts = statusTexts(language);
  const options =
    list === 'payments'
      ? PAYMENT_STATUSES.map((value) => ({ value, label: texts.phases[value].label }))
      : REFUND_STATUSES.map((value) => ({ value, label: texts.refunds[value] }));
  return [{ value: '', label: paymentsTexts(language).anyStatus }, ...options];
}

function methodOptions(language: Language): Option[] {
  const { anyMethod, methods } = paymentsTexts(language);
  return [
    { value: '', label: anyMethod },
    { value: 'qr_mpm', label: methods.qr_mpm },
    { value: 'cash', label: methods.cash },
  ];
}
