/**
 * What cancel, capture and expiry have in common: the live attempt is ended first, then the decision about the intent is
 * made again.
 */
import { intentNotFound } from '../../domain/errors.ts';
import type { Payment } from '../../domain/payment.ts';
import type { Decision } from '../../domain/payment-machine.ts';
import { inTransaction } from '../../store/db/query.ts';
import { lockPayment } from '../../store/payments.ts';
import type { ServiceDeps } from '../deps.ts';
import { saveChange } from './apply-change.ts';
import { busyError, failureError, stillClosingError } from './provider-failure.ts';
import { reconcileAttempt } from './reconcile-attempt.ts';

export interface EndCommand {
  readonly intentId: string;
  /** Only this merchant's intent; any merchant's when undefined. */
  readonly merchantId: string | undefined;
  readonly actor: string;
  /** How long to wait for another request that works on the attempt. */
  readonly waitMs: number;
  readonly decide: (payment: Payment, now: Date) => Decision;
}

/** Ending an attempt takes one round, deciding another; the rest is for concurrent requests. */
const MAX_ROUNDS = 4;

/**
 * @returns the payment after the decision
 * @throws not_found, the decision's refusal, provider_error or provider_unavailable when the attempt could not be ended
 */
export function endPaymentIntent(deps: ServiceDeps, command: EndCommand): Promise<Payment> {
  return endWithin(deps, command, MAX_ROUNDS);
}

async function endWithin(deps: ServiceDeps, command: EndCommand, rounds: number): Promise<Payment> {
  const { decision, payment } = await decideAndSave(deps, command);
  if (decision.kind === 'refused') {
    throw decision.error;
  }
  if (decision.kind !== 'reconcile_first') {
    return payment;
  }
  const { id, provider } = decision.attempt;
  const { actor, waitMs } = command;
  const result = rounds > 0 ? await reconcileAttempt(deps, id, { goal: 'close', actor, waitMs }) : undefined;
  if (!result) {
    throw busyError(provider);
  }
  if (!result.attempt.endedAt) {
    throw result.failure ? failureError(provider, result.failure) : stillClosingError(provider);
  }
  return endWithin(deps, command, rounds - 1);
}

function decideAndSave(
  deps: ServiceDeps,
  command: EndCommand,
): Promise<{ decision: Decision; payment: Payment }> {
  return inTransaction(deps.db, async (trx) => {
    const before = await lockPayment(trx, command.intentId, command.merchantId);
    if (!before) {
      throw intentNotFound();
    }
    const now = deps.clock.now();
    const decision = command.decide(before, now);
    if (decision.kind !== 'change') {
      return { decision, payment: before };
    }
    return { decision, payment: await saveChange(deps, trx, before, decision.change, command.actor, now) };
  });
}
