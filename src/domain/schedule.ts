/**
 * When to read an attempt from the provider again, and when its code is dead. Pure: the time and the random number are
 * arguments.
 */
import { backoffMs, jitterMs } from '../lib/backoff.ts';
import type { PaymentAttempt } from './payment.ts';

/** PayPay advises to poll a live code every 2–3 s (PayPay OPA documentation, Dynamic QR). */
const LIVE_INTERVAL_MS = 2_500;
/** While the provider's record of a live code cannot be read. */
const LIVE_FAILURE_INTERVAL_MS = 5_000;
/** Pause after the first inconclusive read; doubles with each further one. */
const BACKOFF = { firstMs: 1_000, maxMs: 60_000 };
/** Reads for a late payment after an attempt ended unpaid, in milliseconds after its code is dead. */
const LATE_CHECKS_MS = [60_000, 15 * 60_000];
/** Assumed lifetime of a code whose expiry was never received: twice the 300 s that PayPay's codes live (measured). */
const UNSEEN_CODE_LIFE_MS = 600_000;
/** A payment that starts just before the code expires may complete just after. Until then "unpaid" is not final. */
export const CODE_DEAD_MARGIN_MS = 10_000;

/**
 * The largest possible difference between the provider's clock, which sets a code's expiry, and ours: PayPay refuses calls
 * whose time is more than two minutes off, so any answer proves that the clocks are no further apart.
 */
const CLOCK_SKEW_MS = 120_000;

/**
 * Converts a time of the provider's clock to our clock, so that it can be compared with our times. Accurate to a second
 * or two.
 * @param answeredAt the provider's time of its response, if the response contains it
 * @param now our time when the response arrived
 */
export function toOurTime(time: Date, answeredAt: Date | undefined, now: Date): Date {
  const aheadMs = answeredAt ? answeredAt.getTime() - now.getTime() : 0;
  return Math.abs(aheadMs) > CLOCK_SKEW_MS ? time : new Date(time.getTime() - aheadMs);
}

/** The time from which an unpaid code is dead by PayPay's clock too, even if deleting it has failed. */
function codeSurelyDeadAt(attempt: PaymentAttempt): Date {
  const skewMs = attempt.codeExpiresAt ? CLOCK_SKEW_MS : 0;
  return new Date(codeDeadAt(attempt).getTime() + skewMs);
}

/** The time from which the attempt's code is dead if the provider's clock agrees with ours. */
function codeDeadAt(attempt: PaymentAttempt): Date {
  if (attempt.codeExpiresAt) {
    return new Date(attempt.codeExpiresAt.getTime() + CODE_DEAD_MARGIN_MS);
  }
  return new Date(attempt.createdAt.getTime() + UNSEEN_CODE_LIFE_MS);
}

/**
 * Whether a code is dead, decided by the provider's answers. It is dead if it was deleted; if it is gone before its expiry,
 * because an earlier delete took effect; if it is gone after its expiry plus a margin for a payment in progress; or if it
 * is unpaid at a time that the largest clock difference cannot explain.
 */
export function isCodeDead(
  attempt: PaymentAttempt,
  deletion: 'done' | 'not_found' | 'none',
  now: Date,
): boolean {
  if (deletion === 'done' || now >= codeSurelyDeadAt(attempt)) {
    return true;
  }
  const { codeExpiresAt } = attempt;
  const isGone = deletion === 'not_found' && codeExpiresAt !== undefined;
  return isGone && (now < codeExpiresAt || now >= codeDeadAt(attempt));
}

/**
 * The time of the next read, or undefined when the attempt needs no further reads.
 * @param random in [0, 1): jitter, so that attempts created together are not read together
 */
export function nextCheckAt(attempt: PaymentAttempt, now: Date, random: number): Date | undefined {
  switch (attempt.status) {
    case 'live':
      return after(now, jitterMs(attempt.failure ? LIVE_FAILURE_INTERVAL_MS : LIVE_INTERVAL_MS, random));
    case 'creating':
    case 'closing':
    case 'abandoning':
      return after(now, backoffMs(attempt.checks, BACKOFF, random));
    case 'failed':
      // The provider refused to create a code, so nothing can be paid.
      return attempt.codeId === undefined ? undefined : nextLateCheckAt(attempt, now, random);
    case 'lapsed':
    case 'abandoned':
      return nextLateCheckAt(attempt, now, random);
    case 'succeeded':
      return undefined;
  }
}

/** The next late read that is still to be made. A read that failed does not count and is retried with backoff. */
function nextLateCheckAt(attempt: PaymentAttempt, now: Date, random: number): Date | undefined {
  const over = codeDeadAt(attempt).getTime();
  const seenAt = attempt.checkedAt?.getTime() ?? 0;
  const due = LATE_CHECKS_MS.map((checkMs) => over + checkMs).find((checkAt) => seenAt < checkAt);
  if (due === undefined) {
    return undefined;
  }
  return due > now.getTime() ? new Date(due) : after(now, backoffMs(attempt.checks, BACKOFF, random));
}

function after(now: Date, durationMs: number): Date {
  return new Date(now.getTime() + durationMs);
}
