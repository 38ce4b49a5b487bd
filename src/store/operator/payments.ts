/**
 * Payments of an operator's scope: pages in the order of creation or of payment, each payment with the attempt that
 * was paid and its store's time zone.
 */
import type { OperatorScope } from '../../domain/operators/grants.ts';
import { isEmpty } from '../../domain/operators/scope.ts';
import type {
  AttemptProvider,
  PaymentAttempt,
  PaymentIntent,
  PaymentIntentStatus,
  PaymentMethodType,
} from '../../domain/payment.ts';
import type { IdBounds } from '../../lib/ids.ts';
import { type Db, query } from '../db/query.ts';
import { DEFAULT_TIME_ZONE } from '../merchants.ts';
import {
  ATTEMPT_COLUMNS,
  type AttemptRow,
  type IntentRow,
  PREFIXED_INTENT_COLUMNS,
  toAttempt,
  toIntent,
} from '../payment-rows.ts';
import { all, eachShop, inScope, present, scopeBindings } from './scope.ts';

export interface OperatorPayment {
  readonly intent: PaymentIntent;
  /** The provider's payment, if it was paid through one. */
  readonly paid:
    | { readonly attemptId: string; readonly provider: AttemptProvider; readonly providerPaymentId: string }
    | undefined;
  readonly merchantName: string;
  readonly storeName: string | undefined;
  /** An IANA name. */
  readonly timeZone: string;
}

export interface PaymentFilter {
  readonly scope: OperatorScope;
  /** Of any merchant of the scope. */
  readonly merchantStoreId?: string | undefined;
  readonly merchantRefId?: string | undefined;
  readonly status?: PaymentIntentStatus | undefined;
  /** How it was paid. */
  readonly method?: PaymentMethodType | undefined;
}

export interface Page {
  readonly order: 'newest' | 'oldest';
  readonly limit: number;
}

/** A page in the order of creation, which begins after the payment with the id `after`. */
export interface CreatedPage extends Page, Partial<IdBounds> {
  readonly after: string | undefined;
}

/**
 * A page of the payments of the whole gateway in the order of creation. Payments that the filter leaves out are read as well, so
 * a filter is for statuses that are frequent, or within bounds.
 */
export function listAllPayments(
  db: Db,
  page: CreatedPage,
  filter: Pick<PaymentFilter, 'status' | 'method'> = {},
): Promise<OperatorPayment[]> {
  const { direction } = orderOf(page);
  // By the primary key, whose collation orders ids as "C" does: they have capital letters and digits at fixed places.
  return listDetails(
    db,
    `select id from payment_intents where ${all(...idConditions(page, 'id'), ...paymentConditions(filter))}
     order by id ${direction} limit :limit`,
    `i.id ${direction}`,
    { ...filter, ...page },
  );
}

/**
 * A page of the payments that match, in the order of creation. Each shop's part is found by an index of that shop, so the cost
 * grows with the number of shops and not with that of their payments.
 */
export async function listCreatedPayments(
  db: Db,
  filter: PaymentFilter,
  page: CreatedPage,
): Promise<OperatorPayment[]> {
  if (isEmpty(filter.scope)) {
    return [];
  }
  const { direction } = orderOf(page);
  const conditions = [...paymentConditions(filter), ...idConditions(page, 'id collate "C"')];
  const ofShops = eachShop(
    filter.scope,
    (ofShop) =>
      `select id from payment_intents where ${all(ofShop, ...conditions)} order by id collate "C" ${direction} limit :limit`,
  );
  return listDetails(
    db,
    `select id from (${ofShops}) as found order by id collate "C" ${direction} limit :limit`,
    `i.id collate "C" ${direction}`,
    { ...filter, ...page },
  );
}

/** Those of these payments that are in the scope, newest first. */
export async function listPaymentsById(
  db: Db,
  scope: OperatorScope,
  ids: readonly string[],
): Promise<OperatorPayment[]> {
  if (isEmpty(scope) || ids.length === 0) {
    return [];
  }
  return listDetails(
    db,
    `select id from payment_intents
     where id = any(cast(:ids as text[])) and ${inScope(scope, 'merchant_store_id')}`,
    'i.id collate "C" desc',
    { ids, scope },
  );
}

/** Until when the page may reach, and where it begins. */
export interface PaidPage extends Page {
  /** Inclusive. */
  readonly paidFrom: Date;
  /** Exclusive. */
  readonly paidTo: Date;
  readonly after: { readonly paidAt: Date; readonly id: string } | undefined;
}

/** A page of the payments that were paid in a period, in the order in which they were paid. */
export async function listPaidPayments(
  db: Db,
  filter: PaymentFilter,
  { after, ...page }: PaidPage,
): Promise<OperatorPayment[]> {
  if (isEmpty(filter.scope)) {
    return [];
  }
  const { sign, direction } = orderOf(page);
  const conditions = all(
    'succeeded_at >= :paidFrom and succeeded_at < :paidTo',
    inScope(filter.scope, 'merchant_store_id'),
    ...paymentConditions(filter),
    after !== undefined && `(succeeded_at, id collate "C") ${sign} (:afterPaidAt, :afterId)`,
  );
  const order = `succeeded_at ${direction}, id collate "C" ${direction}`;
  return listDetails(
    db,
    `select id from payment_intents where ${conditions} order by ${order} limit :limit`,
    `i.succeeded_at ${direction}, i.id collate "C" ${direction}`,
    { ...filter, ...page, afterPaidAt: after?.paidAt, afterId: after?.id },
  );
}

function orderOf({ order }: Page): { readonly sign: '<' | '>'; readonly direction: 'desc' | 'asc' } {
  return order === 'newest' ? { sign: '<', direction: 'desc' } : { sign: '>', direction: 'asc' };
}

/** The conditions of a filter but for its scope. */
export function paymentConditions(filter: Omit<PaymentFilter, 'scope'>): (string | false)[] {
  return [
    filter.merchantStoreId !== undefined && 'merchant_store_id = :merchantStoreId',
    filter.merchantRefId !== undefined && 'merchant_ref_id = :merchantRefId',
    filter.status !== undefined && 'status = :status',
    filter.method !== undefined && 'payment_method_type = :method',
  ];
}

function idConditions({ idFrom, idBelow, after, order }: CreatedPage, id: string): (string | false)[] {
  return [
    idFrom !== undefined && `${id} >= :idFrom`,
    idBelow !== undefined && `${id} < :idBelow`,
    after !== undefined && `${id} ${order === 'newest' ? '<' : '>'} :after`,
  ];
}

/** The payments that a statement selects, with what else is known of them. */
async function listDetails(
  db: Db,
  pageSql: string,
  order: string,
  { scope, ...bindings }: Readonly<Record<string, unknown>> & { readonly scope?: OperatorScope },
): Promise<OperatorPayment[]> {
  const rows = await query<DetailsRow>(
    db,
    `with page as materialized (${pageSql})
     select ${PREFIXED_INTENT_COLUMNS}, merchants.name as merchant_name, stores.name as store_name, stores.time_zone,
            paid.id as paid_attempt_id, paid.provider as paid_provider, paid.provider_payment_id as paid_number
     from page join payment_intents as i using (id) join merchants on merchants.id = i.merchant_id
     left join stores on stores.merchant_id = i.merchant_id and stores.id = i.merchant_store_id
     left join lateral (
       select id, provider, provider_payment_id from payment_attempts
       where intent_id = i.id and status = 'succeeded'
       order by paid_at = i.succeeded_at desc, id limit 1) as paid on i.payment_method_type = 'qr_mpm'
     order by ${order}`,
    present({ ...bindings, ...(scope && scopeBindings(scope)) }),
  );
  return rows.map(toOperatorPayment);
}

type DetailsRow = IntentRow & {
  readonly merchant_name: string;
  readonly store_name: string | null;
  readonly time_zone: string | null;
  readonly paid_attempt_id: string | null;
  readonly paid_provider: AttemptProvider | null;
  readonly paid_number: string | null;
};

function toOperatorPayment(row: DetailsRow): OperatorPayment {
  const { paid_attempt_id: attemptId, paid_provider: provider, paid_number: providerPaymentId } = row;
  const isPaid = attemptId !== null && provider !== null && providerPaymentId !== null;
  return {
    intent: toIntent(row),
    paid: isPaid ? { attemptId, provider, providerPaymentId } : undefined,
    merchantName: row.merchant_name,
    storeName: row.store_name ?? undefined,
    timeZone: row.time_zone ?? DEFAULT_TIME_ZONE,
  };
}

/** All attempts of these intents, oldest first. */
export async function listAttemptsOfIntents(db: Db, intentIds: readonly string[]): Promise<PaymentAttempt[]> {
  const rows = await query<AttemptRow>(
    db,
    `select ${ATTEMPT_COLUMNS} from payment_attempts where intent_id = any(cast(:intentIds as text[])) order by id`,
    { intentIds },
  );
  return rows.map(toAttempt);
}

/** The intents of the attempts with this payment id of their provider. */
export async function listIntentIdsOfProviderPayment(
  db: Db,
  providerPaymentId: string,
  limit: number,
): Promise<string[]> {
  const rows = await query<{ intent_id: string }>(
    db,
    `select distinct intent_id from payment_attempts where provider_payment_id = :providerPaymentId
     order by intent_id limit :limit`,
    { providerPaymentId, limit },
  );
  return rows.map((row) => row.intent_id);
}

/** Whether the merchant has this store. */
export async function hasShop(db: Db, merchantId: string, storeId: string): Promise<boolean> {
  const rows = await query(db, 'select 1 from stores where merchant_id = :merchantId and id = :storeId', {
    merchantId,
    storeId,
  });
  return rows.length > 0;
}
