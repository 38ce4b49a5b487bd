/**
 * Webhooks in the inbox about payments that the gateway does not know: money that may be at the provider without anybody
 * knowing of it.
 */
import { type Db, execute, query } from '../db/query.ts';

/** A message about a payment that is not among the attempts, whatever the inbox's worker has made of it. */
export interface UnknownPaymentWebhook {
  readonly id: number;
  readonly provider: string;
  readonly attemptId: string | undefined;
  readonly providerPaymentId: string | undefined;
  readonly body: Buffer;
  readonly receivedAt: Date;
}

/** The note of a webhook that the operator has looked into. */
const DISMISSED = 'dismissed';

const NAMES_NO_ATTEMPT = `
  not exists (select from payment_attempts attempts where attempts.id = webhooks.attempt_id)
  and not exists (
    select from payment_attempts attempts where attempts.provider_payment_id = webhooks.provider_payment_id)`;

/**
 * One page of the whole inbox, in the order of ids: the messages in it that name a payment which is not ours. A message that
 * was processed counts as well, because its payment may have been lost since, by a fail-over or an older backup.
 * @returns also the last id of the page, or undefined at the end of the inbox
 */
export async function listUnknownPaymentWebhooks(
  db: Db,
  afterId: number,
  pageSize: number,
): Promise<{ webhooks: UnknownPaymentWebhook[]; lastId: number | undefined }> {
  const rows = await query<{
    id: number;
    provider: string;
    attempt_id: string | null;
    provider_payment_id: string | null;
    received_at: Date;
    unknown_body: Buffer | null;
  }>(
    db,
    `select id, provider, attempt_id, provider_payment_id, received_at,
            case when coalesce(attempt_id, provider_payment_id) is not null and note is distinct from '${DISMISSED}'
                      and ${NAMES_NO_ATTEMPT} then body end as unknown_body
     from provider_webhooks webhooks where id > :afterId order by id limit :pageSize`,
    { afterId, pageSize },
  );
  const webhooks = rows.flatMap((row) =>
    row.unknown_body === null
      ? []
      : [
          {
            id: row.id,
            provider: row.provider,
            attemptId: row.attempt_id ?? undefined,
            providerPaymentId: row.provider_payment_id ?? undefined,
            body: row.unknown_body,
            receivedAt: row.received_at,
          },
        ],
  );
  return { webhooks, lastId: rows.at(-1)?.id };
}

/** Stops reporting the messages about a payment that is not ours; returns how many there were. */
export function dismissUnknownPayment(db: Db, reference: string, now: Date): Promise<number> {
  return execute(
    db,
    `update provider_webhooks webhooks
     set status = 'ignored', note = '${DISMISSED}', next_try_at = null, processed_at = coalesce(processed_at, :now)
     where (attempt_id = :reference or provider_payment_id = :reference) and ${NAMES_NO_ATTEMPT}`,
    { reference, now },
  );
}

/** Number of messages that the inbox's worker found to be about no payment of ours. */
export async function countOrphanedWebhooks(db: Db): Promise<number> {
  const [row] = await query<{ orphaned: number }>(
    db,
    `select count(*)::int as orphaned from provider_webhooks where status = 'orphaned'`,
  );
  return row?.orphaned ?? 0;
}
