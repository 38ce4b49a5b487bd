/**
 * The queue of attempts to check, and leases on attempts. An attempt is due at payment_attempts.next_check_at. A
 * lease shows that a process is calling the provider for an attempt, which avoids duplicate calls. Correctness does
 * not depend on leases: every decision is made again under the payment's lock.
 */
import { type Db, execute, executePrepared, query } from './db/query.ts';

/** A lease that ends later than any lease can was taken by a clock that was ahead, so it does not count. */
const LEASE_IS_FREE = `(leased_until is null or leased_until <= :now
  or leased_until > cast(:now as timestamptz) + interval '1 minute')`;

/**
 * Makes attempts due whose next check is later than any schedule allows, because a clock that was ahead has set it. Live
 * attempts are checked within two minutes; the last check of an ended one is less than an hour after its code's expiry.
 * @returns how many were corrected
 */
export function makeLateChecksDue(db: Db, now: Date, limit: number): Promise<number> {
  return execute(
    db,
    `with live as (
       select id from payment_attempts
       where status in ('creating', 'live', 'closing', 'abandoning')
         and next_check_at > cast(:now as timestamptz) + interval '2 minutes'
       limit :limit for update skip locked
     ), ended as (
       select id from payment_attempts
       where status not in ('creating', 'live', 'closing', 'abandoning')
         and next_check_at > cast(:now as timestamptz) + interval '1 hour'
         and next_check_at > coalesce(code_expires_at, created_at) + interval '1 hour'
       limit :limit for update skip locked
     )
     update payment_attempts set next_check_at = :now
     where id in (select id from live union all select id from ended)`,
    { now, limit },
  );
}

/**
 * Claims attempts that are due, by postponing their next check: other pollers do not see them, and if this one
 * crashes they become due again. Takes merchants in turn, so that a merchant with many attempts does not delay the
 * others.
 */
export async function claimDueAttempts(
  db: Db,
  now: Date,
  claimUntil: Date,
  limit: number,
): Promise<{ id: string; dueAt: Date }[]> {
  const rows = await query<{ id: string; due_at: Date }>(
    db,
    `with due as (
       select id, merchant_id, next_check_at from payment_attempts
       where next_check_at <= :now and ${LEASE_IS_FREE}
       order by next_check_at limit :window for update skip locked
     ), ranked as (
       select id, next_check_at, row_number() over (partition by merchant_id order by next_check_at) as round from due
     ), taken as (
       select id, next_check_at from ranked order by round, next_check_at limit :limit
     )
     update payment_attempts set next_check_at = :claimUntil
     from taken where payment_attempts.id = taken.id
     returning payment_attempts.id, taken.next_check_at as due_at`,
    { now, claimUntil, limit, window: limit * 10 },
  );
  return rows.map((row) => ({ id: row.id, dueAt: row.due_at }));
}

/** Number of attempts due now, counted up to `max`. */
export async function countDueAttempts(db: Db, now: Date, max: number): Promise<number> {
  const [row] = await query<{ due: number }>(
    db,
    `select count(*)::int as due from (
       select from payment_attempts
       where next_check_at <= :now and ${LEASE_IS_FREE} limit :max
     ) as due_attempts`,
    { now, max },
  );
  return row?.due ?? 0;
}

/**
 * Takes the lease if it is free or expired; false when another holder has it. Not batched, because one locked row would
 * delay all attempts of a batch.
 */
export async function takeAttemptLease(
  db: Db,
  attemptId: string,
  holder: string,
  now: Date,
  until: Date,
): Promise<boolean> {
  const taken = await executePrepared(
    db,
    `update payment_attempts set leased_by = :holder, leased_until = :until
     where id = :attemptId and (${LEASE_IS_FREE} or leased_by = :holder)`,
    { attemptId, holder, now, until },
  );
  return taken === 1;
}

/** Releases the lease if `holder` still has it. */
export async function releaseAttemptLease(db: Db, attemptId: string, holder: string): Promise<void> {
  await executePrepared(
    db,
    `update payment_attempts set leased_by = null, leased_until = null
     where id = :attemptId and leased_by = :holder`,
    { attemptId, holder },
  );
}
