/**
 * Payments of all merchants, for the operator: pages in the order of creation or of payment, each payment with the attempt that
 * was paid and its store's time zone.
 */
import type {
  AttemptProvider,
  PaymentAttempt,
  PaymentIntent,
  PaymentIntentStatus,
} from '../../domain/payment.ts';
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

export interface OperatorPayment {
  readonly intent: PaymentIntent;
  /** The provider's payment, if it was paid through one. */
  readonly paid:
    | { readonly attemptId: string; readonly provider: AttemptProvider; readonly providerPaymentId: string }
    | undefined;
  /** An IANA name. */
  readonly timeZone: string;
}

export interface PaymentFilter {
  readonly merchantId?: string | undefined;
  readonly merchantStoreId?: string | undefined;
  readonly merchantRefId?: string | undefined;
  readonly status?: PaymentIntentStatus | undefined;
}

export interface Page {
  readonly order: 'newest' | 'oldest';
  readonly limit: number;
}

/** A page in the order of creation, which begins after the payment with the id `after`. */
export type CreatedPage = Page & { readonly after: string | undefined };

/** A page of the payments of all merchants in the order of creation. */
export function listAllPayments(db: Db, page: CreatedPage): Promise<OperatorPayment[]> {
  const { sign, direction } = orderOf(page);
  // By the primary key, whose collation orders ids as "C" does: they have capital letters and digits at fixed places.
  return listDetails(
    db,
    `select id from payment_intents ${page.after === undefined ? '' : `where id ${sign} :after`}
     order by id ${direction} limit :limit`,
    `i.id ${direction}`,
    { ...page },
  );
}

/**
 * A page of the payments that match, in the order of creation. Each merchant's part is found by an index of that merchant, so
 * the cost grows with the number of merchants and not with that of their payments.
 */
export function listCreatedPayments(
  db: Db,
  filter: PaymentFilter,
  page: CreatedPage,
): Promise<OperatorPayment[]> {
  const { sign, direction } = orderOf(page);
  const conditions = [
    'merchant_id = merchants.id',
    filter.merchantStoreId !== undefined && 'merchant_store_id = :merchantStoreId',
    filter.merchantRefId !== undefined && 'merchant_ref_id = :merchantRefId',
    filter.status !== undefined && 'status = :status',
    page.after !== undefined && `id collate "C" ${sign} :after`,
  ].filter((condition) => condition !== false);
  return listDetails(
    db,
    `select found.id from merchants cross join lateral (
       select id from payment_intents where ${conditions.join(' and ')}
       order by id collate "C" ${direction} limit :limit) as found
     ${filter.merchantId === undefined ? '' : 'where merchants.id = :merchantId'}
     order by found.id collate "C" ${direction} limit :limit`,
    `i.id collate "C" ${direction}`,
    { ...filter, ...page },
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
export function listPaidPayments(
  db: Db,
  { merchantId, merchantStoreId }: PaymentFilter,
  { after, ...page }: PaidPage,
): Promise<OperatorPayment[]> {
  const { sign, direction } = orderOf(page);
  const conditions = [
    'succeeded_at >= :paidFrom and succeeded_at < :paidTo',
    merchantId !== undefined && 'merchant_id = :merchantId',
    merchantStoreId !== undefined && 'merchant_store_id = :merchantStoreId',
    after !== undefined && `(succeeded_at, id collate "C") ${sign} (:afterPaidAt, :afterId)`,
  ].filter((condition) => condition !== false);
  const order = `succeeded_at ${direction}, id collate "C" ${direction}`;
  return listDetails(
    db,
    `select id from payment_intents where ${conditions.join(' and ')} order by ${order} limit :limit`,
    `i.succeeded_at ${direction}, i.id collate "C" ${direction}`,
    { ...page, merchantId, merchantStoreId, afterPaidAt: after?.paidAt, afterId: after?.id },
  );
}

function orderOf({ order }: Page): { readonly sign: '<' | '>'; readonly direction: 'desc' | 'asc' } {
  return order === 'newest' ? { sign: '<', direction: 'desc' } : { sign: '>', direction: 'asc' };
}

/** The payments that a statement selects, with what else is known of them. */
async function listDetails(
  db: Db,
  pageSql: string,
  order: string,
  bindings: Readonly<Record<string, unknown>>,
): Promise<OperatorPayment[]> {
  const rows = await query<DetailsRow>(
    db,
    `with page as materialized (${pageSql})
     select ${PREFIXED_INTENT_COLUMNS}, stores.time_zone,
            paid.id as paid_attempt_id, paid.provider as paid_provider, paid.provider_payment_id as paid_number
     from page join payment_intents as i using (id)
     left join stores on stores.merchant_id = i.merchant_id and stores.id = i.merchant_store_id
     left join lateral (
       select id, provider, provider_payment_id from payment_attempts
       where intent_id = i.id and status = 'succeeded'
       order by paid_at = i.succeeded_at desc, id limit 1) as paid on i.payment_method_type = 'qr_mpm'
     order by ${order}`,
    Object.fromEntries(Object.entries(bindings).filter(([, value]) => value !== undefined)),
  );
  return rows.map(toOperatorPayment);
}

type DetailsRow = IntentRow & {
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
