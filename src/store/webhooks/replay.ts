/**
 * Replays: finds the events of a period and makes their deliveries due again. The period is compared with the ids of the
 * events, which contain their time; the day prunes the partitions.
 */
import type { WebhookEndpoint } from '../../domain/webhook-endpoint.ts';
import { type Db, execute, query } from '../db/query.ts';

export interface ReplayWindow {
  /** Inclusive. */
  readonly eventIdFrom: string;
  /** Exclusive. */
  readonly eventIdTo: string;
  /** The first and the last day of the period, `YYYY-MM-DD` in UTC. */
  readonly firstDay: string;
  readonly lastDay: string;
  /** Only these types; undefined: all. */
  readonly eventTypes: readonly string[] | undefined;
  /** Only failed deliveries of events of these stores; undefined: all. */
  readonly storeIds: readonly string[] | undefined;
  readonly limit: number;
}

/** Ids of failed deliveries whose event has not been removed, at most `limit`. */
export async function listFailedDeliveries(
  db: Db,
  endpointId: string,
  window: ReplayWindow,
): Promise<string[]> {
  const { eventIdFrom, eventIdTo, eventTypes, storeIds, limit } = window;
  const ofTypes = eventTypes === undefined ? '' : 'and event_type = any(cast(:eventTypes as text[]))';
  const ofStores = storeIds === undefined ? '' : 'and merchant_store_id = any(cast(:storeIds as text[]))';
  const rows = await query<{ id: string }>(
    db,
    `select id from webhook_deliveries
     where endpoint_id = :endpointId and status = 'failed' and event_id >= :eventIdFrom and event_id < :eventIdTo
       and position > coalesce((select removed_position from event_sequencer), 0) ${ofTypes} ${ofStores}
     order by position limit :limit`,
    {
      ...{ endpointId, eventIdFrom, eventIdTo, limit },
      ...(eventTypes && { eventTypes }),
      ...(storeIds && { storeIds }),
    },
  );
  return rows.map(({ id }) => id);
}

/** An event that can be delivered again. */
export interface ReplayableEvent {
  readonly eventId: string;
  readonly position: number;
  readonly eventType: string;
  readonly merchantStoreId: string | undefined;
  /** By which deliveries are ordered. */
  readonly objectId: string;
}

interface ReplayableRow {
  readonly id: string;
  readonly position: number;
  readonly type: string;
  readonly object_id: string;
  readonly merchant_store_id: string | null;
}

/** The events of a merchant in a period are found among those of all merchants in the period, or among its own of the days. */
export type EventsRead = 'period' | 'merchant';

const OF_DAYS = 'day between cast(:firstDay as date) and cast(:lastDay as date)';
const READ: Readonly<Record<EventsRead, string>> = {
  period: `id >= :eventIdFrom and id < :eventIdTo and ${OF_DAYS}`,
  merchant: `merchant_id = :merchantId and ${OF_DAYS}`,
};

/** How many events would be read, counted up to `max`. */
export async function countEventsRead(
  db: Db,
  read: EventsRead,
  merchantId: string,
  { eventIdFrom, eventIdTo, firstDay, lastDay }: ReplayWindow,
  max: number,
): Promise<number> {
  const bindings = read === 'period' ? { eventIdFrom, eventIdTo } : { merchantId };
  const [row] = await query<{ count: number }>(
    db,
    `select count(*)::int as count from (select from events where ${READ[read]} limit :max) as counted`,
    { ...bindings, firstDay, lastDay, max },
  );
  return row?.count ?? 0;
}

/**
 * Events to which an endpoint is subscribed and whose delivery to it is not pending, at most `limit`, by position. The
 * deliveries are looked up one by one, because an endpoint may have many more than the period has events.
 */
export async function listReplayableEvents(
  db: Db,
  endpoint: WebhookEndpoint,
  window: ReplayWindow,
  read: EventsRead,
): Promise<ReplayableEvent[]> {
  const filters = {
    ...(window.eventTypes && { askedTypes: window.eventTypes }),
    ...(endpoint.eventTypes && { eventTypes: endpoint.eventTypes }),
    ...(endpoint.merchantStoreIds && { storeIds: endpoint.merchantStoreIds }),
  };
  const { eventIdFrom, eventIdTo, firstDay, lastDay, limit } = window;
  const rows = await query<ReplayableRow>(
    db,
    `with event as materialized (
       select id, position, type, coalesce(intent_id, object_id) as object_id, merchant_id, merchant_store_id from events
       where ${READ[read]}
     )
     select event.id, event.position, event.type, event.object_id, event.merchant_store_id
     from event
     left join lateral (
       select status from webhook_deliveries where endpoint_id = :endpointId and position = event.position limit 1
     ) as delivery on true
     where event.merchant_id = :merchantId and event.id >= :eventIdFrom and event.id < :eventIdTo and event.type <> 'ping'
       and delivery.status is distinct from 'pending'
       ${'askedTypes' in filters ? 'and event.type = any(cast(:askedTypes as text[]))' : ''}
       ${'eventTypes' in filters ? 'and event.type = any(cast(:eventTypes as text[]))' : ''}
       ${'storeIds' in filters ? 'and event.merchant_store_id = any(cast(:storeIds as text[]))' : ''}
     limit :limit`,
    {
      ...{ endpointId: endpoint.id, merchantId: endpoint.merchantId },
      ...{ eventIdFrom, eventIdTo, firstDay, lastDay, limit },
      ...filters,
    },
  );
  return rows
    .map((row) => ({
      eventId: row.id,
      position: row.position,
      eventType: row.type,
      merchantStoreId: row.merchant_store_id ?? undefined,
      objectId: row.object_id,
    }))
    .sort((a, b) => a.position - b.position);
}

/**
 * Inserts the deliveries that are missing, and makes those due that have ended.
 * @returns how many are pending that were not
 */
export function upsertDeliveries(
  db: Db,
  endpoint: WebhookEndpoint,
  deliveries: readonly (ReplayableEvent & { readonly id: string })[],
  now: Date,
): Promise<number> {
  return execute(
    db,
    `insert into webhook_deliveries (
       id, endpoint_id, merchant_id, merchant_store_id, event_id, position, event_type, object_id, is_ordered, status,
       next_try_at, created_at)
     select id, :endpointId, :merchantId, merchant_store_id, event_id, position, event_type, object_id, :isOrdered, 'pending',
            :now, :now
     from json_to_recordset(cast(:deliveries as json)) as made (
       id text, merchant_store_id text, event_id text, position bigint, event_type text, object_id text)
     on conflict (endpoint_id, position) do update
     set status = 'pending', tries = 0, next_try_at = excluded.next_try_at, ended_at = null, is_blocked = false,
         merchant_store_id = excluded.merchant_store_id
     where webhook_deliveries.status <> 'pending'`,
    {
      ...{ endpointId: endpoint.id, merchantId: endpoint.merchantId, now },
      isOrdered: endpoint.ordering === 'per_payment_intent',
      deliveries: JSON.stringify(
        deliveries.map(({ id, merchantStoreId, eventId, position, eventType, objectId }) => ({
          id,
          merchant_store_id: merchantStoreId,
          event_id: eventId,
          position,
          event_type: eventType,
          object_id: objectId,
        })),
      ),
    },
  );
}
