/**
 * Webhook endpoints for tests, and events with their deliveries as the sequencer would write them.
 */
import { firstIdAt, newId, timeOfId } from '../../src/lib/ids.ts';
import { type Db, inTransaction, query } from '../../src/store/db/query.ts';
import { createDay, listMissingDays } from '../../src/store/events/partitions.ts';
import type { SendResult } from '../../src/webhook-sender/sender.ts';
import type { Credentials, TestGateway } from './gateway.ts';

export const ENDPOINTS = '/v1/webhook_endpoints';
export const DELIVERIES = '/v1/webhook_deliveries';

/** The response of a receiver. */
export function response(status: number, excerpt = 'ok'): SendResult {
  return { kind: 'response', status, durationMs: 3.6, retryAfterSeconds: undefined, excerpt };
}

export interface TestEndpoint {
  readonly id: string;
  readonly secret: string;
}

export async function newEndpoint(
  gateway: TestGateway,
  as: Credentials,
  fields: Record<string, unknown> = {},
): Promise<TestEndpoint> {
  const body = { url: 'https://shop.example.com/webhooks', ...fields };
  const created = await gateway.request('POST', ENDPOINTS, { as, body });
  if (created.status !== 201) {
    throw new Error(`create responded with ${created.status}: ${JSON.stringify(created.body)}`);
  }
  return created.body;
}

export interface SeededEvent {
  readonly id: string;
  readonly position: number;
  readonly type: string;
  readonly merchantId: string;
  readonly storeId?: string | undefined;
}

interface EventToSeed {
  readonly merchantId: string;
  readonly type?: string;
  /** Its time; now by default. */
  readonly at?: Date;
  readonly storeId?: string;
}

/** Inserts an event at the end of the feed, and its partition if there is none. */
export async function seedEvent(db: Db, event: EventToSeed): Promise<SeededEvent> {
  const { merchantId, type = 'payment_intent.succeeded', at = new Date(), storeId } = event;
  // The ids of a test are not made in the order of their times, and must not move the clock of other ids.
  const id = `${firstIdAt('evt', at).slice(0, 14)}${newId('evt', new Date()).slice(14)}`;
  const day = timeOfId(id).toISOString().slice(0, 10);
  for (const missing of await listMissingDays(db, [day])) {
    await inTransaction(db, (trx) => createDay(trx, missing));
  }
  const [row] = await query<{ position: number }>(
    db,
    `with next as (update event_sequencer set position = position + 1 returning position)
     insert into events (position, day, id, merchant_id, merchant_store_id, type, object_id, version, body)
     select position, cast(:day as date), :id, :merchantId, :storeId, :type, 'pi_x', 1, '{}' from next
     returning position`,
    { day, id, merchantId, storeId: storeId ?? null, type },
  );
  return { id, position: row?.position ?? 0, type, merchantId, storeId };
}

/** Inserts a delivery of an event; ended ones ended now. */
export async function seedDelivery(
  db: Db,
  endpointId: string,
  event: SeededEvent,
  {
    status = 'pending',
    attempts = [],
    isOrdered = false,
  }: { status?: string; attempts?: readonly object[]; isOrdered?: boolean } = {},
): Promise<string> {
  const now = new Date();
  const id = newId('wd', now);
  await query(
    db,
    `insert into webhook_deliveries (
       id, endpoint_id, merchant_id, event_id, position, event_type, object_id, is_ordered, status, tries, next_try_at,
       attempts, created_at, ended_at, merchant_store_id)
     values (:id, :endpointId, :merchantId, :eventId, :position, :type, 'pi_x', :isOrdered, :status, :tries, :nextTryAt,
       cast(:attempts as jsonb), :now, :endedAt, :storeId)`,
    {
      ...{ id, endpointId, status, now, isOrdered },
      ...{ merchantId: event.merchantId, eventId: event.id, position: event.position, type: event.type },
      storeId: event.storeId ?? null,
      tries: attempts.length,
      nextTryAt: status === 'pending' ? new Date(now.getTime() + 3_600_000) : null,
      endedAt: status === 'pending' ? null : now,
      attempts: JSON.stringify(attempts),
    },
  );
  return id;
}
