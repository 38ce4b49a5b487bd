/**
 * What cancel, capture and expiry have in common: the live attempt is brought to an end first, then the intent is
 * decided on again.
 */
import { intentNotFound } from '../../domain/errors.ts';
import type { Payment } from '../../domain/payment.ts';
import type { Verdict } from '../../domain/payment-machine.ts';
import { inTransaction } from '../../store/db/query.ts';
import { lockPayment } from '../../store/payments.ts';
import type { ServiceDeps } from '../deps.ts';
import { saveChange } from './apply-change.ts';
import { busyError, stillClosingError, troubleError } from './provider-failure.ts';
import { settleAttempt } from './reconcile-attempt.ts';

export interface EndWish {
  readonly intentId: string;
  /** Only this merchant's intent; any merchant's when undefined. */
  readonly merchantId: string | undefined;
  readonly actor: string;
  /** How long to wait for another request that is at the attempt. */
  readonly waitMs: number;
  readonly decide: (payment: Payment, now: Date) => Verdict;
}

/** Ending an attempt takes one round, deciding another; the rest is for those who came between. */
const ROUNDS_MOST = 4;

/**
 * @returns the payment after the decision
 * @throws not_found, the decision's refusal, provider_error or provider_unavailable when the attempt could not be ended
 */
export async function endPaymentIntent(deps: ServiceDeps, wish: EndWish): Promise<Payment> {
  for (let round = 0; round < ROUNDS_MOST; round += 1) {
    const { verdict, payment } = await decideAndSave(deps, wish);
    if (verdict.kind === 'refused') throw verdict.error;
    if (verdict.kind !== 'settle_first') return payment;
    const { attempt } = verdict;
    const result = await settleAttempt(deps, attempt.id, {
      wantDead: true,
      actor: wish.actor,
      waitMs: wish.waitMs,
    });
    if (!result) throw busyError(attempt.provider);
    if (result.attempt.endedAt) continue;
    throw result.trouble
      ? troubleError(attempt.provider, result.trouble)
      : stillClosingError(attempt.provider);
  }
  throw busyError('PAYPAY');
}

function decideAndSave(deps: ServiceDeps, wish: EndWish): Promise<{ verdict: Verdict; payment: Payment }> {
  return inTransaction(deps.db, async (trx) => {
    const before = await lockPayment(trx, wish.intentId, wish.merchantId);
    if (!before) throw intentNotFound();
    const now = deps.clock.now();
    const verdict = wish.decide(before, now);
    if (verdict.kind !== 'change') return { verdict, payment: before };
    return { verdict, payment: await saveChange(deps, trx, before, verdict.change, wish.actor, now) };
  });
}
