/**
 * Lists and look-ups of payment intents and attempts, which do not lock a payment; and the claim of intents to expire.
 */
import type { PaymentAttempt, PaymentIntent, PaymentIntentStatus } from '../domain/payment.ts';
import { type PageFilter, pageBindings, pageSql } from './db/pages.ts';
import { type Db, query, queryPrepared } from './db/query.ts';
import {
  ATTEMPT_COLUMNS,
  type AttemptRow,
  INTENT_COLUMNS,
  type IntentRow,
  PROVIDER_PAYMENT_ID,
  toAttempt,
  toIntent,
} from './payment-rows.ts';

/** Attempts with ids after `afterId`, in the order of their ids. */
export async function listAttemptsAfter(db: Db, afterId: string, limit: number): Promise<PaymentAttempt[]> {
  const rows = await query<AttemptRow>(
    db,
    `select ${ATTEMPT_COLUMNS} from payment_attempts where id > :afterId order by id limit :limit`,
    { afterId, limit },
  );
  return rows.map(toAttempt);
}

/** The default of the contract. */
const DEFAULT_LIMIT = 20;

/** An intent with the number of its latest event, which increases with every change. */
export interface IntentVersion {
  readonly intent: PaymentIntent;
  readonly version: number;
}

/** Those of the given intents that have changed since the known version (0 when none is known). */
export async function findChangedIntents(
  db: Db,
  known: ReadonlyMap<string, number>,
): Promise<IntentVersion[]> {
  const rows = await query<IntentRow & { version: number }>(
    db,
    `select ${INTENT_COLUMNS}, ${PROVIDER_PAYMENT_ID} as provider_payment_id, version
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

export interface ListFilter extends PageFilter {
  readonly merchantRefId: string | undefined;
  readonly providerPaymentId: string | undefined;
  readonly status: PaymentIntentStatus | undefined;
  readonly limit: number;
  readonly offset: number;
}

/** Finds the few intents by the index of the number; only then does the second condition read their attempts. */
const PAID_WITH = `
  id in (select intent_id from payment_attempts where provider_payment_id = :providerPaymentId)
  and ${PROVIDER_PAYMENT_ID} = :providerPaymentId`;

/** One page, newest first. */
export async function listPaymentIntents(db: Db, filter: ListFilter): Promise<PaymentIntent[]> {
  // The most common page has its limit in the SQL: with a bound limit PostgreSQL cannot estimate the rows of a generic
  // plan, and plans each execution anew.
  const isDefaultPage = filter.limit === DEFAULT_LIMIT && filter.offset === 0;
  const rows = await (isDefaultPage ? queryPrepared : query)<IntentRow>(
    db,
    pageSql({
      table: 'payment_intents',
      columns: `${INTENT_COLUMNS}, ${PROVIDER_PAYMENT_ID} as provider_payment_id`,
      filter,
      conditions: [
        filter.merchantRefId !== undefined && 'merchant_ref_id = :merchantRefId',
        filter.providerPaymentId !== undefined && PAID_WITH,
        filter.status !== undefined && 'status = :status',
      ],
      isSelective: filter.merchantRefId !== undefined || filter.providerPaymentId !== undefined,
      ...(isDefaultPage ? { limit: String(DEFAULT_LIMIT) } : { limit: ':limit', offset: ':offset' }),
    }),
    pageBindings(filter),
  );
  return rows.map(toIntent);
}

/** Intents past their expiry, oldest first. Those whose attempt is being processed are left for the next run. */
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

/** An attempt and the result of its last check at the provider. */
export interface AttemptCheck {
  readonly id: string;
  readonly checkedAt: Date | undefined;
  /** Whether that check was inconclusive. */
  readonly hasFailed: boolean;
}

/** The attempt with this id, or else with this payment id of the provider. */
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
