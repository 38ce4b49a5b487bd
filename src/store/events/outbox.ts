/**
 * Rows that wait for their number: those of payment_events, window by window, and those of outbox_events.
 */
import type { Inversion } from '../../domain/event-window.ts';
import type { MerchantEventType } from '../../domain/merchant-events.ts';
import type { PaymentIntent } from '../../domain/payment.ts';
import type { Refund } from '../../domain/refunds/refund.ts';
import { type Db, execute, query, queryPrepared } from '../db/query.ts';
import { type IntentRow, type IntentState, PREFIXED_INTENT_COLUMNS, toIntent } from '../payment-rows.ts';
import { type RefundRow, toRefundOfEvent } from '../refunds/refund-rows.ts';
import type { SequencerState } from './sequencer.ts';

/** A row of payment_events. */
export interface OutboxRow {
  readonly rowId: number;
  /** Undefined: the merchant is not informed. */
  readonly event:
    | { readonly type: MerchantEventType; readonly at: Date; readonly intent: PaymentIntent }
    | { readonly type: MerchantEventType; readonly at: Date; readonly refund: Refund }
    | undefined;
}

/** An event that is not of a payment. */
export interface ReadyEvent {
  readonly eventId: string;
  readonly merchantId: string;
  readonly merchantStoreId: string | undefined;
  readonly type: string;
  readonly objectId: string;
  readonly body: string;
  /** False: it is only to be in the feed. */
  readonly fanOut: boolean;
}

/** The transactions of the first row after the horizon, and of the row `size` rows later, among those that have ended. */
export async function findWindowBounds(
  trx: Db,
  state: SequencerState,
  size: number,
): Promise<{ readonly first: bigint | undefined; readonly next: bigint | undefined }> {
  const rows = `
    select xact::text from payment_events
    where xact >= cast(:horizon as xid8) and xact < cast(:xmin as xid8) and id > :firstRowId
    order by payment_events.xact`;
  const [row] = await queryPrepared<{ first: string | null; next: string | null }>(
    trx,
    `select (${rows} limit 1) as first, (${rows} offset :size limit 1) as next`,
    { horizon: String(state.horizon), xmin: String(state.xmin), firstRowId: state.firstRowId, size },
  );
  return { first: toXact(row?.first), next: toXact(row?.next) };
}

/** The rows up to `end` whose intent has an older row of a younger transaction. */
export async function listInversions(trx: Db, state: SequencerState, end: bigint): Promise<Inversion[]> {
  const rows = await queryPrepared<{ xact: string; older: string }>(
    trx,
    `select e.xact::text, older.xact::text as older
     from payment_events as e cross join lateral (
       select max(xact) as xact from payment_events
       where intent_id = e.intent_id and id < e.id and id > :firstRowId
     ) as older
     where e.xact >= cast(:horizon as xid8) and e.xact < cast(:end as xid8) and e.id > :firstRowId
       and older.xact > e.xact`,
    { horizon: String(state.horizon), end: String(end), firstRowId: state.firstRowId },
  );
  return rows.map(({ xact, older }) => ({ xact: BigInt(xact), olderRowsXact: BigInt(older) }));
}

const ROW_COLUMNS = `
  e.id as row_id, e.merchant_event, e.intent_state, e.refund_state, e.created_at as event_at, ${PREFIXED_INTENT_COLUMNS}`;
const ROWS = `
  from payment_events as e left join payment_intents as i on i.id = e.intent_id and e.merchant_event is not null and e.refund_state is null`;

/** The next rows of the open window, in the order of their ids. */
export async function listWindowRows(trx: Db, state: SequencerState, limit: number): Promise<OutboxRow[]> {
  const rows = await queryPrepared<Row>(
    trx,
    `select ${ROW_COLUMNS} ${ROWS}
     where e.xact >= cast(:horizon as xid8) and e.xact < cast(:end as xid8) and e.id > :afterId
     order by e.id limit :limit`,
    {
      horizon: String(state.horizon),
      end: String(state.windowEnd ?? state.horizon),
      afterId: Math.max(state.firstRowId, state.windowRowId),
      limit,
    },
  );
  return rows.map(toOutboxRow);
}

/**
 * The next rows that the previous epoch has left: those after the last that was numbered, and those of transactions from its
 * horizon on, unless its last window has numbered them. Reads the table, because it is needed only after a restore.
 */
export async function listLeftRows(trx: Db, state: SequencerState, limit: number): Promise<OutboxRow[]> {
  const { firstRowId, lastRowId, horizon, windowEnd, windowRowId, catchUp } = state;
  // No index has the ids alone, so on a large table this takes longer than a statement of a request may.
  await execute(trx, "set local statement_timeout = '10min'");
  const rows = await query<Row>(
    trx,
    `select ${ROW_COLUMNS} ${ROWS}
     where e.id > :afterId and e.id <= :endId and (e.id > :lastRowId or e.xact >= cast(:horizon as xid8))
       and not (e.id <= :windowRowId and e.xact < cast(:windowEnd as xid8))
     order by e.id limit :limit`,
    {
      afterId: Math.max(firstRowId, catchUp?.rowId ?? 0),
      endId: catchUp?.endRowId ?? 0,
      lastRowId,
      horizon: String(horizon),
      windowRowId: windowEnd === undefined ? 0 : windowRowId,
      windowEnd: String(windowEnd ?? horizon),
      limit,
    },
  );
  return rows.map(toOutboxRow);
}

/** Takes the oldest events that are not of a payment out of their outbox. */
export async function takeReadyEvents(trx: Db, limit: number): Promise<ReadyEvent[]> {
  const rows = await queryPrepared<{
    id: number;
    event_id: string;
    merchant_id: string;
    merchant_store_id: string | null;
    type: string;
    object_id: string;
    body: string;
    fan_out: boolean;
  }>(
    trx,
    `delete from outbox_events where id in (select id from outbox_events order by id limit :limit)
     returning id, event_id, merchant_id, merchant_store_id, type, object_id, body, fan_out`,
    { limit },
  );
  return rows
    .sort((a, b) => a.id - b.id)
    .map((row) => ({
      eventId: row.event_id,
      merchantId: row.merchant_id,
      merchantStoreId: row.merchant_store_id ?? undefined,
      type: row.type,
      objectId: row.object_id,
      body: row.body,
      fanOut: row.fan_out,
    }));
}

type Row = IntentRow & {
  readonly row_id: number;
  readonly merchant_event: MerchantEventType | null;
  readonly intent_state: IntentState | null;
  readonly refund_state: RefundRow<string> | null;
  readonly event_at: Date;
};

/** The state of a new intent, which its row of payment_events does not repeat. */
const CREATED: IntentState = {
  status: 'requires_payment_method',
  payment_method_type: null,
  provider_payment_id: null,
  amount_captured: null,
  amount_refunded: 0,
  last_payment_error_code: null,
  last_payment_error_message: null,
  succeeded_at: null,
  cancelled_at: null,
  expired_at: null,
};

function toOutboxRow(row: Row): OutboxRow {
  const { row_id: rowId, merchant_event: type, event_at: at } = row;
  if (type === null) {
    return { rowId, event: undefined };
  }
  if (row.refund_state) {
    return { rowId, event: { type, at, refund: toRefundOfEvent(row.refund_state) } };
  }
  // Older events have no amount_refunded or provider_payment_id.
  const state = { ...CREATED, ...row.intent_state };
  const intent = toIntent({
    ...row,
    ...state,
    succeeded_at: toDate(state.succeeded_at),
    cancelled_at: toDate(state.cancelled_at),
    expired_at: toDate(state.expired_at),
  });
  return { rowId, event: { type, at, intent } };
}

function toDate(text: string | null): Date | null {
  return text === null ? null : new Date(text);
}

function toXact(text: string | null | undefined): bigint | undefined {
  return text === null || text === undefined ? undefined : BigInt(text);
}
