/**
 * How long a caller's request must not call the provider about a payment, after calls about it that brought nothing. Without
 * this, each repeated confirm, cancel, capture or retrieve would be a call while the provider fails. Pure.
 */
import { backoffMs } from '../lib/backoff.ts';
import { findLiveAttempt, type Payment, type PaymentAttempt, type PaymentError } from './payment.ts';

/** A request that repeats the first failure is tried at once, because most failures are over by then. */
const FAILURES_WITHOUT_PAUSE = 1;
/** The pause after the second failure, doubled with each further one. Short, because a payer waits at the till. */
const PAUSE = { firstMs: 1_000, maxMs: 15_000 };
/** In the middle of the jitter: every request about a payment has to see the same end of its pause. */
const NO_JITTER = 0.5;

export interface CallPause {
  readonly remainingMs: number;
  /** What came of the last call, if it failed. */
  readonly reason: PaymentError | undefined;
}

/** The pause that the payment is in at `now`; undefined when a call may be made. */
export function findCallPause(payment: Payment, now: Date): CallPause | undefined {
  const live = findLiveAttempt(payment);
  const fruitless = trailingWithoutCode(payment.attempts);
  if (!live) {
    const last = fruitless.at(-1);
    return pauseAfter(fruitless.length, last?.endedAt, last?.failure ?? payment.intent.lastPaymentError, now);
  }
  // A live code is read at a fixed interval, and an attempt that has just begun is not held back by earlier ones.
  if (live.status === 'live' || live.checks === 0) {
    return undefined;
  }
  return pauseAfter(live.checks + fruitless.length, live.checkedAt, live.failure, now);
}

/** The attempts that ended without a code, since the last one that had a code. */
function trailingWithoutCode(attempts: readonly PaymentAttempt[]): readonly PaymentAttempt[] {
  const ended = attempts.filter(({ endedAt }) => endedAt !== undefined);
  return ended.slice(ended.findLastIndex(({ codeId }) => codeId !== undefined) + 1);
}

function pauseAfter(
  failures: number,
  lastAt: Date | undefined,
  reason: PaymentError | undefined,
  now: Date,
): CallPause | undefined {
  const repetitions = failures - FAILURES_WITHOUT_PAUSE - 1;
  const passedMs = lastAt === undefined ? Number.POSITIVE_INFINITY : now.getTime() - lastAt.getTime();
  const remainingMs = repetitions < 0 ? 0 : backoffMs(repetitions, PAUSE, NO_JITTER) - passedMs;
  // A time that lies ahead does not show when the last call was, and must not hold back the next one.
  return remainingMs > 0 && passedMs >= 0 ? { remainingMs, reason } : undefined;
}
