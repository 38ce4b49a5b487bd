/**
 * Refunds of all merchants, for the operator.
 */
import type { Refund, RefundStatus } from '../../domain/refunds/refund.ts';
import { type Db, query } from '../db/query.ts';
import { REFUND_COLUMNS, type RefundRow, toRefund } from '../refunds/refund-rows.ts';

export interface AnyRefundFilter {
  readonly merchantId: string | undefined;
  readonly merchantStoreId: string | undefined;
  readonly intentId: string | undefined;
  readonly status: RefundStatus | undefined;
  /** The id of the refund after which the page begins. */
  readonly after: string | undefined;
  readonly limit: number;
}

/**
 * A page of refunds, newest first. Each merchant's part is found by an index of that merchant, so the cost grows with the number
 * of merchants and not with that of their refunds.
 */
export async function listAnyRefunds(db: Db, filter: AnyRefundFilter): Promise<Refund[]> {
  const conditions = [
    'merchant_id = merchants.id',
    filter.merchantStoreId !== undefined && 'merchant_store_id = :merchantStoreId',
    filter.intentId !== undefined && 'intent_id = :intentId',
    filter.status !== undefined && 'status = :status',
    filter.after !== undefined && 'id collate "C" < :after',
  ].filter((condition) => condition !== false);
  const rows = await query<RefundRow>(
    db,
    `with page as materialized (
       select found.id from merchants cross join lateral (
         select id from refunds where ${conditions.join(' and ')} order by id collate "C" desc limit :limit) as found
       ${filter.merchantId === undefined ? '' : 'where merchants.id = :merchantId'}
       order by found.id collate "C" desc limit :limit)
     select ${REFUND_COLUMNS} from page join refunds using (id) order by id collate "C" desc`,
    Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined)),
  );
  return rows.map(toRefund);
}
