/**
 * THE way to bring an attempt in line with the provider: one round of calls, each outcome decided on by the state machine.
 * The webhook inbox, the poller, retrieve, confirm, cancel, capture and expiry all come through here.
 *
 * The intention is stored before each call and the outcome after it. The process may die between any two of these steps;
 * the next caller continues from there. No call is made inside a transaction.
 */
import { findCallPause } from '../../domain/call-pause.ts';
import type { AttemptUpdate, Payment, PaymentAttempt } from '../../domain/payment.ts';
import type { CodePayments, PaymentObservation } from '../../providers/provider.ts';
import { findPaymentOfAttempt } from '../../store/payments.ts';
import type { ServiceDeps } from '../deps.ts';
import { recordProviderRefunds } from '../refunds/record-provider-refunds.ts';
import { applyUpdate } from './apply-change.ts';
import { withAttemptLease } from './attempt-lease.ts';
import { pauseFailure } from './provider-failure.ts';
import {
  type Deletion,
  type ProviderFailure,
  translateAbandon,
  translateCreate,
  translateDelete,
  translateRead,
} from './translate-outcome.ts';

export interface Reconciled {
  readonly payment: Payment;
  readonly attempt: PaymentAttempt;
  /** The failure of the last read or, if the read succeeded, of the delete or cancel before it. */
  readonly failure: ProviderFailure | undefined;
  /** The provider's own record, if this round has read it. */
  readonly observation?: PaymentObservation;
}

export interface ReconcileOptions {
  /** `read`: learn what became of the attempt. `close`: also make its code unusable, unless it is paid. */
  readonly goal: 'read' | 'close';
  /** Who asks, for the events. */
  readonly actor: string;
  /** How long to wait for another request that holds the attempt's lease; not at all by default. */
  readonly waitMs?: number;
  /** The caller has just begun this attempt: its first create call is counted and not made yet. */
  readonly hasJustBegun?: boolean;
  /** The caller has its own schedule, so it also calls during a pause and for attempts that have ended. */
  readonly isScheduled?: boolean;
}

/**
 * Brings an attempt as far as one round of calls to the provider can.
 * @returns undefined when another request holds the attempt's lease and does not finish within `waitMs`
 */
export function reconcileAttempt(
  deps: ServiceDeps,
  attemptId: string,
  options: ReconcileOptions,
): Promise<Reconciled | undefined> {
  return withAttemptLease(deps, attemptId, options.waitMs ?? 0, async () => {
    // Read under the lease, because its previous holder has changed the payment.
    const payment = await findPaymentOfAttempt(deps.db, attemptId);
    if (!payment) {
      throw new Error(`there is no attempt ${attemptId}`);
    }
    const start = reconciled(payment, attemptId);
    return findKnownResult(deps, start, options) ?? runSteps(deps, start, options);
  });
}

/** The result for an unscheduled caller if no call is needed or allowed: the attempt has ended, or calls are paused. */
function findKnownResult(
  deps: ServiceDeps,
  start: Reconciled,
  { isScheduled = false }: ReconcileOptions,
): Reconciled | undefined {
  if (isScheduled) {
    return undefined;
  }
  if (start.attempt.endedAt) {
    return start;
  }
  const pause = findCallPause(start.payment, deps.clock.now());
  return pause && { ...start, failure: pauseFailure(pause) };
}

async function runSteps(
  deps: ServiceDeps,
  start: Reconciled,
  options: ReconcileOptions,
): Promise<Reconciled> {
  const { actor, goal } = options;
  const wasCreating = start.attempt.status === 'creating';
  let now = wasCreating ? await createCode(deps, start, options) : start;
  if (now.attempt.status === 'abandoning') {
    return abandonCode(deps, now, actor);
  }
  if (now.attempt.status === 'live' && goal === 'close') {
    now = await applyTo(deps, now, { type: 'close_begun' }, actor);
  }
  if (now.attempt.status === 'closing') {
    return closeCode(deps, now, actor);
  }
  // The outcome of a create says everything about the attempt, so a read would add nothing.
  return wasCreating ? now : readPayment(deps, now, actor, 'none');
}

/** A create without a known outcome is repeated with the same id: the answer shows what became of the earlier calls. */
async function createCode(
  deps: ServiceDeps,
  before: Reconciled,
  { actor, hasJustBegun }: ReconcileOptions,
): Promise<Reconciled> {
  const isCounted = hasJustBegun && before.attempt.createCalls === 1;
  const counted = isCounted ? before : await applyTo(deps, before, { type: 'create_begun' }, actor);
  const { attempt, payment } = counted;
  if (attempt.status !== 'creating') {
    return counted;
  }
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
  const { update, failure } = translateCreate(outcome, attempt);
  return applyTo(deps, counted, update, actor, failure);
}

/** The code may exist but nobody can have seen it: a cancel makes the provider return whatever is paid with it. */
async function abandonCode(deps: ServiceDeps, before: Reconciled, actor: string): Promise<Reconciled> {
  const { attempt } = before;
  const account = { merchantId: attempt.providerMerchantId };
  const outcome = await codesOf(deps, attempt).cancelPayment({ account, attemptId: attempt.id });
  const { update, failure } = translateAbandon(outcome);
  return update ? applyTo(deps, before, update, actor) : readPayment(deps, before, actor, 'none', failure);
}

async function closeCode(deps: ServiceDeps, before: Reconciled, actor: string): Promise<Reconciled> {
  const { attempt } = before;
  if (attempt.codeId === undefined) {
    throw new Error(`attempt ${attempt.id} is closing without a code`);
  }
  const account = { merchantId: attempt.providerMerchantId };
  const outcome = await codesOf(deps, attempt).deleteCode({
    account,
    attemptId: attempt.id,
    codeId: attempt.codeId,
  });
  const { deletion, failure } = translateDelete(outcome);
  return readPayment(deps, before, actor, deletion, failure);
}

/** Reads the provider's own record and decides on it. */
async function readPayment(
  deps: ServiceDeps,
  before: Reconciled,
  actor: string,
  deletion: Deletion,
  earlier?: ProviderFailure,
): Promise<Reconciled> {
  const { attempt } = before;
  const account = { merchantId: attempt.providerMerchantId };
  const observation = await codesOf(deps, attempt).readPayment({ account, attemptId: attempt.id });
  const { update, failure } = translateRead(observation, deletion, earlier, deps.clock.now());
  const after = await applyTo(deps, before, update, actor, failure);
  if (after.attempt.status === 'succeeded') {
    await recordProviderRefunds(deps, attempt.id, observation);
  }
  return { ...after, observation };
}

async function applyTo(
  deps: ServiceDeps,
  before: Reconciled,
  update: AttemptUpdate,
  actor: string,
  failure?: ProviderFailure,
): Promise<Reconciled> {
  const payment = await applyUpdate(deps, before.attempt.id, update, actor);
  return { ...reconciled(payment, before.attempt.id), failure };
}

function reconciled(payment: Payment, attemptId: string): Reconciled {
  const attempt = payment.attempts.find(({ id }) => id === attemptId);
  if (!attempt) {
    throw new Error(`there is no attempt ${attemptId}`);
  }
  return { payment, attempt, failure: undefined };
}

function codesOf(deps: ServiceDeps, attempt: PaymentAttempt): CodePayments {
  const codes = deps.providers.find(attempt.provider)?.codes;
  if (!codes) {
    throw new Error(`provider ${attempt.provider} is not set up`);
  }
  return codes;
}
