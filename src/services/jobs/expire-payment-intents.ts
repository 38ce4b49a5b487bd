/**
 * Expiry: intents past their expiry end as `expired`, but never before their code is proved dead and unpaid.
 */
import { DomainError } from '../../domain/errors.ts';
import type { Payment } from '../../domain/payment.ts';
import { decideExpire } from '../../domain/payment-machine.ts';
import { claimIntentsToExpire } from '../../store/payment-lists.ts';
import type { ServiceDeps } from '../deps.ts';
import { endPaymentIntent } from '../reconcile/end-payment-intent.ts';
import { type JobLimits, type JobRun, runEach } from './job.ts';

/** Expires one intent that is due. Leaves it for the next run while the provider keeps its code open. */
export async function expirePaymentIntent(
  deps: ServiceDeps,
  intentId: string,
  actor: string,
): Promise<Payment | undefined> {
  try {
    return await endPaymentIntent(deps, {
      intentId,
      merchantId: undefined,
      actor,
      waitMs: 0,
      decide: decideExpire,
    });
  } catch (error) {
    if (error instanceof DomainError) {
      return undefined;
    }
    throw error;
  }
}

/** One run over intents past their expiry. */
export async function expirePaymentIntents(deps: ServiceDeps, limits: JobLimits): Promise<JobRun> {
  const intentIds = await claimIntentsToExpire(deps.db, deps.clock.now(), limits.limit);
  return runEach(deps, 'expire', intentIds, limits, async (intentId) => {
    const payment = await expirePaymentIntent(deps, intentId, 'sweep');
    return payment?.intent.status === 'expired';
  });
}
