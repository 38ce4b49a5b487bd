/**
 * Refunds of an operator's scope.
 */
import type { OperatorScope } from '../../domain/operators/grants.ts';
import { isEmpty } from '../../domain/operators/scope.ts';
import type { Refund, RefundStatus } from '../../domain/refunds/refund.ts';
import type { IdBounds } from '../../lib/ids.ts';
import { type Db, query } from '../db/query.ts';
import { DEFAULT_TIME_ZONE } from '../merchants.ts';
import { REFUND_COLUMNS, type RefundRow, toRefund } from '../refunds/refund-rows.ts';
import { all, eachShop, inScope, present, scopeBindings } from './scope.ts';

export interface AnyRefundFilter extends Partial<IdBounds> {
  readonly scope: OperatorScope;
  /** Of any merchant of the scope. */
  readonly merchantStoreId?: string | undefined;
  readonly intentId?: string | undefined;
  readonly status: RefundStatus | undefined;
  /** The id of the refund after which the page begins. */
  readonly after: string | undefined;
  readonly limit: number;
}

/** A refund with its shop and its order. */
export interface OperatorRefund {
  readonly refund: Refund;
  readonly merchantRefId: string;
  readonly merchantName: string;
  readonly storeName: string | undefined;
  /** An IANA name. */
  readonly timeZone: string;
}

/**
 * A page of refunds, newest first. Each shop's part is found by an index of that shop, so the cost grows with the number of shops
 * and not with that of their refunds.
 */
export async function listAnyRefunds(db: Db, filter: AnyRefundFilter): Promise<OperatorRefund[]> {
  const { scope, ...bindings } = filter;
  if (isEmpty(scope)) {
    return [];
  }
  const rows = await query<RefundDetailsRow>(
    db,
    `with page as materialized (
       select found.id from (${refundIds(filter)}) as found order by found.id collate "C" desc limit :limit)
     select refunds.*, i.merchant_ref_id, merchants.name as merchant_name, stores.name as store_name, stores.time_zone
     from (select ${REFUND_COLUMNS} from page join refunds using (id)) as refunds
     join payment_intents as i on i.id = refunds.intent_id join merchants on merchants.id = refunds.merchant_id
     left join stores on stores.merchant_id = refunds.merchant_id and stores.id = refunds.merchant_store_id
     order by refunds.id collate "C" desc`,
    present({ ...bindings, ...scopeBindings(scope) }),
  );
  return rows.map((row) => ({
    refund: toRefund(row),
    merchantRefId: row.merchant_ref_id,
    merchantName: row.merchant_name,
    storeName: row.store_name ?? undefined,
    timeZone: row.time_zone ?? DEFAULT_TIME_ZONE,
  }));
}

type RefundDetailsRow = RefundRow & {
  readonly merchant_ref_id: string;
  readonly merchant_name: string;
  readonly store_name: string | null;
  readonly time_zone: string | null;
};

function refundIds(filter: AnyRefundFilter): string {
  const conditions = [
    filter.merchantStoreId !== undefined && 'merchant_store_id = :merchantStoreId',
    filter.intentId !== undefined && 'intent_id = :intentId',
    filter.status !== undefined && 'status = :status',
    filter.idFrom !== undefined && 'id collate "C" >= :idFrom',
    filter.idBelow !== undefined && 'id collate "C" < :idBelow',
    filter.after !== undefined && 'id collate "C" < :after',
  ];
  return eachShop(
    filter.scope,
    (ofShop) =>
      `select id from refunds where ${all(ofShop, ...conditions)} order by id collate "C" desc limit :limit`,
  );
}

/** More are not counted. */
export const MOST_COUNTED = 1_000;

/** Pending refunds; those before `before` have been pending for long. Counted by the index of those that are due, which are few. */
export async function countPendingRefunds(
  db: Db,
  scope: OperatorScope,
  before: Date,
): Promise<{ readonly pending: number; readonly old: number }> {
  if (isEmpty(scope)) {
    return { pending: 0, old: 0 };
  }
  const [row] = await query<{ pending: number; old: number }>(
    db,
    `select count(*)::int as pending, count(*) filter (where created_at < :before)::int as old
     from (select created_at from refunds where next_try_at is not null and ${inScope(scope, 'merchant_store_id')}
           order by next_try_at limit ${MOST_COUNTED}) as due`,
    { before, ...scopeBindings(scope) },
  );
  return row ?? { pending: 0, old: 0 };
}

/** Refunds that were created since the id `idFrom` and have failed. */
export async function countFailedRefunds(db: Db, scope: OperatorScope, idFrom: string): Promise<number> {
  if (isEmpty(scope)) {
    return 0;
  }
  const ofShops = eachShop(
    scope,
    (ofShop) =>
      `select id from refunds where ${ofShop} and status = 'failed' and id collate "C" >= :idFrom limit ${MOST_COUNTED}`,
  );
  const [row] = await query<{ failed: number }>(
    db,
    `select count(*)::int as failed from (${ofShops} limit ${MOST_COUNTED}) as found`,
    { idFrom, ...scopeBindings(scope) },
  );
  return row?.failed ?? 0;
}
