/**
 * Events that are not of a payment, until the sequencer moves them to the feed.
 */
import { type Db, execute } from '../db/query.ts';

export interface OutboxEvent {
  readonly eventId: string;
  readonly merchantId: string;
  readonly type: string;
  readonly objectId: string;
  /** JSON exactly as delivered. */
  readonly body: string;
  /** False: it is only to be in the feed, and not delivered to endpoints. */
  readonly fanOut: boolean;
}

export function insertOutboxEvent(db: Db, event: OutboxEvent): Promise<void> {
  return insertOutboxEvents(db, [event]);
}

/** In their order. */
export async function insertOutboxEvents(db: Db, events: readonly OutboxEvent[]): Promise<void> {
  await execute(
    db,
    `insert into outbox_events (event_id, merchant_id, type, object_id, body, fan_out)
     select event_id, merchant_id, type, object_id, body, fan_out from unnest(
       cast(:eventIds as text[]), cast(:merchantIds as text[]), cast(:types as text[]), cast(:objectIds as text[]),
       cast(:bodies as text[]), cast(:fanOuts as boolean[])
     ) with ordinality as event (event_id, merchant_id, type, object_id, body, fan_out, position)
     order by position`,
    {
      eventIds: events.map(({ eventId }) => eventId),
      merchantIds: events.map(({ merchantId }) => merchantId),
      types: events.map(({ type }) => type),
      objectIds: events.map(({ objectId }) => objectId),
      bodies: events.map(({ body }) => body),
      fanOuts: events.map(({ fanOut }) => fanOut),
    },
  );
}
