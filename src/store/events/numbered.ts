/**
 * Writes of the sequencer: numbered events, and their deliveries to the subscribed endpoints.
 */
import type { WebhookEndpoint } from '../../domain/webhook-endpoint.ts';
import { type Db, execute, queryPrepared } from '../db/query.ts';

export interface NumberedEvent {
  readonly position: number;
  /** The UTC date of the time in the id. */
  readonly day: string;
  readonly id: string;
  readonly merchantId: string;
  readonly merchantStoreId: string | undefined;
  readonly type: string;
  readonly objectId: string;
  /** The payment intent that the event belongs to, if any: `per_payment_intent` keeps its events in order. */
  readonly intentId: string | undefined;
  /** Undefined: the object has no versions. */
  readonly version: number | undefined;
  readonly body: string;
}

export interface NewDelivery {
  readonly id: string;
  readonly endpointId: string;
  readonly event: NumberedEvent;
  readonly isOrdered: boolean;
}

/** The part of an endpoint that decides which events are delivered to it. */
export type Subscription = Pick<
  WebhookEndpoint,
  'id' | 'merchantId' | 'eventTypes' | 'merchantStoreIds' | 'ordering'
>;

/**
 * The endpoints of these merchants for which deliveries are inserted; those of a paused one wait. The last condition is that
 * of the index.
 */
export async function listSubscriptions(trx: Db, merchantIds: readonly string[]): Promise<Subscription[]> {
  const rows = await queryPrepared<{
    id: string;
    merchant_id: string;
    event_types: string[] | null;
    merchant_store_ids: string[] | null;
    ordering: Subscription['ordering'];
  }>(
    trx,
    `select id, merchant_id, event_types, merchant_store_ids, ordering from webhook_endpoints
     where merchant_id = any(:merchantIds) and status in ('enabled', 'paused') and status <> 'deleted'`,
    { merchantIds },
  );
  return rows.map((row) => ({
    id: row.id,
    merchantId: row.merchant_id,
    eventTypes: row.event_types ?? undefined,
    merchantStoreIds: row.merchant_store_ids ?? undefined,
    ordering: row.ordering,
  }));
}

/** Inserts events with their deliveries. */
export async function insertNumbered(
  trx: Db,
  events: readonly NumberedEvent[],
  deliveries: readonly NewDelivery[],
  now: Date,
): Promise<void> {
  await execute(
    trx,
    `with numbered as (
       insert into events (position, day, id, merchant_id, merchant_store_id, type, object_id, intent_id, version, body)
       select position, day, id, merchant_id, merchant_store_id, type, object_id, intent_id, version, body
       from json_to_recordset(cast(:events as json)) as event (
         position bigint, day date, id text, merchant_id text, merchant_store_id text, type text, object_id text,
         intent_id text, version bigint, body text)
     )
     insert into webhook_deliveries (
       id, endpoint_id, merchant_id, merchant_store_id, event_id, position, event_type, object_id, is_ordered, status,
       next_try_at, created_at)
     select id, endpoint_id, merchant_id, merchant_store_id, event_id, position, event_type, object_id, is_ordered, 'pending',
            :now, :now
     from json_to_recordset(cast(:deliveries as json)) as delivery (
       id text, endpoint_id text, merchant_id text, merchant_store_id text, event_id text, position bigint, event_type text,
       object_id text, is_ordered boolean)`,
    {
      events: JSON.stringify(events.map(toEventRow)),
      deliveries: JSON.stringify(deliveries.map(toDeliveryRow)),
      now,
    },
  );
}

function toEventRow(event: NumberedEvent) {
  const { merchantId, merchantStoreId, objectId, intentId, ...same } = event;
  return {
    ...same,
    merchant_id: merchantId,
    merchant_store_id: merchantStoreId,
    object_id: objectId,
    // That of an event about the intent itself is its object.
    intent_id: intentId === objectId ? undefined : intentId,
  };
}

function toDeliveryRow({ id, endpointId, event, isOrdered }: NewDelivery) {
  return {
    id,
    endpoint_id: endpointId,
    merchant_id: event.merchantId,
    merchant_store_id: event.merchantStoreId,
    event_id: event.id,
    position: event.position,
    event_type: event.type,
    // Deliveries are ordered by it.
    object_id: event.intentId ?? event.objectId,
    is_ordered: isOrdered,
  };
}
