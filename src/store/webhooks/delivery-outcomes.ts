/**
 * The outcomes of webhook deliveries, and their removal. Whoever ends ordered deliveries unblocks the next ones after the
 * commit; see delivery-order.ts.
 */
import type { DeliveryAttempt } from '../../domain/webhook-delivery.ts';
import { batchedWrite } from '../db/batches.ts';
import { type Db, execute, queryPrepared, storableJson } from '../db/query.ts';

/** How many attempts of a delivery are kept. */
const KEPT_ATTEMPTS = 20;

export interface TriedDelivery {
  readonly id: string;
  readonly attempt: DeliveryAttempt;
}

/**
 * Stores that a delivery was accepted. Also after its lease has ended, because the receiver has the event; what another
 * process stores about the same delivery later changes nothing.
 */
export const saveAccepted: (db: Db, tried: TriedDelivery & { readonly now: Date }) => Promise<void> =
  batchedWrite(async (db, all: readonly (TriedDelivery & { readonly now: Date })[]) => {
    // Ordered, so that two such statements cannot deadlock.
    const rows = all
      .map(({ id, attempt, now }) => ({ id, attempt: toAttemptJson(attempt), ended_at: now }))
      .sort((a, b) => (a.id < b.id ? -1 : 1));
    await executeSave(db, rows);
    return all.map(() => undefined);
  });

async function executeSave(db: Db, rows: readonly object[]): Promise<void> {
  await queryPrepared(
    db,
    `update webhook_deliveries as delivery
     set status = 'succeeded', tries = delivery.tries + 1, next_try_at = null, ended_at = accepted.ended_at,
         attempts = ${appended('accepted.attempt')}
     from json_to_recordset(cast(:rows as json)) as accepted (id text, attempt jsonb, ended_at timestamptz)
     where delivery.id = accepted.id and delivery.status = 'pending'`,
    { rows: storableJson(rows) },
  );
}

export interface FailedDelivery extends TriedDelivery {
  /** How many tries had been made when it was claimed. */
  readonly tries: number;
  /** Undefined when there are no further tries. */
  readonly nextTryAt: Date | undefined;
  readonly now: Date;
}

/** Stores a failed try, unless another process has tried the delivery since it was claimed. */
export async function saveFailed(
  trx: Db,
  { id, attempt, tries, nextTryAt, now }: FailedDelivery,
): Promise<void> {
  await execute(
    trx,
    `update webhook_deliveries
     set status = case when cast(:nextTryAt as timestamptz) is null then 'failed' else 'pending' end,
         tries = tries + 1, next_try_at = :nextTryAt,
         ended_at = case when cast(:nextTryAt as timestamptz) is null then cast(:now as timestamptz) end,
         attempts = ${appended('cast(:attempt as jsonb)')}
     where id = :id and status = 'pending' and tries = :tries`,
    { id, tries, now, nextTryAt: nextTryAt ?? null, attempt: storableJson(toAttemptJson(attempt)) },
  );
}

/** Ends deliveries whose event has been removed. */
export async function failRemoved(db: Db, ids: readonly string[], now: Date): Promise<void> {
  await execute(
    db,
    `update webhook_deliveries set status = 'failed', next_try_at = null, ended_at = :now
     where id = any(cast(:ids as text[])) and status = 'pending'`,
    { ids, now },
  );
}

/** Removes up to `limit` deliveries with ids below the given one. @returns how many */
export function removeDeliveriesBelow(db: Db, id: string, limit: number): Promise<number> {
  return execute(
    db,
    `delete from webhook_deliveries where id = any(array(
       select id from webhook_deliveries where id < :id order by id limit :limit for update skip locked))`,
    { id, limit },
  );
}

/** The attempts with one more, of which the last ones are kept. */
function appended(attempt: string): string {
  return `(case when jsonb_array_length(attempts) >= ${KEPT_ATTEMPTS} then attempts - 0 else attempts end) || ${attempt}`;
}

function toAttemptJson(attempt: DeliveryAttempt) {
  return {
    at: attempt.at.toISOString(),
    duration_ms: attempt.durationMs,
    status: attempt.status,
    problem: attempt.problem,
    message: attempt.message,
    response_excerpt: attempt.responseExcerpt,
  };
}
