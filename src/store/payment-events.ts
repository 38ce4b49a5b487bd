/**
 * Events of payment intents: append-only, written in the transaction of the change that they record.
 */
import type { MerchantEventType } from '../domain/merchant-events.ts';
import type { PaymentEvent, PaymentIntent } from '../domain/payment.ts';
import { type Db, executePrepared, query, storableJson } from './db/query.ts';
import { toIntentState } from './payment-rows.ts';

/** A CTE that appends events in order. Its statement binds {@link eventsBinding} and `:intentId`. */
export const APPEND_EVENTS = `
  appended_events as (
    insert into payment_events (intent_id, attempt_id, type, actor, data, created_at, merchant_event, intent_state)
    select :intentId, attempt_id, type, actor, data, created_at, merchant_event, intent_state
    from json_to_recordset(cast(:events as json)) as event (
      position integer, attempt_id text, type text, actor text, data jsonb, created_at timestamptz,
      merchant_event text, intent_state jsonb)
    order by position
  )`;

/** The event that the merchant receives, and the state of the intent that it shows. */
export interface MerchantEvent {
  readonly type: MerchantEventType;
  readonly intent: PaymentIntent;
}

/**
 * @param actor who caused them
 * @param merchantEvent stored with the last of them, whose id is the version of the intent afterwards
 */
export function eventsBinding(
  events: readonly PaymentEvent[],
  actor: string,
  now: Date,
  merchantEvent?: MerchantEvent,
) {
  const rows = events.map(({ type, attemptId, data = {} }, position) => {
    const row = { position, attempt_id: attemptId, type, actor, data, created_at: now };
    return merchantEvent && position === events.length - 1
      ? { ...row, merchant_event: merchantEvent.type, intent_state: toIntentState(merchantEvent.intent) }
      : row;
  });
  return { events: storableJson(rows) };
}

/** Appends events to an intent. */
export async function appendEvents(
  trx: Db,
  intentId: string,
  events: readonly PaymentEvent[],
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
