/**
 * The inbox of provider webhooks. A webhook is stored once, however often it is delivered.
 */
import { type Db, execute, executePrepared, query, queryPrepared } from './db/query.ts';

export interface NewWebhook {
  readonly provider: string;
  readonly dedupeKey: string;
  readonly type: string;
  readonly attemptId: string | undefined;
  readonly providerPaymentId: string | undefined;
  readonly body: Buffer;
  readonly peerAddress: string | undefined;
}

export interface StoredWebhook {
  readonly id: number;
  readonly provider: string;
  readonly type: string;
  readonly attemptId: string | undefined;
  readonly providerPaymentId: string | undefined;
  /** `orphaned`: it is about a payment that the gateway does not know. */
  readonly status: 'received' | 'processed' | 'ignored' | 'orphaned';
  readonly deliveries: number;
  readonly tries: number;
  readonly receivedAt: Date;
  readonly processedAt: Date | undefined;
  readonly note: string | undefined;
}

interface WebhookRow {
  readonly id: number;
  readonly provider: string;
  readonly type: string;
  readonly attempt_id: string | null;
  readonly provider_payment_id: string | null;
  readonly status: StoredWebhook['status'];
  readonly deliveries: number;
  readonly tries: number;
  readonly received_at: Date;
  readonly processed_at: Date | null;
  readonly note: string | null;
}

const COLUMNS = `
  provider_webhooks.id, provider_webhooks.provider, provider_webhooks.type, provider_webhooks.attempt_id,
  provider_webhooks.provider_payment_id, provider_webhooks.status, provider_webhooks.deliveries,
  provider_webhooks.tries, provider_webhooks.received_at, provider_webhooks.processed_at, provider_webhooks.note`;

/** Stores a delivery; returns the webhook's id and whether this is its first delivery. */
export async function insertWebhook(
  db: Db,
  webhook: NewWebhook,
  now: Date,
): Promise<{ id: number; isFirst: boolean }> {
  const [row] = await queryPrepared<{ id: number; deliveries: number }>(
    db,
    `insert into provider_webhooks (
       provider, dedupe_key, type, attempt_id, provider_payment_id, body, peer_address, status, next_try_at, received_at)
     values (
       :provider, :dedupeKey, :type, :attemptId, :providerPaymentId, :body, :peerAddress, 'received', :now, :now)
     on conflict (provider, dedupe_key) do update set deliveries = provider_webhooks.deliveries + 1
     returning id, deliveries`,
    {
      ...webhook,
      attemptId: webhook.attemptId ?? null,
      providerPaymentId: webhook.providerPaymentId ?? null,
      peerAddress: webhook.peerAddress ?? null,
      now,
    },
  );
  if (!row) {
    throw new Error('inserting a webhook returned no row');
  }
  return { id: row.id, isFirst: row.deliveries === 1 };
}

/** A try later than any postponement was scheduled by a clock that was ahead, so it is due. */
const IS_DUE = `(next_try_at <= :now or next_try_at > cast(:now as timestamptz) + interval '5 minutes')`;

/** Number of webhooks due, counted up to `max`. */
export async function countDueWebhooks(db: Db, now: Date, max: number): Promise<number> {
  const [row] = await query<{ due: number }>(
    db,
    `select count(*)::int as due from (
       select from provider_webhooks where ${IS_DUE} limit :max
     ) as due_webhooks`,
    { now, max },
  );
  return row?.due ?? 0;
}

/** Claims due webhooks, oldest first, by postponing their next try. */
export async function claimDueWebhooks(
  db: Db,
  now: Date,
  claimUntil: Date,
  limit: number,
): Promise<StoredWebhook[]> {
  const rows = await query<WebhookRow>(
    db,
    `with due as (
       select id from provider_webhooks where ${IS_DUE}
       order by next_try_at limit :limit for update skip locked
     )
     update provider_webhooks set next_try_at = :claimUntil, tries = tries + 1
     from due where provider_webhooks.id = due.id returning ${COLUMNS}`,
    { now, claimUntil, limit },
  );
  return rows.map(toWebhook);
}

export type FinalStatus = Exclude<StoredWebhook['status'], 'received'>;

/** Records the result of processing a webhook. */
export async function finishWebhook(
  db: Db,
  id: number,
  status: FinalStatus,
  note: string | undefined,
  now: Date,
): Promise<void> {
  await executePrepared(
    db,
    `update provider_webhooks
     set status = :status, note = :note, processed_at = :now, next_try_at = null where id = :id`,
    { id, status, note: note ?? null, now },
  );
}

/** Postpones a webhook until `nextTryAt`. */
export async function postponeWebhook(db: Db, id: number, note: string, nextTryAt: Date): Promise<void> {
  await execute(
    db,
    `update provider_webhooks set note = :note, next_try_at = :nextTryAt where id = :id and status = 'received'`,
    { id, note, nextTryAt },
  );
}

/** Locks a webhook and returns its status, and whose payment it is about if that is known; undefined when there is none. */
export async function lockWebhook(
  trx: Db,
  id: number,
): Promise<
  | {
      readonly status: StoredWebhook['status'];
      readonly merchantId: string | undefined;
      readonly storeId: string | undefined;
    }
  | undefined
> {
  const [row] = await query<{
    status: StoredWebhook['status'];
    merchant_id: string | null;
    merchant_store_id: string | null;
  }>(
    trx,
    `select provider_webhooks.status, payment_intents.merchant_id, merchant_store_id from provider_webhooks
     left join payment_attempts on payment_attempts.id = provider_webhooks.attempt_id
     left join payment_intents on payment_intents.id = payment_attempts.intent_id
     where provider_webhooks.id = :id for update of provider_webhooks`,
    { id },
  );
  return (
    row && {
      status: row.status,
      merchantId: row.merchant_id ?? undefined,
      storeId: row.merchant_store_id ?? undefined,
    }
  );
}

/** Queues a webhook again, whatever its status. Call `lockWebhook` first. */
export async function replayWebhook(trx: Db, id: number, now: Date): Promise<void> {
  await execute(
    trx,
    `update provider_webhooks set status = 'received', processed_at = null, next_try_at = :now where id = :id`,
    { id, now },
  );
}

/** Removes up to `limit` webhooks that were processed or ignored before `processedBefore`. @returns how many */
export function removeProcessedWebhooks(db: Db, processedBefore: Date, limit: number): Promise<number> {
  return execute(
    db,
    `delete from provider_webhooks where id in (
       select id from provider_webhooks
       where status in ('processed', 'ignored') and processed_at < :processedBefore
       order by processed_at limit :limit for update skip locked)`,
    { processedBefore, limit },
  );
}

/** The latest webhooks, newest first. */
export function listWebhooks(db: Db, limit: number): Promise<StoredWebhook[]> {
  return listWebhooksWhere(db, 'true order by id desc limit :limit', { limit });
}

/** Webhooks by the conditions of an operator's list. @param conditions with the order and the limit */
export async function listWebhooksWhere(
  db: Db,
  conditions: string,
  bindings: Readonly<Record<string, unknown>>,
): Promise<StoredWebhook[]> {
  const rows = await query<WebhookRow>(
    db,
    `select ${COLUMNS} from provider_webhooks where ${conditions}`,
    bindings,
  );
  return rows.map(toWebhook);
}

function toWebhook(row: WebhookRow): StoredWebhook {
  return {
    id: row.id,
    provider: row.provider,
    type: row.type,
    attemptId: row.attempt_id ?? undefined,
    providerPaymentId: row.provider_payment_id ?? undefined,
    status: row.status,
    deliveries: row.deliveries,
    tries: row.tries,
    receivedAt: row.received_at,
    processedAt: row.processed_at ?? undefined,
    note: row.note ?? undefined,
  };
}
