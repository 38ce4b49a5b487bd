/**
 * Reads the filter of the lists of payments and refunds from the address of the page.
 */
import { isInScope, type OperatorScope } from '../../domain/operators/grants.ts';
import { isEmpty, narrowScope } from '../../domain/operators/scope.ts';
import type { PaymentIntentStatus, PaymentMethodType } from '../../domain/payment.ts';
import type { RefundStatus } from '../../domain/refunds/refund.ts';
import { addDays, localDayOf, parseDay, startOfDay } from '../../lib/date-time.ts';
import type { PaymentPeriod } from '../../services/operator/payments/list-payments.ts';
import type { Db } from '../../store/db/query.ts';
import { DEFAULT_TIME_ZONE, findShop } from '../../store/merchants.ts';
import {
  type FilterForm,
  PAYMENT_STATUSES,
  REFUND_STATUSES,
  shopValue,
} from '../../web/console/pages/payments/filter.ts';

/** Longer periods are not listed. */
const MAX_DAYS = 366;
/** Longer periods are not summed up, and a way of payment is searched in so many days. */
export const SUMMED_DAYS = 31;
const METHODS: readonly PaymentMethodType[] = ['qr_mpm', 'cash'];

export type FilterProblem = 'day' | 'period' | 'shop' | 'status' | 'method';

export interface ReadFilter {
  /** As it was entered. */
  readonly form: FilterForm;
  /** Why nothing can be listed. */
  readonly problem: FilterProblem | undefined;
  readonly scope: OperatorScope;
  readonly period: PaymentPeriod | undefined;
  /** How many days the period has; undefined: no days were given. */
  readonly days: number | undefined;
  /** That of the store if one is chosen, otherwise Japan's. An IANA name. */
  readonly timeZone: string;
}

interface ShopChoice {
  readonly merchantId: string;
  readonly storeId: string | undefined;
}

/** @param statuses those that can be asked for */
export async function readFilter(
  db: Db,
  query: URLSearchParams,
  scope: OperatorScope,
  now: Date,
  statuses: readonly string[],
): Promise<ReadFilter> {
  const form = readForm(query);
  const shop = shopOf(form.shop);
  const found = shop && (await findShopIn(db, scope, shop));
  const timeZone = found?.timeZone ?? DEFAULT_TIME_ZONE;
  const [from, to] = [form.from || form.to, form.to || form.from];
  const problem = faultOf(form, statuses, from, to) ?? (form.shop !== '' && !found ? 'shop' : undefined);
  const common = { form, problem, scope: narrowTo(scope, form), timeZone };
  if (from !== '' && problem === undefined) {
    return { ...common, days: daysFrom(from, to), period: periodOf(form.by, from, to, timeZone) };
  }
  const today = localDayOf(now, timeZone);
  const isBounded = form.method !== '' && problem === undefined;
  const last = isBounded ? periodOf('created', addDays(today, 1 - SUMMED_DAYS), today, timeZone) : undefined;
  return { ...common, days: undefined, period: last };
}

/** What of a scope belongs to the chosen shop; all of it, if none is chosen. */
export function narrowTo(scope: OperatorScope, form: FilterForm): OperatorScope {
  const shop = shopOf(form.shop);
  return shop ? narrowScope(scope, shop.merchantId, shop.storeId) : scope;
}

function readForm(query: URLSearchParams): FilterForm {
  const text = (name: string) => (query.get(name) ?? '').trim().slice(0, 400);
  const merchant = text('merchant');
  const shop = merchant === '' ? text('shop') : shopValue(merchant, text('store') || undefined);
  return {
    shop,
    status: text('status'),
    method: text('method'),
    by: text('by') === 'paid' ? 'paid' : 'created',
    from: text('from'),
    to: text('to'),
  };
}

function shopOf(value: string): ShopChoice | undefined {
  try {
    const [merchantId = '', storeId] = value.split('/').map(decodeURIComponent);
    const isStorable = !value.includes('\0') && !/%00/.test(value) && value.isWellFormed();
    return merchantId === '' || !isStorable ? undefined : { merchantId, storeId: storeId || undefined };
  } catch {
    return undefined;
  }
}

async function findShopIn(db: Db, scope: OperatorScope, { merchantId, storeId }: ShopChoice) {
  const isVisible =
    storeId === undefined
      ? !isEmpty(narrowScope(scope, merchantId))
      : isInScope(scope, { merchantId, storeId });
  const found = isVisible ? await findShop(db, merchantId, storeId) : undefined;
  return storeId !== undefined && found?.storeName === undefined ? undefined : found;
}

function faultOf(
  { status, method }: FilterForm,
  statuses: readonly string[],
  from: string,
  to: string,
): FilterProblem | undefined {
  if (status !== '' && !statuses.includes(status)) {
    return 'status';
  }
  if (method !== '' && !(METHODS as readonly string[]).includes(method)) {
    return 'method';
  }
  if (from === '') {
    return undefined;
  }
  if (parseDay(from) === undefined || parseDay(to) === undefined || from < '2000' || to >= '9000') {
    return 'day';
  }
  return from > to || daysFrom(from, to) > MAX_DAYS ? 'period' : undefined;
}

function daysFrom(from: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000) + 1;
}

function periodOf(by: 'created' | 'paid', from: string, to: string, timeZone: string): PaymentPeriod {
  return { by, from: startOfDay(from, timeZone), to: startOfDay(addDays(to, 1), timeZone) };
}

export function paymentStatusOf({ status }: FilterForm): PaymentIntentStatus | undefined {
  return PAYMENT_STATUSES.find((each) => each === status);
}

export function refundStatusOf({ status }: FilterForm): RefundStatus | undefined {
  return REFUND_STATUSES.find((each) => each === status);
}

export function methodOf({ method }: FilterForm): PaymentMethodType | undefined {
  return METHODS.find((each) => each === method);
}
