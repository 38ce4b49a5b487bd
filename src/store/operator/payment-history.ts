/**
 * What is known of one payment from everywhere: its events, the provider's webhooks about it and the deliveries to the
 * merchant's endpoints; always the newest, up to a limit.
 */
import type { PaymentEvent } from '../../domain/payment.ts';
import type { DeliveryStatus } from '../../domain/webhook-delivery.ts';
import { type Db, query } from '../db/query.ts';

export interface HistoryEvent {
  readonly type: PaymentEvent['type'];
  readonly attemptId: string | undefined;
  readonly actor: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly createdAt: Date;
}

/** The newest events of an intent, oldest first. */
export async function listNewestEvents(db: Db, intentId: string, limit: number): Promise<HistoryEvent[]> {
  const rows = await query<{
    readonly attempt_id: string | null;
    readonly type: PaymentEvent['type'];
    readonly actor: string;
    readonly data: Readonly<Record<string, unknown>>;
    readonly created_at: Date;
  }>(
    db,
    `select attempt_id, type, actor, data, created_at from payment_events
     where intent_id = :intentId order by id desc limit :limit`,
    { intentId, limit },
  );
  return rows
    .map((row) => ({
      type: row.type,
      attemptId: row.attempt_id ?? undefined,
      actor: row.actor,
      data: row.data,
      createdAt: row.created_at,
    }))
    .reverse();
}

/** A webhook of the provider, without its body. */
export interface HistoryWebhook {
  readonly id: number;
  readonly type: string;
  readonly attemptId: string;
  readonly status: 'received' | 'processed' | 'ignored' | 'orphaned';
  /** How often the provider has sent it. */
  readonly deliveries: number;
  readonly note: string | undefined;
  readonly receivedAt: Date;
  readonly processedAt: Date | undefined;
}

/** The newest webhooks about these attempts, up to `limit` for each, oldest first. */
export async function listWebhooksOfAttempts(
  db: Db,
  attemptIds: readonly string[],
  limit: number,
): Promise<HistoryWebhook[]> {
  const rows = await query<{
    readonly id: number;
    readonly type: string;
    readonly attempt_id: string;
    readonly status: HistoryWebhook['status'];
    readonly deliveries: number;
    readonly note: string | null;
    readonly received_at: Date;
    readonly processed_at: Date | null;
  }>(
    db,
    `select found.* from unnest(cast(:attemptIds as text[])) as wanted (id)
     cross join lateral (
       select id, type, attempt_id, status, deliveries, note, received_at, processed_at from provider_webhooks
       where attempt_id = wanted.id order by attempt_id desc, id desc limit :limit) as found`,
    { attemptIds, limit },
  );
  return rows
    .map((row) => ({
      id: row.id,
      type: row.type,
      attemptId: row.attempt_id,
      status: row.status,
      deliveries: row.deliveries,
      note: row.note ?? undefined,
      receivedAt: row.received_at,
      processedAt: row.processed_at ?? undefined,
    }))
    .sort((a, b) => a.id - b.id);
}

/** The delivery of one event of the payment to one endpoint. */
export interface HistoryDelivery {
  readonly id: string;
  readonly url: string;
  readonly eventType: string;
  readonly status: DeliveryStatus;
  readonly tries: number;
  readonly nextTryAt: Date | undefined;
  /** The last try that was made. */
  readonly last: { readonly at: Date; readonly status?: number; readonly problem?: string } | undefined;
  readonly createdAt: Date;
}

/** The newest deliveries about an intent and its refunds, those to deleted endpoints included, oldest first. */
export async function listDeliveriesOfIntent(
  db: Db,
  intentId: string,
  limit: number,
): Promise<HistoryDelivery[]> {
  const rows = await query<{
    readonly id: string;
    readonly url: string;
    readonly event_type: string;
    readonly status: DeliveryStatus;
    readonly tries: number;
    readonly next_try_at: Date | null;
    readonly last: { readonly at: string; readonly status?: number; readonly problem?: string } | null;
    readonly created_at: Date;
  }>(
    db,
    `select delivery.id, endpoint.url, delivery.event_type, delivery.status, delivery.tries, delivery.next_try_at,
            delivery.attempts -> -1 as last, delivery.created_at
     from (select * from webhook_deliveries where object_id = :intentId
           order by object_id desc, position desc limit :limit) as delivery
     join webhook_endpoints as endpoint on endpoint.id = delivery.endpoint_id
     order by delivery.position, delivery.id`,
    { intentId, limit },
  );
  return rows.map((row) => ({
    id: row.id,
    url: row.url,
    eventType: row.event_type,
    status: row.status,
    tries: row.tries,
    nextTryAt: row.next_try_at ?? undefined,
    last: row.last ? { ...row.last, at: new Date(row.last.at) } : undefined,
    createdAt: row.created_at,
  }));
}

/** The names of operators by their ids. */
export async function namesOfOperators(db: Db, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const rows = await query<{ readonly id: string; readonly name: string }>(
    db,
    'select id, name from operators where id = any(cast(:ids as text[]))',
    { ids },
  );
  return new Map(rows.map(({ id, name }) => [id, name]));
}
