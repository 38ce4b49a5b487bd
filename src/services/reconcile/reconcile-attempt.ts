/**
 * Finding out the truth about one attempt, one round of calls at a time: ask the provider, then let the state machine
 * decide. The webhook inbox, the poller, retrieve, confirm, cancel, capture and expiry all come through here.
 *
 * Before each call the intention is stored, after each call its outcome; the process may die between any two and the
 * next to come by goes on from there. No call is made inside a transaction.
 */
import type { Payment, PaymentAttempt } from '../../domain/payment.ts';
import type { AttemptUpdate } from '../../domain/payment-machine.ts';
import type {
  CodePayments,
  CreateCodeOutcome,
  DeleteCodeOutcome,
  OutcomeReason,
  PaymentObservation,
} from '../../providers/provider.ts';
import { findPaymentOfAttempt } from '../../store/payments.ts';
import type { ServiceDeps } from '../deps.ts';
import { applyUpdate } from './apply-change.ts';
import { withAttemptLease } from './attempt-lease.ts';

/** What stood in the way of knowing or doing, when something did. */
export interface ProviderFailure {
  readonly kind: 'unknown' | 'unavailable' | 'declined';
  readonly reason: OutcomeReason;
  readonly retryAfterMs?: number;
}

export interface Reconciled {
  readonly payment: Payment;
  readonly attempt: PaymentAttempt;
  readonly failure: ProviderFailure | undefined;
}

export interface ReconcileOptions {
  /** Whether the code is to be made unusable, when it is not paid. */
  readonly wantDead: boolean;
  /** Who asks, for the events. */
  readonly actor: string;
  /** How long to wait for somebody else who is at this attempt right now. */
  readonly waitMs?: number;
}

/**
 * Brings an attempt as far as one round of calls to the provider can.
 * @returns undefined when somebody else is at it and does not finish within `waitMs`
 */
export function reconcileAttempt(
  deps: ServiceDeps,
  attemptId: string,
  options: ReconcileOptions,
): Promise<Reconciled | undefined> {
  return withAttemptLease(deps, attemptId, options.waitMs ?? 0, async () => {
    // Read under the lease: whoever held it before has changed things.
    const payment = await findPaymentOfAttempt(deps.db, attemptId);
    if (!payment) {
      throw new Error(`there is no attempt ${attemptId}`);
    }
    return runSteps(deps, toReconciled(payment, attemptId), options);
  });
}

/**
 * Asks the provider for the code of an attempt that has just been begun, its first create call already counted.
 * @returns undefined when somebody else is at it
 */
export function createFirstCode(
  deps: ServiceDeps,
  attemptId: string,
  actor: string,
): Promise<Reconciled | undefined> {
  return withAttemptLease(deps, attemptId, 0, async () => {
    const payment = await findPaymentOfAttempt(deps.db, attemptId);
    if (!payment) {
      throw new Error(`there is no attempt ${attemptId}`);
    }
    const begun = toReconciled(payment, attemptId);
    const isFirst = begun.attempt.status === 'creating' && begun.attempt.createCalls === 1;
    return isFirst ? createCode(deps, begun, actor) : runSteps(deps, begun, { wantDead: false, actor });
  });
}

async function runSteps(
  deps: ServiceDeps,
  start: Reconciled,
  options: ReconcileOptions,
): Promise<Reconciled> {
  const { actor, wantDead } = options;
  let now = start;
  if (now.attempt.status === 'creating') {
    now = await createAgain(deps, now, actor);
  }
  if (now.attempt.status === 'abandoning') {
    return abandon(deps, now, actor);
  }
  if (now.attempt.status === 'live' && wantDead) {
    now = await applyToAttempt(deps, now, { type: 'close_begun' }, actor);
  }
  // A create that came to nothing, or to nothing known, has told all there is to tell.
  if (start.attempt.status === 'creating' && now.attempt.status !== 'closing') {
    return now;
  }
  return now.attempt.status === 'closing'
    ? closeCode(deps, now, actor)
    : readStatus(deps, now, 'none', actor);
}

/** A create whose answer never came is repeated with the same id: the provider's answer tells what became of it. */
async function createAgain(deps: ServiceDeps, before: Reconciled, actor: string): Promise<Reconciled> {
  const counted = await applyToAttempt(deps, before, { type: 'create_begun' }, actor);
  if (counted.attempt.status !== 'creating') {
    return counted;
  }
  const created = await createCode(deps, counted, actor);
  return created.attempt.status === 'abandoning' ? abandon(deps, created, actor) : created;
}

async function createCode(deps: ServiceDeps, before: Reconciled, actor: string): Promise<Reconciled> {
  const { attempt, payment } = before;
  const { intent } = payment;
  const outcome = await codesOf(deps, attempt).createCode({
    account: { merchantId: attempt.providerMerchantId },
    attemptId: attempt.id,
    amount: attempt.amount,
    currency: attempt.currency,
    ...(intent.description === undefined ? {} : { description: intent.description }),
    ...(intent.merchantStoreId === undefined ? {} : { storeId: intent.merchantStoreId }),
    ...(intent.merchantTerminalId === undefined ? {} : { terminalId: intent.merchantTerminalId }),
    requestedAt: deps.clock.now(),
  });
  return applyToAttempt(deps, before, updateFromCreate(outcome, attempt), actor, failureOf(outcome));
}

function updateFromCreate(outcome: CreateCodeOutcome, attempt: PaymentAttempt): AttemptUpdate {
  switch (outcome.kind) {
    case 'action_required': {
      const { codeId, qrContent, deeplink, expiresAt } = outcome;
      return { type: 'code_created', code: { codeId, qrContent, deeplink, expiresAt } };
    }
    case 'duplicate':
      return { type: 'code_unseen' };
    case 'declined':
      // This call did nothing, for good. An earlier one may have made a code that nobody has seen.
      return attempt.createCalls === 1
        ? { type: 'code_refused', reason: publicReason(outcome.reason) }
        : { type: 'code_unseen' };
    case 'unavailable':
      // This call did nothing. Whether an earlier one did is as open as before.
      return attempt.createCalls === 1
        ? { type: 'code_refused', reason: publicReason(outcome.reason) }
        : { type: 'create_unanswered', reason: publicReason(outcome.reason) };
    case 'unknown':
      return { type: 'create_unanswered', reason: publicReason(outcome.reason) };
  }
}

/** The code may exist but nobody can have seen it: tell the provider to return whatever is paid with it. */
async function abandon(deps: ServiceDeps, before: Reconciled, actor: string): Promise<Reconciled> {
  const { attempt } = before;
  const account = { merchantId: attempt.providerMerchantId };
  const outcome = await codesOf(deps, attempt).cancelPayment({ account, attemptId: attempt.id });
  if (outcome.kind === 'accepted') {
    return applyToAttempt(deps, before, { type: 'abandon_accepted' }, actor);
  }
  return readStatus(deps, before, 'none', actor, failureOf(outcome));
}

async function closeCode(deps: ServiceDeps, before: Reconciled, actor: string): Promise<Reconciled> {
  const { attempt } = before;
  if (attempt.codeId === undefined) {
    throw new Error(`attempt ${attempt.id} is closing without a code`);
  }
  const account = { merchantId: attempt.providerMerchantId };
  const outcome = await codesOf(deps, attempt).deleteCode({ account, codeId: attempt.codeId });
  return readStatus(deps, before, deletionOf(outcome), actor, failureOf(outcome));
}

function deletionOf(outcome: DeleteCodeOutcome): 'done' | 'not_found' | 'none' {
  if (outcome.kind === 'succeeded') {
    return 'done';
  }
  return outcome.kind === 'not_found' ? 'not_found' : 'none';
}

/** Reads the provider's own record and decides on it. */
async function readStatus(
  deps: ServiceDeps,
  before: Reconciled,
  deletion: 'done' | 'not_found' | 'none',
  actor: string,
  failure?: ProviderFailure,
): Promise<Reconciled> {
  const { attempt } = before;
  const account = { merchantId: attempt.providerMerchantId };
  const observation = await codesOf(deps, attempt).readPayment({ account, attemptId: attempt.id });
  return applyToAttempt(
    deps,
    before,
    updateFromRead(observation, deletion),
    actor,
    failureOf(observation) ?? failure,
  );
}

function updateFromRead(
  observation: PaymentObservation,
  deletion: 'done' | 'not_found' | 'none',
): AttemptUpdate {
  switch (observation.kind) {
    case 'succeeded': {
      const { providerPaymentId, money, paidAt } = observation;
      return { type: 'payment_found', found: { providerPaymentId, money, paidAt } };
    }
    case 'returned':
      return {
        type: 'payment_failed',
        reason: { code: 'payment_returned', message: 'The money was returned to the payer' },
      };
    case 'failed':
      return { type: 'payment_failed', reason: publicReason(observation.reason) };
    case 'pending':
    case 'not_found':
      return { type: 'unpaid', deletion };
    case 'unavailable':
    case 'unknown':
      return { type: 'status_unreadable', reason: publicReason(observation.reason) };
  }
}

async function applyToAttempt(
  deps: ServiceDeps,
  before: Reconciled,
  update: AttemptUpdate,
  actor: string,
  failure?: ProviderFailure,
): Promise<Reconciled> {
  const payment = await applyUpdate(deps, before.attempt.id, update, actor);
  return { ...toReconciled(payment, before.attempt.id), failure };
}

function toReconciled(payment: Payment, attemptId: string): Reconciled {
  const attempt = payment.attempts.find(({ id }) => id === attemptId);
  if (!attempt) {
    throw new Error(`there is no attempt ${attemptId}`);
  }
  return { payment, attempt, failure: undefined };
}

function codesOf(deps: ServiceDeps, attempt: PaymentAttempt): CodePayments {
  const codes = deps.findProvider(attempt.provider)?.codes;
  if (!codes) {
    throw new Error(`provider ${attempt.provider} is not set up`);
  }
  return codes;
}

function failureOf(outcome: {
  kind: string;
  reason?: OutcomeReason;
  retryAfterMs?: number;
}): ProviderFailure | undefined {
  const { kind, reason, retryAfterMs } = outcome;
  if (kind !== 'unknown' && kind !== 'unavailable' && kind !== 'declined') {
    return undefined;
  }
  if (!reason) {
    return undefined;
  }
  return retryAfterMs === undefined ? { kind, reason } : { kind, reason, retryAfterMs };
}

function publicReason({ code, message }: OutcomeReason): { code: string; message: string } {
  return { code, message };
}
