/**
 * `pgw payments list` and `export`: the payments of all merchants, or of one merchant or store, one after the other. A day is
 * that of the payment in the time zone of its store.
 */
import { DomainError } from '../../../domain/errors.ts';
import { scopeOfShop } from '../../../domain/operators/scope.ts';
import type { PaymentIntentStatus } from '../../../domain/payment.ts';
import { localDayOf, spanOfDay } from '../../../lib/date-time.ts';
import type { Db } from '../../../store/db/query.ts';
import { hasMerchant } from '../../../store/merchants.ts';
import {
  hasShop,
  listAllPayments,
  listCreatedPayments,
  listPaidPayments,
  type OperatorPayment,
} from '../../../store/operator/payments.ts';
import { findAnyPayment } from '../../../store/payments.ts';

export interface PaymentQuery {
  readonly merchantId: string | undefined;
  readonly storeId: string | undefined;
  /** The merchant's reference of the order. */
  readonly merchantRefId: string | undefined;
  readonly status: PaymentIntentStatus | undefined;
  /** `2026-01-15`: only what was paid on this day. */
  readonly day: string | undefined;
  readonly order: 'newest' | 'oldest';
  /** The id of the payment intent after which to begin. */
  readonly after: string | undefined;
}

/** Payments do not stay in these. */
const RARE: ReadonlySet<PaymentIntentStatus | undefined> = new Set([
  'requires_payment_method',
  'requires_action',
  'processing',
]);
/** The number of payments in memory at one time. */
const PAGE = 500;

/**
 * Yields payments in the order of their creation or, with `day`, of their payment. Reads a page at a time and holds no
 * transaction open, so it neither needs much memory nor disturbs the gateway.
 * @throws not_found when there is no such merchant or store, or nothing to begin after
 */
export async function* eachPayment(
  db: Db,
  wanted: PaymentQuery,
  pageSize = PAGE,
): AsyncGenerator<OperatorPayment> {
  await requireShop(db, wanted);
  const readPage = await openPages(db, wanted, pageSize);
  for (let last: OperatorPayment | undefined; ; ) {
    const page = await readPage(last);
    yield* page.filter((payment) => matches(payment, wanted));
    last = page.at(-1);
    if (page.length < pageSize) {
      return;
    }
  }
}

/** Whether the payment has what the statement of its page does not ask for. */
function matches({ intent, timeZone }: OperatorPayment, { day, status }: PaymentQuery): boolean {
  return (
    (status === undefined || intent.status === status) &&
    (day === undefined || (intent.succeededAt && localDayOf(intent.succeededAt, timeZone)) === day)
  );
}

/** Of one merchant, all statuses have an index. Of all merchants, it is quicker to read on until one with a frequent status comes. */
function findStatus({ merchantId, status }: PaymentQuery): PaymentIntentStatus | undefined {
  return merchantId !== undefined || RARE.has(status) ? status : undefined;
}

type ReadPage = (last: OperatorPayment | undefined) => Promise<OperatorPayment[]>;

async function openPages(db: Db, wanted: PaymentQuery, limit: number): Promise<ReadPage> {
  const { merchantId, storeId: merchantStoreId, merchantRefId, day, order, after } = wanted;
  const scope = scopeOfShop(merchantId);
  // Few payments have the same reference, so those of a day are found among them.
  if (day === undefined || merchantRefId !== undefined) {
    const conditions = { merchantStoreId, merchantRefId, status: findStatus(wanted) };
    const isFiltered = Object.values({ merchantId, ...conditions }).some((value) => value !== undefined);
    return (last) => {
      const page = { order, limit, after: last?.intent.id ?? after };
      return isFiltered ? listCreatedPayments(db, { scope, ...conditions }, page) : listAllPayments(db, page);
    };
  }
  const { from: paidFrom, to: paidTo } = spanOfDay(day);
  const first = after === undefined ? undefined : await findPaid(db, after);
  return (last) =>
    listPaidPayments(
      db,
      { scope, merchantStoreId },
      { order, limit, paidFrom, paidTo, after: last ? keyOf(last.intent) : first },
    );
}

async function findPaid(db: Db, intentId: string) {
  const key = keyOf((await findAnyPayment(db, intentId))?.intent);
  if (!key) {
    throw new DomainError('not_found', `There is no paid payment ${intentId} to continue after`);
  }
  return key;
}

function keyOf(intent: OperatorPayment['intent'] | undefined) {
  return intent?.succeededAt && { paidAt: intent.succeededAt, id: intent.id };
}

/** @throws not_found when there is no such merchant or store */
export async function requireShop(
  db: Db,
  {
    merchantId,
    storeId,
  }: { readonly merchantId?: string | undefined; readonly storeId?: string | undefined },
): Promise<void> {
  if (merchantId === undefined) {
    return;
  }
  if (!(await hasMerchant(db, merchantId))) {
    throw new DomainError('not_found', `There is no merchant ${merchantId}`);
  }
  if (storeId !== undefined && !(await hasShop(db, merchantId, storeId))) {
    throw new DomainError('not_found', `Merchant ${merchantId} has no store ${storeId}`);
  }
}
