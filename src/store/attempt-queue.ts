/**
 * Who works on which attempt. The queue of looks due is payment_attempts.next_check_at; a lease says that a process is
 * calling the provider for an attempt right now, so that two never ask for the same code at once. Leases are a courtesy,
 * not a safety: every decision is made again under the payment's lock.
 */
import { type Db, executePrepared, query } from './db/query.ts';

/**
 * Claims attempts whose look is due, by moving the look forward: another poller does not see them, and a poller that
 * dies loses nothing. Interleaves merchants, so that one merchant's crowd does not hold up the others.
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
       where next_check_at <= :now and (leased_until is null or leased_until <= :now)
       order by next_check_at limit :window for update skip locked
     ), ranked as (
       select id, next_check_at, row_number() over (partition by merchant_id order by next_check_at) as turn from due
     ), taken as (
       select id, next_check_at from ranked order by turn, next_check_at limit :limit
     )
     update payment_attempts set next_check_at = :claimUntil
     from taken where payment_attempts.id = taken.id
     returning payment_attempts.id, taken.next_check_at as due_at`,
    { now, claimUntil, limit, window: limit * 10 },
  );
  return rows.map((row) => ({ id: row.id, dueAt: row.due_at }));
}

/** How many looks are due now, up to `most`. */
export async function countDueAttempts(db: Db, now: Date, max: number): Promise<number> {
  const [row] = await query<{ due: number }>(
    db,
    `select count(*)::int as due from (
       select from payment_attempts
       where next_check_at <= :now and (leased_until is null or leased_until <= :now) limit :max
     ) as due_attempts`,
    { now, max },
  );
  return row?.due ?? 0;
}

/**
 * Takes the lease when it is free or has run out; false when somebody else holds it. Alone, not together with those of
 * other attempts: who holds one row must not hold up the work on all.
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
     where id = :attemptId and (leased_until is null or leased_until <= :now or leased_by = :holder)`,
    { attemptId, holder, now, until },
  );
  return taken === 1;
}

/** Gives the lease back, when it is still ours. */
export async function releaseAttemptLease(db: Db, attemptId: string, holder: string): Promise<void> {
  await executePrepared(
    db,
    `update payment_attempts set leased_by = null, leased_until = null
     where id = :attemptId and leased_by = :holder`,
    { attemptId, holder },
  );
}
