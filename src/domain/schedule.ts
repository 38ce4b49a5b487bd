/**
 * When to look at an attempt again. Pure: time and the roll of the dice are arguments.
 */
import type { PaymentAttempt } from './payment.ts';

/** PayPay's own advice for polling a live code is 2–3 s (PayPay OPA document, Dynamic QR). */
const LIVE_INTERVAL_MS = 2_500;
/** While the provider's record of a live code cannot be read. */
const LIVE_FAILURE_INTERVAL_MS = 5_000;
/** First pause after an answer that settled nothing; doubles from there. */
const FIRST_BACKOFF_MS = 1_000;
const MAX_BACKOFF_MS = 60_000;
/** Looks for late money after an attempt ended unpaid, counted from the end of its code's life. */
const LATE_CHECKS_MS = [60_000, 15 * 60_000];
/** A code whose life we were never told lives 300 s, as measured; twice that is safely over. */
const UNSEEN_CODE_LIFE_MS = 600_000;
/** A payment begun just before the code's expiry may complete just after it; before this margin has passed, "unpaid" is not believed. */
export const CODE_DEAD_MARGIN_MS = 10_000;

/** The moment from which the attempt's code is over by its age alone. */
export function codeOverAt(attempt: PaymentAttempt): Date {
  if (attempt.codeExpiresAt) {
    return new Date(attempt.codeExpiresAt.getTime() + CODE_DEAD_MARGIN_MS);
  }
  return new Date(attempt.createdAt.getTime() + UNSEEN_CODE_LIFE_MS);
}

/**
 * When to look next, or undefined when nothing is left to find out.
 * @param random in [0, 1): spreads looks so that attempts made together are not read together
 */
export function nextCheckAt(attempt: PaymentAttempt, now: Date, random: number): Date | undefined {
  switch (attempt.status) {
    case 'live':
      return after(now, jitter(attempt.failure ? LIVE_FAILURE_INTERVAL_MS : LIVE_INTERVAL_MS, random));
    case 'creating':
    case 'closing':
    case 'abandoning':
      return after(now, backoff(attempt, random));
    case 'failed':
      // Refused before there was a code: nothing can be paid.
      return attempt.codeId === undefined ? undefined : nextLateCheckAt(attempt, now, random);
    case 'lapsed':
    case 'abandoned':
      return nextLateCheckAt(attempt, now, random);
    case 'succeeded':
      return undefined;
  }
}

/** The first late look that has not been made; one that failed is tried again soon, for a look counts when it has seen. */
function nextLateCheckAt(attempt: PaymentAttempt, now: Date, random: number): Date | undefined {
  const over = codeOverAt(attempt).getTime();
  const seenAt = attempt.checkedAt?.getTime() ?? 0;
  const due = LATE_CHECKS_MS.map((checkMs) => over + checkMs).find((checkAt) => seenAt < checkAt);
  if (due === undefined) {
    return undefined;
  }
  return due > now.getTime() ? new Date(due) : after(now, backoff(attempt, random));
}

function backoff(attempt: PaymentAttempt, random: number): number {
  return jitter(Math.min(FIRST_BACKOFF_MS * 2 ** Math.min(attempt.checks, 10), MAX_BACKOFF_MS), random);
}

function jitter(durationMs: number, random: number): number {
  return Math.round(durationMs * (0.8 + 0.4 * random));
}

function after(now: Date, durationMs: number): Date {
  return new Date(now.getTime() + durationMs);
}
