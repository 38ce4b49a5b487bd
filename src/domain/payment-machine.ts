/**
 * The state machine of a payment: every transition is decided here. Pure: no I/O, no clock, no randomness. All sources
 * of change (webhook, poller, retrieve, confirm, cancel, capture, expiry, start-up) go through it, so that retries,
 * crashes, duplicates and reordering lead to the same state. Commands (confirm, cancel, capture, expire) may be refused,
 * or may require that the live attempt is reconciled with the provider first. Updates about an attempt are never
 * refused: a late or duplicate update changes nothing.
 */
import { type DomainError, invalidField } from './errors.ts';
import { methodNotAllowed, methodUnsupported } from './method-refusals.ts';
import {
  type AttemptProvider,
  findLiveAttempt,
  isLive,
  isShowable,
  isTerminal,
  type Money,
  type Payment,
  type PaymentAttempt,
  type PaymentError,
  type PaymentEvent,
  type PaymentEventType,
  type PaymentIntent,
  type PaymentIntentStatus,
  type PaymentMethodType,
  type RefundDue,
  type RefundReason,
} from './payment.ts';
import { isCodeDead } from './schedule.ts';
import { type CommandParticiple, unexpectedState } from './unexpected-state.ts';

/** The new state of a payment, with the events and refunds to store with it. */
export interface Change {
  readonly payment: Payment;
  readonly events: readonly PaymentEvent[];
  readonly refunds: readonly RefundDue[];
}

export type Decision =
  | { readonly kind: 'change'; readonly change: Change }
  /** The live attempt must be known to be dead or paid before this can be decided. */
  | { readonly kind: 'reconcile_first'; readonly attempt: PaymentAttempt }
  /** The payment is already in the requested state; nothing to do. */
  | { readonly kind: 'done' }
  | { readonly kind: 'refused'; readonly error: DomainError };

export type ConfirmDecision =
  | Exclude<Decision, { readonly kind: 'done' }>
  /** A code is live: return it again. */
  | { readonly kind: 'show_code'; readonly attempt: PaymentAttempt }
  /** An attempt exists and its code is not known: continue it. */
  | { readonly kind: 'create_code'; readonly attempt: PaymentAttempt };

export interface ConfirmCommand {
  readonly paymentMethodType: PaymentMethodType;
  /** The methods that the provider says it carries out. Cash is captured and never confirmed, whatever it says. */
  readonly carriedOut: readonly PaymentMethodType[];
  /** The attempt to start when there is none. The caller generates its id, because this module is deterministic. */
  readonly attempt: {
    readonly id: string;
    readonly provider: AttemptProvider;
    readonly providerMerchantId: string;
  };
}

/** What has been learned about one attempt. */
export type AttemptUpdate =
  | { readonly type: 'create_begun' }
  | { readonly type: 'code_created'; readonly code: Code }
  /** It is certain that no code was created. */
  | { readonly type: 'code_refused'; readonly reason: PaymentError }
  /** It is not known whether a code was created. */
  | { readonly type: 'create_unanswered'; readonly reason: PaymentError }
  /** A code was created, but its content was lost and cannot be retrieved. */
  | { readonly type: 'code_unseen' }
  | { readonly type: 'abandon_accepted' }
  | { readonly type: 'close_begun' }
  /** The provider reports no payment; `deletion` is the outcome of deleting the code immediately before. */
  | { readonly type: 'unpaid'; readonly deletion: 'done' | 'not_found' | 'none' }
  | { readonly type: 'payment_found'; readonly found: FoundPayment }
  | { readonly type: 'payment_failed'; readonly reason: PaymentError }
  /** The provider's record could not be read, or is inconclusive. */
  | { readonly type: 'status_unreadable'; readonly reason: PaymentError };

export interface Code {
  readonly codeId: string;
  readonly qrContent: string;
  readonly deeplink: string | undefined;
  readonly expiresAt: Date;
}

export interface FoundPayment {
  readonly providerPaymentId: string;
  readonly money: Money;
  readonly paidAt: Date;
  /** `paidAt` converted to our clock, if known. Only this value may be compared with our times. */
  readonly paidAtOurTime?: Date;
}

/** Decides how to confirm: start an attempt, continue one, show its code, or reconcile it first. */
export function decideConfirm(payment: Payment, command: ConfirmCommand, now: Date): ConfirmDecision {
  const { intent } = payment;
  if (isTerminal(intent) || now >= intent.expiresAt) {
    return refuse(intent, 'confirmed', now);
  }
  if (!intent.paymentMethodTypes.includes(command.paymentMethodType)) {
    return { kind: 'refused', error: methodNotAllowed(intent) };
  }
  if (command.paymentMethodType === 'cash' || !command.carriedOut.includes(command.paymentMethodType)) {
    return { kind: 'refused', error: methodUnsupported(command.paymentMethodType, command.carriedOut) };
  }
  const live = findLiveAttempt(payment);
  if (!live) {
    return { kind: 'change', change: beginAttempt(payment, command, now) };
  }
  if (live.status === 'creating') {
    return { kind: 'create_code', attempt: live };
  }
  if (isShowable(live, now)) {
    return { kind: 'show_code', attempt: live };
  }
  return { kind: 'reconcile_first', attempt: live };
}

/** Decides how to cancel. Cancelling an intent that is already cancelled is `done`. */
export function decideCancel(payment: Payment, now: Date): Decision {
  const { intent } = payment;
  if (intent.status === 'cancelled') {
    return { kind: 'done' };
  }
  if (isTerminal(intent)) {
    return refuse(intent, 'cancelled', now);
  }
  const live = findLiveAttempt(payment);
  if (live) {
    return { kind: 'reconcile_first', attempt: live };
  }
  const cancelled: PaymentIntent = { ...intent, status: 'cancelled', cancelledAt: now };
  return { kind: 'change', change: changed({ ...payment, intent: cancelled }, [{ type: 'cancelled' }]) };
}

/**
 * Decides how to record money that staff have taken. `amount` defaults to the amount of the intent; `idempotencyId`
 * identifies the request, so that its repetition after a crash is not mistaken for a second capture.
 */
export function decideCapture(
  payment: Payment,
  {
    amount,
    idempotencyId,
  }: { readonly amount: number | undefined; readonly idempotencyId?: string | undefined },
  now: Date,
): Decision {
  const { intent } = payment;
  if (isTerminal(intent)) {
    return refuse(intent, 'captured', now);
  }
  const amountCaptured = amount ?? intent.amount;
  if (amountCaptured > intent.amount) {
    const message = `Amount must be at most ${intent.amount}, the amount of the PaymentIntent`;
    return { kind: 'refused', error: invalidField('amount', 'max_value', message, { max: intent.amount }) };
  }
  const live = findLiveAttempt(payment);
  if (live) {
    return { kind: 'reconcile_first', attempt: live };
  }
  const captured: PaymentIntent = {
    ...intent,
    status: 'succeeded',
    succeededAt: now,
    amountCaptured,
    paymentMethodType: 'cash',
    lastPaymentError: undefined,
  };
  const data = { amount: amountCaptured, ...(idempotencyId !== undefined && { once_id: idempotencyId }) };
  const event: PaymentEvent = { type: 'captured', data };
  return { kind: 'change', change: changed({ ...payment, intent: captured }, [event]) };
}

/** Decides whether the intent expires now. */
export function decideExpire(payment: Payment, now: Date): Decision {
  const { intent } = payment;
  if (isTerminal(intent) || now < intent.expiresAt) {
    return { kind: 'done' };
  }
  const live = findLiveAttempt(payment);
  if (live) {
    return { kind: 'reconcile_first', attempt: live };
  }
  const expired: PaymentIntent = { ...intent, status: 'expired', expiredAt: now };
  return { kind: 'change', change: changed({ ...payment, intent: expired }, [{ type: 'expired' }]) };
}

/** Applies an update about one attempt; undefined when it changes nothing. */
export function decideUpdate(
  payment: Payment,
  attemptId: string,
  update: AttemptUpdate,
  now: Date,
): Change | undefined {
  const attempt = payment.attempts.find(({ id }) => id === attemptId);
  if (!attempt) {
    return undefined;
  }
  switch (update.type) {
    case 'create_begun':
      return whenIn(attempt, ['creating'], () =>
        put(payment, { ...attempt, createCalls: attempt.createCalls + 1 }, { type: 'create_begun' }),
      );
    case 'code_created':
      return codeCreated(payment, attempt, update.code);
    case 'code_refused':
      return whenIn(attempt, ['creating'], () => fail(payment, attempt, update.reason, 'code_refused', now));
    case 'create_unanswered':
      return whenIn(attempt, ['creating'], () => recordInconclusive(payment, attempt, update.reason, now));
    case 'code_unseen':
      return whenIn(attempt, ['creating'], () =>
        put(payment, move(attempt, 'abandoning', now), { type: 'code_unseen' }),
      );
    case 'abandon_accepted':
      return whenIn(attempt, ['abandoning'], () => endUnpaid(payment, attempt, 'abandoned', now));
    case 'close_begun':
      return whenIn(attempt, ['live'], () =>
        put(payment, move(attempt, 'closing', now), { type: 'close_begun' }),
      );
    case 'unpaid':
      return unpaid(payment, attempt, update.deletion, now);
    case 'payment_found':
      return paymentFound(payment, attempt, update.found, now);
    case 'payment_failed':
      return paymentFailed(payment, attempt, update.reason, now);
    case 'status_unreadable':
      return recordInconclusive(payment, attempt, update.reason, now);
  }
}

function beginAttempt(payment: Payment, command: ConfirmCommand, now: Date): Change {
  const { intent } = payment;
  const attempt: PaymentAttempt = {
    ...command.attempt,
    intentId: intent.id,
    merchantId: intent.merchantId,
    amount: intent.amount,
    currency: intent.currency,
    status: 'creating',
    // The first call follows immediately. If the process dies before it, the code counts as possibly created.
    createCalls: 1,
    codeId: undefined,
    qrContent: undefined,
    deeplink: undefined,
    codeExpiresAt: undefined,
    providerPaymentId: undefined,
    paidAt: undefined,
    failure: undefined,
    createdAt: now,
    endedAt: undefined,
    checkedAt: undefined,
    checks: 0,
    nextCheckAt: undefined,
  };
  const begun: PaymentIntent = { ...intent, status: 'processing' };
  return changed({ intent: begun, attempts: [...payment.attempts, attempt] }, [
    { type: 'confirmed', attemptId: attempt.id, data: { provider: attempt.provider } },
  ]);
}

function codeCreated(payment: Payment, attempt: PaymentAttempt, code: Code): Change | undefined {
  // The attempt was ended while the provider's response was in flight: its code is never shown.
  if (attempt.status !== 'creating') {
    return undefined;
  }
  const live: PaymentAttempt = {
    ...attempt,
    // An older code has been paid in the meantime: this one must not be paid as well, so it is closed.
    status: isTerminal(payment.intent) ? 'closing' : 'live',
    codeId: code.codeId,
    qrContent: code.qrContent,
    deeplink: code.deeplink,
    codeExpiresAt: code.expiresAt,
    failure: undefined,
    checks: 0,
  };
  return put(payment, live, { type: 'code_created', data: { expires_at: code.expiresAt.toISOString() } });
}

function unpaid(
  payment: Payment,
  attempt: PaymentAttempt,
  deletion: 'done' | 'not_found' | 'none',
  now: Date,
): Change | undefined {
  if (isLive(attempt) && isCodeDead(attempt, deletion, now)) {
    return endUnpaid(payment, attempt, 'lapsed', now);
  }
  const failure = isLive(attempt) ? undefined : attempt.failure;
  return put(payment, { ...attempt, failure, checkedAt: now, checks: attempt.checks + 1 });
}

function endUnpaid(
  payment: Payment,
  attempt: PaymentAttempt,
  status: 'lapsed' | 'abandoned',
  now: Date,
): Change {
  const ended: PaymentAttempt = { ...move(attempt, status, now), failure: undefined, checkedAt: now };
  const error = lapseError(attempt, now);
  return put(payment, ended, { type: status, data: { code: error.code } }, error);
}

function lapseError(attempt: PaymentAttempt, now: Date): PaymentError {
  if (!attempt.codeId) {
    return { code: 'code_not_created', message: 'The provider did not give a QR code; confirm again' };
  }
  return !isShowable({ ...attempt, status: 'live' }, now)
    ? { code: 'code_expired', message: 'The QR code expired before it was paid; confirm again' }
    : { code: 'code_withdrawn', message: 'The QR code was withdrawn before it was paid; confirm again' };
}

function paymentFound(
  payment: Payment,
  attempt: PaymentAttempt,
  found: FoundPayment,
  now: Date,
): Change | undefined {
  if (attempt.status === 'succeeded') {
    return undefined;
  }
  if (found.money.amount !== attempt.amount || found.money.currency !== attempt.currency) {
    const { amount, currency } = found.money;
    const message = `The provider reports ${amount} ${currency} instead of ${attempt.amount} ${attempt.currency}`;
    return recordInconclusive(payment, attempt, { code: 'money_mismatch', message }, now);
  }
  const paid: PaymentAttempt = {
    ...move(attempt, 'succeeded', now),
    providerPaymentId: found.providerPaymentId,
    paidAt: found.paidAt,
    failure: undefined,
    checkedAt: now,
  };
  const reason = refundReason(payment.intent, attempt, found);
  return reason ? refundPayment(payment, paid, reason) : acceptPayment(payment, paid, found, now);
}

/** Why this money must be returned; undefined when the intent can take it. */
function refundReason(
  intent: PaymentIntent,
  attempt: PaymentAttempt,
  found: FoundPayment,
): RefundReason | undefined {
  if (attempt.status === 'abandoning' || attempt.status === 'abandoned') {
    return 'paid_after_abandon';
  }
  switch (intent.status) {
    case 'succeeded':
      return 'second_payment';
    case 'cancelled':
      return 'paid_after_cancel';
    case 'expired':
      return intent.expiredAt && (found.paidAtOurTime ?? found.paidAt) > intent.expiredAt
        ? 'paid_after_expiry'
        : undefined;
    default:
      return undefined;
  }
}

function refundPayment(payment: Payment, paid: PaymentAttempt, reason: RefundReason): Change {
  const money: Money = { amount: paid.amount, currency: paid.currency };
  const change = put(payment, paid, { type: 'refund_due', data: { reason, ...money } });
  return {
    ...change,
    refunds: [{ attemptId: paid.id, providerPaymentId: paid.providerPaymentId ?? '', money, reason }],
  };
}

function acceptPayment(payment: Payment, paid: PaymentAttempt, found: FoundPayment, now: Date): Change {
  const intent: PaymentIntent = {
    ...payment.intent,
    status: 'succeeded',
    succeededAt: found.paidAt,
    amountCaptured: paid.amount,
    paymentMethodType: 'qr_mpm',
    lastPaymentError: undefined,
  };
  const events: PaymentEvent[] = [
    { type: 'succeeded', attemptId: paid.id, data: { provider_payment_id: found.providerPaymentId } },
  ];
  // After a late payment of an older code, the code that is live now must not be paid as well.
  const attempts = payment.attempts.map((attempt) => {
    if (attempt.id === paid.id) {
      return paid;
    }
    if (attempt.status !== 'live') {
      return attempt;
    }
    events.push({ type: 'close_begun', attemptId: attempt.id });
    return move(attempt, 'closing', now);
  });
  return changed({ intent, attempts }, events);
}

function paymentFailed(
  payment: Payment,
  attempt: PaymentAttempt,
  reason: PaymentError,
  now: Date,
): Change | undefined {
  switch (attempt.status) {
    case 'creating':
    case 'live':
    case 'closing':
      return fail(payment, attempt, reason, 'payment_failed', now);
    case 'abandoning':
      // The provider has carried out a cancellation whose response we did not receive.
      return endUnpaid(payment, attempt, 'abandoned', now);
    default:
      return put(payment, { ...attempt, checkedAt: now, checks: attempt.checks + 1 });
  }
}

function fail(
  payment: Payment,
  attempt: PaymentAttempt,
  reason: PaymentError,
  event: PaymentEventType,
  now: Date,
): Change {
  const failed: PaymentAttempt = { ...move(attempt, 'failed', now), failure: reason, checkedAt: now };
  return put(payment, failed, { type: event, data: { code: reason.code } }, reason);
}

/** Inconclusive provider read. Emits one event per distinct error code, not one per poll. */
function recordInconclusive(
  payment: Payment,
  attempt: PaymentAttempt,
  reason: PaymentError,
  now: Date,
): Change {
  const isNewError = attempt.failure?.code !== reason.code;
  const inconclusive: PaymentAttempt = {
    ...attempt,
    failure: attempt.status === 'failed' ? attempt.failure : reason,
    // For an ended attempt only a successful read counts: its late reads are scheduled from `checkedAt`.
    checkedAt: isLive(attempt) ? now : attempt.checkedAt,
    checks: attempt.checks + 1,
  };
  return put(
    payment,
    inconclusive,
    isNewError ? { type: 'outcome_unknown', data: { ...reason } } : undefined,
  );
}

function move(attempt: PaymentAttempt, status: PaymentAttempt['status'], now: Date): PaymentAttempt {
  const moved = { ...attempt, status, checks: 0 };
  return { ...moved, endedAt: isLive(moved) ? undefined : (attempt.endedAt ?? now) };
}

/** Replaces the attempt in the payment and derives the status of the intent from it, unless that status is terminal. */
function put(payment: Payment, attempt: PaymentAttempt, event?: PaymentEvent, error?: PaymentError): Change {
  const attempts = payment.attempts.map((other) => (other.id === attempt.id ? attempt : other));
  const intent = isTerminal(payment.intent) ? payment.intent : follow(payment.intent, attempts, error);
  return changed({ intent, attempts }, event ? [{ ...event, attemptId: attempt.id }] : []);
}

function follow(
  intent: PaymentIntent,
  attempts: readonly PaymentAttempt[],
  error: PaymentError | undefined,
): PaymentIntent {
  const live = attempts.find(isLive);
  const status = statusDuring(live);
  if (status === intent.status && !error) {
    return intent;
  }
  return { ...intent, status, lastPaymentError: error ?? intent.lastPaymentError };
}

function statusDuring(live: PaymentAttempt | undefined): PaymentIntentStatus {
  if (!live) {
    return 'requires_payment_method';
  }
  return live.status === 'live' ? 'requires_action' : 'processing';
}

function whenIn(
  attempt: PaymentAttempt,
  statuses: readonly PaymentAttempt['status'][],
  change: () => Change,
): Change | undefined {
  return statuses.includes(attempt.status) ? change() : undefined;
}

function changed(payment: Payment, events: readonly PaymentEvent[]): Change {
  return { payment, events, refunds: [] };
}

function refuse(intent: PaymentIntent, participle: CommandParticiple, now: Date) {
  return { kind: 'refused', error: unexpectedState(intent, participle, now) } as const;
}
