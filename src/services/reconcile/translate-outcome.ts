/**
 * Translates the outcome of a provider call into an update of the attempt, for the state machine, and into a failure, for
 * the waiting caller. The only such translation. Pure.
 */
import type { AttemptUpdate, PaymentAttempt, PaymentError } from '../../domain/payment.ts';
import { toOurTime } from '../../domain/schedule.ts';
import type {
  CancelPaymentOutcome,
  CreateCodeOutcome,
  DeleteCodeOutcome,
  OutcomeReason,
  PaymentObservation,
} from '../../providers/provider.ts';

/** What stood in the way of knowing or doing something at the provider. */
export interface ProviderFailure {
  readonly kind: 'unknown' | 'unavailable' | 'declined';
  readonly reason: OutcomeReason;
  readonly retryAfterMs?: number;
}

/** What came of deleting a code just before a read. */
export type Deletion = 'done' | 'not_found' | 'none';

export interface Translation {
  readonly update: AttemptUpdate;
  readonly failure: ProviderFailure | undefined;
}

/** @param attempt as it was before the call, the call already counted */
export function translateCreate(outcome: CreateCodeOutcome, attempt: PaymentAttempt): Translation {
  const isOnlyCall = attempt.createCalls === 1;
  switch (outcome.kind) {
    case 'action_required': {
      const { codeId, qrContent, deeplink, expiresAt } = outcome;
      return succeeded({ type: 'code_created', code: { codeId, qrContent, deeplink, expiresAt } });
    }
    case 'duplicate':
      return succeeded({ type: 'code_unseen' });
    case 'declined':
      // This call certainly did nothing. An earlier one may have made a code that nobody has seen.
      return isOnlyCall
        ? failed({ type: 'code_refused', reason: publicReason(outcome.reason) }, outcome)
        : failed({ type: 'code_unseen' }, outcome);
    case 'unavailable':
      // This call certainly did nothing. Whether an earlier one did is as unknown as before.
      return isOnlyCall
        ? failed({ type: 'code_refused', reason: publicReason(outcome.reason) }, outcome)
        : failed({ type: 'create_unanswered', reason: publicReason(outcome.reason) }, outcome);
    case 'unknown':
      return failed({ type: 'create_unanswered', reason: publicReason(outcome.reason) }, outcome);
  }
}

/** A delete decides nothing by itself: the read that follows does, knowing what came of the delete. */
export function translateDelete(outcome: DeleteCodeOutcome): {
  readonly deletion: Deletion;
  readonly failure: ProviderFailure | undefined;
} {
  switch (outcome.kind) {
    case 'succeeded':
      return { deletion: 'done', failure: undefined };
    case 'not_found':
      return { deletion: 'not_found', failure: undefined };
    case 'already_paid':
      return { deletion: 'none', failure: undefined };
    default:
      return { deletion: 'none', failure: failureOf(outcome) };
  }
}

/** Translates the cancel of an unseen code. Without an update the caller must read the payment. */
export function translateAbandon(outcome: CancelPaymentOutcome): {
  readonly update: AttemptUpdate | undefined;
  readonly failure: ProviderFailure | undefined;
} {
  return outcome.kind === 'accepted'
    ? succeeded({ type: 'abandon_accepted' })
    : { update: undefined, failure: failureOf(outcome) };
}

/**
 * @param earlier the failure of the call before this read; a failure of the read itself takes precedence
 * @param now when the observation was made
 */
export function translateRead(
  observation: PaymentObservation,
  deletion: Deletion,
  earlier: ProviderFailure | undefined,
  now: Date,
): Translation {
  switch (observation.kind) {
    case 'succeeded': {
      const { providerPaymentId, money, paidAt, answeredAt } = observation;
      const paidAtOurTime = toOurTime(paidAt, answeredAt, now);
      const found = { providerPaymentId, money, paidAt, paidAtOurTime };
      return { update: { type: 'payment_found', found }, failure: earlier };
    }
    case 'returned': {
      const reason = { code: 'payment_returned', message: 'The money was returned to the payer' };
      return { update: { type: 'payment_failed', reason }, failure: earlier };
    }
    case 'failed':
      return {
        update: { type: 'payment_failed', reason: publicReason(observation.reason) },
        failure: earlier,
      };
    case 'pending':
    case 'not_found':
      return { update: { type: 'unpaid', deletion }, failure: earlier };
    case 'unavailable':
    case 'unknown':
      return failed({ type: 'status_unreadable', reason: publicReason(observation.reason) }, observation);
  }
}

function succeeded(update: AttemptUpdate): Translation {
  return { update, failure: undefined };
}

function failed(update: AttemptUpdate, outcome: ProviderFailure): Translation {
  return { update, failure: failureOf(outcome) };
}

function failureOf({ kind, reason, retryAfterMs }: ProviderFailure): ProviderFailure {
  return retryAfterMs === undefined ? { kind, reason } : { kind, reason, retryAfterMs };
}

/** The part of a reason that merchants and payers may read. */
function publicReason({ code, message }: OutcomeReason): PaymentError {
  return { code, message };
}
