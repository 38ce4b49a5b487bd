/**
 * Deliveries as merchants see them. Those of a deleted endpoint are not found.
 */
import type { DeliveryAttempt, DeliveryStatus, WebhookDelivery } from '../../domain/webhook-delivery.ts';
import { type Db, execute, query } from '../db/query.ts';

interface DeliveryRow {
  readonly id: string;
  readonly endpoint_id: string;
  readonly event_id: string;
  readonly position: number;
  readonly event_type: string;
  readonly status: DeliveryStatus;
  readonly tries: number;
  readonly next_try_at: Date | null;
  readonly attempts: readonly AttemptJson[];
  readonly created_at: Date;
  readonly ended_at: Date | null;
}

/** One attempt as it is stored in `attempts`. */
interface AttemptJson {
  readonly at: string;
  readonly duration_ms: number;
  readonly status?: number;
  readonly problem?: string;
  readonly message?: string;
  readonly response_excerpt?: string;
}

const COLUMNS = ['id', 'endpoint_id', 'event_id', 'position', 'event_type', 'status', 'tries', 'next_try_at']
  .concat('attempts', 'created_at', 'ended_at')
  .map((column) => `delivery.${column}`)
  .join(', ');

export interface DeliveryFilter {
  readonly endpointId: string;
  readonly status: DeliveryStatus | undefined;
  readonly eventType: string | undefined;
  /** Undefined: events of all stores, and of none. */
  readonly storeIds: readonly string[] | undefined;
  /** The id after which the page begins. */
  readonly startingAfter: string | undefined;
  readonly limit: number;
}

/**
 * One page, newest event first. The statement has only the conditions that are set, so that each combination uses its
 * index.
 */
export async function listDeliveries(db: Db, filter: DeliveryFilter): Promise<WebhookDelivery[]> {
  const conditions = [
    'delivery.endpoint_id = :endpointId',
    filter.status !== undefined && 'delivery.status = :status',
    filter.eventType !== undefined && 'delivery.event_type = :eventType',
    filter.storeIds !== undefined && 'delivery.merchant_store_id = any(cast(:storeIds as text[]))',
    filter.startingAfter !== undefined &&
      `delivery.position < (
         select position from webhook_deliveries where id = :startingAfter and endpoint_id = :endpointId)`,
  ].filter((condition) => condition !== false);
  const bindings = Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined));
  const rows = await query<DeliveryRow>(
    db,
    `select ${COLUMNS} from webhook_deliveries delivery where ${conditions.join(' and ')}
     order by delivery.endpoint_id desc, delivery.position desc limit :limit`,
    bindings,
  );
  return rows.map(toDelivery);
}

/** A delivery with what it is about and where it goes. */
export interface AddressedDelivery extends WebhookDelivery {
  readonly objectId: string;
  readonly url: string;
}

/** The newest deliveries to all endpoints of a merchant, newest event first. */
export async function listNewestDeliveries(
  db: Db,
  merchantId: string,
  limit: number,
): Promise<AddressedDelivery[]> {
  const rows = await query<DeliveryRow & { readonly object_id: string; readonly url: string }>(
    db,
    `select newest.*, endpoint.url from webhook_endpoints endpoint
     cross join lateral (
       select ${COLUMNS}, delivery.object_id from webhook_deliveries delivery
       where delivery.endpoint_id = endpoint.id
       order by delivery.endpoint_id desc, delivery.position desc limit :limit) newest
     where endpoint.merchant_id = :merchantId and endpoint.status <> 'deleted'
     order by newest.position desc, newest.id desc limit :limit`,
    { merchantId, limit },
  );
  return rows.map((row) => ({ ...toDelivery(row), objectId: row.object_id, url: row.url }));
}

export async function findDelivery(
  db: Db,
  id: string,
  merchantId: string,
): Promise<WebhookDelivery | undefined> {
  const [row] = await query<DeliveryRow>(
    db,
    `select ${COLUMNS} from webhook_deliveries delivery
     join webhook_endpoints endpoint on endpoint.id = delivery.endpoint_id and endpoint.status <> 'deleted'
     where delivery.id = :id and delivery.merchant_id = :merchantId`,
    { id, merchantId },
  );
  return row && toDelivery(row);
}

/** Whether the event of this position has been removed from the feed, and its body with it. */
export async function isEventRemoved(db: Db, position: number): Promise<boolean> {
  const [row] = await query<{ is_removed: boolean }>(
    db,
    'select removed_position >= :position as is_removed from event_sequencer',
    { position },
  );
  return row?.is_removed === true;
}

/**
 * Makes deliveries due now. Those that have ended get all their tries again. The next claim finds out whether they are
 * blocked.
 * @returns how many have changed
 */
export function makeDue(db: Db, ids: readonly string[], now: Date): Promise<number> {
  return execute(
    db,
    `update webhook_deliveries
     set status = 'pending', tries = case status when 'pending' then tries else 0 end, next_try_at = :now, ended_at = null,
         is_blocked = false
     where id = any(cast(:ids as text[]))`,
    { ids, now },
  );
}

/**
 * Ends pending deliveries to an endpoint, at most `limit`. Those that another statement is changing are left, so that this
 * one waits for none.
 */
export async function endPending(
  db: Db,
  { endpointId, now, limit }: { readonly endpointId: string; readonly now: Date; readonly limit: number },
): Promise<void> {
  await execute(
    db,
    `update webhook_deliveries set status = 'failed', next_try_at = null, ended_at = :now
     where id in (
       select id from webhook_deliveries where endpoint_id = :endpointId and status = 'pending'
       limit :limit for update skip locked)`,
    { endpointId, now, limit },
  );
}

function toDelivery(row: DeliveryRow): WebhookDelivery {
  return {
    id: row.id,
    endpointId: row.endpoint_id,
    eventId: row.event_id,
    position: row.position,
    eventType: row.event_type,
    status: row.status,
    tries: row.tries,
    nextTryAt: row.next_try_at ?? undefined,
    attempts: row.attempts.map(toAttempt),
    createdAt: row.created_at,
    endedAt: row.ended_at ?? undefined,
  };
}

function toAttempt(attempt: AttemptJson): DeliveryAttempt {
  return {
    at: new Date(attempt.at),
    durationMs: attempt.duration_ms,
    status: attempt.status,
    problem: attempt.problem,
    message: attempt.message,
    responseExcerpt: attempt.response_excerpt,
  };
}
