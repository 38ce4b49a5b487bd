/**
 * Events of payment intents: append-only, written in the transaction of the change that they record.
 */
import type { MerchantEventType } from '../domain/merchant-events.ts';
import type { PaymentEvent, PaymentIntent } from '../domain/payment.ts';
import type { Refund } from '../domain/refunds/refund.ts';
import { type Db, executePrepared, query, storableJson } from './db/query.ts';
import { toIntentState } from './payment-rows.ts';
import { toRefundRow } from './refunds/refund-rows.ts';

/** A CTE that appends events in order. Its statement binds {@link eventsBinding} and `:intentId`. */
export const APPEND_EVENTS = `
  appended_events as (
    insert into payment_events (intent_id, attempt_id, type, actor, data, created_at, merchant_event, intent_state,
      refund_state)
    select :intentId, attempt_id, type, actor, data, created_at, merchant_event, intent_state,
      refund_state
    from json_to_recordset(cast(:events as json)) as event (
      position integer, attempt_id text, type text, actor text, data jsonb, created_at timestamptz,
      merchant_event text, intent_state jsonb, refund_state jsonb)
    order by position
  )`;

/** An event, and the one that the merchant receives of it, if any, with the object that it shows. */
export type StoredEvent = PaymentEvent & {
  readonly merchantEvent?:
    | { readonly type: MerchantEventType; readonly intent: PaymentIntent }
    | { readonly type: MerchantEventType; readonly refund: Refund }
    | undefined;
};

/** @param actor who caused them */
export function eventsBinding(events: readonly StoredEvent[], actor: string, now: Date) {
  const rows = events.map(({ type, attemptId, data = {}, merchantEvent }, position) => ({
    position,
    attempt_id: attemptId,
    type,
    actor,
    data,
    created_at: now,
    ...(merchantEvent && { merchant_event: merchantEvent.type, ...stateOf(merchantEvent) }),
  }));
  return { events: storableJson(rows) };
}

function stateOf(merchantEvent: NonNullable<StoredEvent['merchantEvent']>) {
  return 'refund' in merchantEvent
    ? { refund_state: toRefundRow(merchantEvent.refund) }
    : { intent_state: toIntentState(merchantEvent.intent) };
}

/** Appends events to an intent. */
export async function appendEvents(
  trx: Db,
  intentId: string,
  events: readonly StoredEvent[],
  actor: string,
  now: Date,
): Promise<void> {
  if (events.length === 0) {
    return;
  }
  await executePrepared(trx, `with ${APPEND_EVENTS} select 1`, {
    intentId,
    ...eventsBinding(events, actor, now),
  });
}

/** Whether the idempotent request with that id captured this intent. */
export async function hasCaptureOf(db: Db, intentId: string, idempotencyId: string): Promise<boolean> {
  const rows = await query(
    db,
    `select 1 from payment_events
     where intent_id = :intentId and type = 'captured' and data ->> 'once_id' = :idempotencyId`,
    { intentId, idempotencyId },
  );
  return rows.length > 0;
}

/** The event history of an intent, oldest first. */
export async function listEvents(
  db: Db,
  intentId: string,
): Promise<(PaymentEvent & { actor: string; createdAt: Date })[]> {
  const rows = await query<{
    attempt_id: string | null;
    type: PaymentEvent['type'];
    actor: string;
    data: Record<string, unknown>;
    created_at: Date;
  }>(
    db,
    'select attempt_id, type, actor, data, created_at from payment_events where intent_id = :intentId order by id',
    { intentId },
  );
  return rows.map((row) => ({
    type: row.type,
    ...(row.attempt_id === null ? {} : { attemptId: row.attempt_id }),
    data: row.data,
    actor: row.actor,
    createdAt: row.created_at,
  }));
}
