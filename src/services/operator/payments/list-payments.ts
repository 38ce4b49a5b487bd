/**
 * The console's list of payments: pages of it, its sums, and all of it for a file. The three have one filter, so that they agree.
 */
import type { OperatorScope } from '../../../domain/operators/grants.ts';
import type { PaymentIntentStatus, PaymentMethodType } from '../../../domain/payment.ts';
import { firstIdAt } from '../../../lib/ids.ts';
import type { Db } from '../../../store/db/query.ts';
import { type StatusSum, sumCreatedPayments, sumPaidPayments } from '../../../store/operator/payment-sums.ts';
import {
  listAllPayments,
  listCreatedPayments,
  listPaidPayments,
  type OperatorPayment,
} from '../../../store/operator/payments.ts';
import { findAnyPayment } from '../../../store/payments.ts';

export type { OperatorPayment, StatusSum };

/** A period in which payments were created, or paid. */
export interface PaymentPeriod {
  readonly by: 'created' | 'paid';
  /** Inclusive. */
  readonly from: Date;
  /** Exclusive. */
  readonly to: Date;
}

export interface ListFilter {
  readonly scope: OperatorScope;
  readonly status: PaymentIntentStatus | undefined;
  /** How it was paid. Needs a period, because no index has the payments of a method. */
  readonly method: PaymentMethodType | undefined;
  readonly period: PaymentPeriod | undefined;
}

export interface PaymentPage {
  readonly payments: readonly OperatorPayment[];
  /** The id of the payment after which the next page begins; undefined on the last. */
  readonly next: string | undefined;
}

/** Payments of a page of the list. */
const SHOWN = 50;
/** Payments in memory at one time while a file is written. */
const EXPORTED = 500;

/**
 * A page, newest first.
 * @param after the id of a payment of the list; one that is not in it begins at the newest
 */
export async function listPayments(
  db: Db,
  filter: ListFilter,
  after: string | undefined,
  limit = SHOWN,
): Promise<PaymentPage> {
  const last = after === undefined ? undefined : (await findAnyPayment(db, after))?.intent;
  const found = await readPage(db, filter, 'newest', limit + 1, last);
  const payments = found.slice(0, limit);
  return { payments, next: found.length > limit ? payments.at(-1)?.intent.id : undefined };
}

/**
 * All payments of the list, oldest first. Reads a page at a time, when the last has been used, and holds no transaction open.
 */
export async function* eachListedPayment(db: Db, filter: ListFilter): AsyncGenerator<OperatorPayment> {
  for (let last: OperatorPayment['intent'] | undefined; ; ) {
    const page = await readPage(db, filter, 'oldest', EXPORTED, last);
    yield* page;
    last = page.at(-1)?.intent;
    if (page.length < EXPORTED) {
      return;
    }
  }
}

/** The sums of a list that has a period. */
export function sumPayments(
  db: Db,
  { period: { by, from, to }, ...filter }: ListFilter & { readonly period: PaymentPeriod },
): Promise<StatusSum[]> {
  return by === 'paid'
    ? sumPaidPayments(db, filter, { paidFrom: from, paidTo: to })
    : sumCreatedPayments(db, filter, { idFrom: firstIdAt('pi', from), idBelow: firstIdAt('pi', to) });
}

function readPage(
  db: Db,
  { period, ...filter }: ListFilter,
  order: 'newest' | 'oldest',
  limit: number,
  last: OperatorPayment['intent'] | undefined,
): Promise<OperatorPayment[]> {
  if (period?.by === 'paid') {
    const after = last?.succeededAt && { paidAt: last.succeededAt, id: last.id };
    return listPaidPayments(db, filter, { order, limit, paidFrom: period.from, paidTo: period.to, after });
  }
  const page = {
    order,
    limit,
    after: last?.id,
    idFrom: period && firstIdAt('pi', period.from),
    idBelow: period && firstIdAt('pi', period.to),
  };
  const { scope, status, method } = filter;
  // Within a period, or without a filter, no more of the whole gateway is read than asked for.
  const isAll = scope.kind === 'everything' && (period !== undefined || status === undefined);
  return isAll ? listAllPayments(db, page, { status, method }) : listCreatedPayments(db, filter, page);
}
