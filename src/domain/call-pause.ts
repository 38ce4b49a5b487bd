/**
 * Decides how long requests must not call the provider about a payment after calls about it have failed. Without this
 * pause, each repeated confirm, cancel, capture or retrieve would call a failing provider again. Pure.
 */
import { backoffMs } from '../lib/backoff.ts';
import { findLiveAttempt, type Payment, type PaymentAttempt, type PaymentError } from './payment.ts';

/** After the first failure a request may call again at once, because most failures are brief. */
const FAILURES_WITHOUT_PAUSE = 1;
/** The pause after the second failure; it doubles with each further one. Short, because a payer is waiting at the till. */
const PAUSE = { firstMs: 1_000, maxMs: 15_000 };
/** The middle of the jitter range: all requests about a payment must compute the same end of its pause. */
const NO_JITTER = 0.5;

export interface CallPause {
  readonly remainingMs: number;
  /** Why the last call failed, if it did. */
  readonly reason: PaymentError | undefined;
}

/** The payment's pause at `now`; undefined when a call may be made. */
export function findCallPause(payment: Payment, now: Date): CallPause | undefined {
  const live = findLiveAttempt(payment);
  const withoutCode = trailingWithoutCode(payment.attempts);
  if (!live) {
    const last = withoutCode.at(-1);
    return pauseAfter(
      withoutCode.length,
      last?.endedAt,
      last?.failure ?? payment.intent.lastPaymentError,
      now,
    );
  }
  // A live code is read at a fixed interval. An attempt that has just begun is not delayed by earlier attempts.
  if (live.status === 'live' || live.checks === 0) {
    return undefined;
  }
  return pauseAfter(live.checks + withoutCode.length, live.checkedAt, live.failure, now);
}

/** The attempts that ended without a code since the last attempt that had one. */
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
  // A time in the future does not say when the last call was made, so it must not delay the next one.
  return remainingMs > 0 && passedMs >= 0 ? { remainingMs, reason } : undefined;
}
