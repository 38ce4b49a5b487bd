/**
 * Lists of refunds, newest first.
 */
import type { Refund, RefundReason, RefundStatus } from '../../domain/refunds/refund.ts';
import { type PageFilter, pageBindings, pageSql } from '../db/pages.ts';
import { type Db, query } from '../db/query.ts';
import { REFUND_COLUMNS, type RefundRow, toRefund } from './refund-rows.ts';

export interface RefundFilter extends PageFilter {
  readonly intentId: string | undefined;
  readonly merchantRefundRefId: string | undefined;
  readonly status: RefundStatus | undefined;
  readonly reason: RefundReason | undefined;
  readonly limit: number;
}

/** One page, newest first. */
export async function listRefunds(db: Db, filter: RefundFilter): Promise<Refund[]> {
  const sql = pageSql({
    table: 'refunds',
    columns: REFUND_COLUMNS,
    filter,
    conditions: [
      filter.intentId !== undefined && 'intent_id = :intentId',
      filter.merchantRefundRefId !== undefined && 'merchant_refund_ref_id = :merchantRefundRefId',
      filter.status !== undefined && 'status = :status',
      filter.reason !== undefined && 'reason = :reason',
    ],
    isSelective: filter.intentId !== undefined || filter.merchantRefundRefId !== undefined,
    limit: ':limit',
  });
  const rows = await query<RefundRow>(db, sql, pageBindings(filter));
  return rows.map(toRefund);
}

/** The newest refunds of an intent, oldest first. */
export async function listRefundsOfIntent(db: Db, intentId: string, limit: number): Promise<Refund[]> {
  const rows = await query<RefundRow>(
    db,
    `select ${REFUND_COLUMNS} from refunds where intent_id = :intentId order by id collate "C" desc limit :limit`,
    { intentId, limit },
  );
  return rows.map(toRefund).reverse();
}

/** Of the money that an intent has: what was refunded, and what is being refunded. */
export interface RefundSums {
  readonly succeeded: number;
  readonly pending: number;
}

/** Without the refunds of the gateway, which return money that the intent does not have. */
export async function sumRefundsByStatus(db: Db, intentId: string): Promise<RefundSums> {
  const [row] = await query<RefundSums>(
    db,
    `select coalesce(sum(amount) filter (where status = 'succeeded'), 0)::bigint as succeeded,
            coalesce(sum(amount) filter (where status = 'pending'), 0)::bigint as pending
     from refunds where intent_id = :intentId and origin <> 'gateway'`,
    { intentId },
  );
  return row ?? { succeeded: 0, pending: 0 };
}
