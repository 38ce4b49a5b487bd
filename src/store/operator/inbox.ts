/**
 * The inbox of the provider's webhooks, for operators: pages by status, and one with its content.
 */
import { type Db, query } from '../db/query.ts';
import { listWebhooksWhere, type StoredWebhook } from '../provider-webhooks.ts';

export interface InboxFilter {
  readonly status: StoredWebhook['status'] | undefined;
  /** The number after which the page begins. */
  readonly after: number | undefined;
  readonly limit: number;
}

/** A webhook with the payment that it is about, if the gateway knows it. */
export interface ShownWebhook extends StoredWebhook {
  readonly intentId: string | undefined;
}

/** Newest first. */
export async function listInbox(db: Db, filter: InboxFilter): Promise<ShownWebhook[]> {
  const { status, after, limit } = filter;
  const conditions = [
    'true',
    status !== undefined && 'status = :status',
    after !== undefined && 'id < :after',
  ].filter((condition) => condition !== false);
  const webhooks = await listWebhooksWhere(
    db,
    `${conditions.join(' and ')} order by ${status === undefined ? '' : 'status desc, '}id desc limit :limit`,
    { limit, ...(status !== undefined && { status }), ...(after !== undefined && { after }) },
  );
  return addIntents(db, webhooks);
}

/** @param maxBytes of the body */
export async function findInboxWebhook(
  db: Db,
  id: number,
  maxBytes: number,
): Promise<{ readonly webhook: ShownWebhook; readonly body: Buffer; readonly size: number } | undefined> {
  const [found] = await listWebhooksWhere(db, 'id = :id', { id });
  const [row] = await query<{ body: Buffer; size: number }>(
    db,
    'select substring(body for :maxBytes) as body, octet_length(body) as size from provider_webhooks where id = :id',
    { id, maxBytes },
  );
  const [webhook] = found ? await addIntents(db, [found]) : [];
  return webhook && row && { webhook, ...row };
}

async function addIntents(db: Db, webhooks: readonly StoredWebhook[]): Promise<ShownWebhook[]> {
  const rows = await query<{ attempt_id: string; provider_payment_id: string | null; intent_id: string }>(
    db,
    `select id as attempt_id, null as provider_payment_id, intent_id from payment_attempts
     where id = any(cast(:attemptIds as text[]))
     union all
     select id, provider_payment_id, intent_id from payment_attempts
     where provider_payment_id = any(cast(:providerPaymentIds as text[]))`,
    {
      attemptIds: webhooks.flatMap(({ attemptId }) => attemptId ?? []),
      providerPaymentIds: webhooks.flatMap(({ providerPaymentId }) => providerPaymentId ?? []),
    },
  );
  const intents = new Map(
    rows.flatMap(
      (row) =>
        [
          [row.attempt_id, row.intent_id],
          ...(row.provider_payment_id === null ? [] : [[row.provider_payment_id, row.intent_id] as const]),
        ] as const,
    ),
  );
  return webhooks.map((webhook) => ({
    ...webhook,
    intentId: intents.get(webhook.attemptId ?? '') ?? intents.get(webhook.providerPaymentId ?? ''),
  }));
}
