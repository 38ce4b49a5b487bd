/**
 * The poller: reads attempts whose next check is due. It finds the truth even when every webhook is lost.
 */
import { isTerminal, type Payment, type PaymentAttempt } from '../../domain/payment.ts';
import { claimDueAttempts, countDueAttempts } from '../../store/attempt-queue.ts';
import { findPaymentOfAttempt } from '../../store/payments.ts';
import type { ServiceDeps } from '../deps.ts';
import { leaseEnd } from '../lease.ts';
import { reconcileAttempt } from '../reconcile/reconcile-attempt.ts';
import { type JobLimits, type JobRun, runEach } from './job.ts';
import { takeReads } from './read-budget.ts';

/** One run over attempts whose check is due. */
export async function pollAttempts(deps: ServiceDeps, limits: JobLimits): Promise<JobRun> {
  const now = deps.clock.now();
  const limit = await takeReads(deps, await countDueAttempts(deps.db, now, limits.limit));
  if (limit === 0) {
    return { taken: 0, done: 0, failed: 0 };
  }
  const due = await claimDueAttempts(deps.db, now, leaseEnd(now), limit);
  return runEach(deps, 'poll', due, limits, async ({ id }) => {
    const payment = await findPaymentOfAttempt(deps.db, id);
    const attempt = payment?.attempts.find((candidate) => candidate.id === id);
    if (!payment || !attempt) {
      return true;
    }
    const goal = isOrphan(payment, attempt) || isPastExpiry(attempt, now) ? 'close' : 'read';
    const result = await reconcileAttempt(deps, id, { goal, actor: 'poller', isScheduled: true });
    return result?.attempt.nextCheckAt === undefined;
  });
}

/** Its code is deleted, because the provider's clock may be behind and the code still payable. */
function isPastExpiry({ status, codeExpiresAt }: PaymentAttempt, now: Date): boolean {
  return status === 'live' && codeExpiresAt !== undefined && codeExpiresAt <= now;
}

/** A live code whose intent has ended must not be paid any more. */
function isOrphan(payment: Payment, attempt: PaymentAttempt): boolean {
  return isTerminal(payment.intent) && attempt.status === 'live';
}
