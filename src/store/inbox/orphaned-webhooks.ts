/**
 * Webhooks in the inbox about payments that the gateway does not know. The provider may hold money for them that is
 * recorded nowhere here.
 */
import { type Db, execute, query } from '../db/query.ts';

/** A webhook about a payment that is not among the attempts, in any status. */
export interface UnknownPaymentWebhook {
  readonly id: number;
  readonly provider: string;
  readonly attemptId: string | undefined;
  readonly providerPaymentId: string | undefined;
  readonly body: Buffer;
  readonly receivedAt: Date;
}

/** The note of a webhook that the operator has dismissed. */
const DISMISSED = 'dismissed';

const NAMES_NO_ATTEMPT = `
  not exists (select from payment_attempts attempts where attempts.id = webhooks.attempt_id)
  and not exists (
    select from payment_attempts attempts where attempts.provider_payment_id = webhooks.provider_payment_id)`;

/**
 * Reads one page of the inbox in the order of ids, and returns the webhooks in it that name an unknown payment. Processed
 * webhooks are included, because a failover or a restored backup may have lost their payment since.
 * @returns the webhooks, and the last id of the page; that id is undefined at the end of the inbox
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

/** Stops the reporting of webhooks about an unknown payment. @returns how many there were */
export function dismissUnknownPayment(db: Db, reference: string, now: Date): Promise<number> {
  return execute(
    db,
    `update provider_webhooks webhooks
     set status = 'ignored', note = '${DISMISSED}', next_try_at = null, processed_at = coalesce(processed_at, :now)
     where (attempt_id = :reference or provider_payment_id = :reference) and ${NAMES_NO_ATTEMPT}`,
    { reference, now },
  );
}

/** Number of webhooks with the status `orphaned`. */
export async function countOrphanedWebhooks(db: Db): Promise<number> {
  const [row] = await query<{ orphaned: number }>(
    db,
    `select count(*)::int as orphaned from provider_webhooks where status = 'orphaned'`,
  );
  return row?.orphaned ?? 0;
}
