/**
 * Lists and look-ups of payment intents and attempts that neither lock nor change a payment, and the claim of intents to
 * expire.
 */
import type { PaymentAttempt, PaymentIntent, PaymentIntentStatus } from '../domain/payment.ts';
import { type Db, query, queryPrepared } from './db/query.ts';
import {
  ATTEMPT_COLUMNS,
  type AttemptRow,
  INTENT_COLUMNS,
  type IntentRow,
  toAttempt,
  toIntent,
} from './payment-rows.ts';

/** All attempts in the order of their ids, those after `afterId`. */
export async function listAttemptsAfter(db: Db, afterId: string, limit: number): Promise<PaymentAttempt[]> {
  const rows = await query<AttemptRow>(
    db,
    `select ${ATTEMPT_COLUMNS} from payment_attempts where id > :afterId order by id limit :limit`,
    { afterId, limit },
  );
  return rows.map(toAttempt);
}

/** The contract's default. */
const USUAL_LIMIT = 20;

/** An intent and the number of the latest event in its story, which grows with every change. */
export interface IntentVersion {
  readonly intent: PaymentIntent;
  readonly version: number;
}

/** Of these intents, those whose story has gone on beyond the version known of each (0: nothing is known). */
export async function findChangedIntents(
  db: Db,
  known: ReadonlyMap<string, number>,
): Promise<IntentVersion[]> {
  const rows = await query<IntentRow & { version: number }>(
    db,
    `select ${INTENT_COLUMNS}, version
     from unnest(cast(:ids as text[]), cast(:versions as bigint[])) as known (known_id, known_version)
     join payment_intents on id = known_id
     cross join lateral (
       select max(payment_events.id) as version from payment_events where intent_id = payment_intents.id
     ) as latest
     where version > known_version`,
    { ids: [...known.keys()], versions: [...known.values()] },
  );
  return rows.map((row) => ({ intent: toIntent(row), version: row.version }));
}

export interface ListFilter {
  readonly merchantId: string;
  readonly merchantStoreId: string | undefined;
  readonly merchantRefId: string | undefined;
  readonly status: PaymentIntentStatus | undefined;
  /** Ids from this one on (inclusive); ids sort by creation time. */
  readonly idFrom: string | undefined;
  /** Ids below this one. */
  readonly idBelow: string | undefined;
  readonly limit: number;
  readonly offset: number;
}

/**
 * One page, newest first. Only the conditions asked for are in the statement, so that each finds its index; by the bytes of
 * the id, so that the primary key is none of them.
 */
export async function listPaymentIntents(db: Db, filter: ListFilter): Promise<PaymentIntent[]> {
  const conditions = [
    'merchant_id = :merchantId',
    filter.merchantStoreId !== undefined && 'merchant_store_id = :merchantStoreId',
    filter.merchantRefId !== undefined && 'merchant_ref_id = :merchantRefId',
    filter.status !== undefined && 'status = :status',
    filter.idFrom !== undefined && 'id collate "C" >= :idFrom',
    filter.idBelow !== undefined && 'id collate "C" < :idBelow',
  ].filter((condition) => condition !== false);
  const bindings = Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined));
  // The page that is asked for most has its size in the text: without it the database does not know how few rows are
  // wanted and plans each time anew.
  const isUsual = filter.limit === USUAL_LIMIT && filter.offset === 0;
  const rows = await (isUsual ? queryPrepared : query)<IntentRow>(
    db,
    `select ${INTENT_COLUMNS} from payment_intents where ${conditions.join(' and ')}
     order by id collate "C" desc limit ${isUsual ? USUAL_LIMIT : ':limit offset :offset'}`,
    bindings,
  );
  return rows.map(toIntent);
}

/** Intents whose time is up, oldest first; those that somebody is at right now are left for the next pass. */
export async function claimIntentsToExpire(db: Db, now: Date, limit: number): Promise<string[]> {
  const rows = await query<{ id: string }>(
    db,
    `select id from payment_intents
     where expires_at <= :now and status in ('requires_payment_method', 'requires_action', 'processing')
       and not exists (
         select from payment_attempts
         where intent_id = payment_intents.id and status in ('closing', 'abandoning', 'creating')
           and next_check_at > :now)
     order by expires_at limit :limit for update skip locked`,
    { now, limit },
  );
  return rows.map(({ id }) => id);
}

/** An attempt and what the last look at the provider's record came to. */
export interface AttemptCheck {
  readonly id: string;
  readonly checkedAt: Date | undefined;
  /** Whether that look stumbled. */
  readonly hasFailed: boolean;
}

/** The attempt with this id, or else with this payment id of the provider, if it is ours. */
export async function findAttempt(
  db: Db,
  attemptId: string | undefined,
  providerPaymentId: string | undefined,
): Promise<AttemptCheck | undefined> {
  const columns = 'id, checked_at, failure_code is not null as has_failed';
  const [row] = await queryPrepared<{ id: string; checked_at: Date | null; has_failed: boolean }>(
    db,
    `select ${columns} from payment_attempts where id = :attemptId
     union all
     select ${columns} from payment_attempts where provider_payment_id = :providerPaymentId
     limit 1`,
    { attemptId: attemptId ?? null, providerPaymentId: providerPaymentId ?? null },
  );
  return row && { id: row.id, checkedAt: row.checked_at ?? undefined, hasFailed: row.has_failed };
}
