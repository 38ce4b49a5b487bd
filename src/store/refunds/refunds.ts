/**
 * Refunds: inserted, changed and read one by one. Every change is made under the lock of the intent's row.
 */
import type { Refund, RefundTotals } from '../../domain/refunds/refund.ts';
import { isId } from '../../lib/ids.ts';
import { type Db, execute, query, queryPrepared, storableJson } from '../db/query.ts';
import { REFUND_COLUMNS, type RefundRow, toRefund, toRefundRow } from './refund-rows.ts';

/**
 * Inserts a refund, unless it exists: the merchant's reference, the gateway's refund of an attempt, and a refund of the
 * provider's console are each stored once.
 * @returns whether it was inserted
 */
export async function insertRefund(trx: Db, refund: Refund): Promise<boolean> {
  const inserted = await execute(
    trx,
    `insert into refunds (${REFUND_COLUMNS})
     select ${REFUND_COLUMNS} from json_populate_record(null::refunds, cast(:row as json))
     on conflict do nothing`,
    { row: storableJson(toRefundRow(refund)) },
  );
  return inserted === 1;
}

/** Saves the fields of a refund that change. */
export async function updateRefund(trx: Db, refund: Refund): Promise<void> {
  await execute(
    trx,
    `update refunds
     set status = changed.status, pending_reason = changed.pending_reason, failure_code = changed.failure_code,
         failure_message = changed.failure_message, ended_at = changed.ended_at, next_try_at = changed.next_try_at,
         last_error_code = changed.last_error_code
     from json_populate_record(null::refunds, cast(:row as json)) as changed
     where refunds.id = changed.id`,
    { row: storableJson(toRefundRow(refund)) },
  );
}

/** The refund, or undefined when this merchant has none with that id. */
export async function findRefund(db: Db, merchantId: string, refundId: string): Promise<Refund | undefined> {
  const refund = await findAnyRefund(db, refundId);
  return refund?.merchantId === merchantId ? refund : undefined;
}

/** The refund of any merchant. */
export async function findAnyRefund(db: Db, refundId: string): Promise<Refund | undefined> {
  // A malformed id is not looked up: it may contain characters that PostgreSQL refuses.
  if (!isId('re', refundId)) {
    return undefined;
  }
  const [row] = await queryPrepared<RefundRow>(
    db,
    `select ${REFUND_COLUMNS} from refunds where id = :refundId`,
    {
      refundId,
    },
  );
  return row && toRefund(row);
}

/** The merchant's refund with this reference, and its store. */
export async function findRefundByRef(
  db: Db,
  merchantId: string,
  refId: string,
): Promise<{ readonly id: string; readonly storeId: string | undefined } | undefined> {
  const [row] = await query<{ id: string; merchant_store_id: string | null }>(
    db,
    'select id, merchant_store_id from refunds where merchant_id = :merchantId and merchant_refund_ref_id = :refId',
    { merchantId, refId },
  );
  return row && { id: row.id, storeId: row.merchant_store_id ?? undefined };
}

/** The refund that the request with this id made; see the event `refund_created`. */
export async function findRefundOfRequest(
  trx: Db,
  intentId: string,
  idempotencyId: string,
): Promise<Refund | undefined> {
  const [row] = await query<RefundRow>(
    trx,
    `select ${REFUND_COLUMNS} from refunds where id = (
       select data ->> 'refund_id' from payment_events
       where intent_id = :intentId and type = 'refund_created' and data ->> 'once_id' = :idempotencyId limit 1)`,
    { intentId, idempotencyId },
  );
  return row && toRefund(row);
}

/** Read under the lock of the intent, without `exceptId`. */
export async function sumRefunds(trx: Db, intentId: string, exceptId?: string): Promise<RefundTotals> {
  const [row] = await queryPrepared<{ count: number; succeeded: number; returned: string[] | null }>(
    trx,
    `select count(*) filter (where status <> 'failed')::int as count,
            coalesce(sum(amount) filter (where status = 'succeeded' and origin <> 'gateway'), 0)::bigint as succeeded,
            array_agg(attempt_id) filter (where origin = 'gateway') as returned
     from refunds where intent_id = :intentId and id <> :exceptId`,
    { intentId, exceptId: exceptId ?? '' },
  );
  return { count: row?.count ?? 0, succeeded: row?.succeeded ?? 0, returnedAttemptIds: row?.returned ?? [] };
}

/** The refunds of an attempt at the provider, of all origins. */
export async function listRefundsOfAttempt(db: Db, attemptId: string): Promise<Refund[]> {
  const rows = await query<RefundRow>(
    db,
    `select ${REFUND_COLUMNS} from refunds
     where intent_id = (select intent_id from payment_attempts where id = :attemptId) and attempt_id = :attemptId
     order by id collate "C"`,
    { attemptId },
  );
  return rows.map(toRefund);
}
