/**
 * THE state machine: what may happen to a payment, and what it then is. Pure: no I/O, no clock, no randomness. Every
 * road to the truth (webhook, poller, retrieve, confirm, cancel, capture, expiry, start-up) ends here, so that every
 * retry, crash, duplicate and reordering ends at the same truth.
 *
 * Wishes (confirm, cancel, capture, expire) may be refused or may need the live attempt brought to an end first. News
 * about an attempt is never refused: what comes late or twice changes nothing.
 */
import { type DomainError, invalidField } from './errors.ts';
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
import { codeOverAt } from './schedule.ts';
import { type CommandParticiple, unexpectedState } from './unexpected-state.ts';

/** What a payment has become, and what has to be written beside it. */
export interface Change {
  readonly payment: Payment;
  readonly events: readonly PaymentEvent[];
  readonly refunds: readonly RefundDue[];
}

export type Decision =
  | { readonly kind: 'change'; readonly change: Change }
  /** The live attempt must be proved dead (or paid) before this can be decided. */
  | { readonly kind: 'reconcile_first'; readonly attempt: PaymentAttempt }
  /** It is so already; nothing to do. */
  | { readonly kind: 'done' }
  | { readonly kind: 'refused'; readonly error: DomainError };

export type ConfirmDecision =
  | Exclude<Decision, { readonly kind: 'done' }>
  /** A code is live: answer it again. */
  | { readonly kind: 'show_code'; readonly attempt: PaymentAttempt }
  /** An attempt was begun and its code is not known: go on with it. */
  | { readonly kind: 'create_code'; readonly attempt: PaymentAttempt };

export interface ConfirmCommand {
  readonly paymentMethodType: PaymentMethodType;
  /** The attempt to begin when there is none; its id is made by the caller, for this module makes none. */
  readonly attempt: {
    readonly id: string;
    readonly provider: AttemptProvider;
    readonly providerMerchantId: string;
  };
}

/** News about one attempt. */
export type AttemptUpdate =
  | { readonly type: 'create_begun' }
  | { readonly type: 'code_created'; readonly code: Code }
  /** No code was made, for certain. */
  | { readonly type: 'code_refused'; readonly reason: PaymentError }
  /** Whether a code was made is not known. */
  | { readonly type: 'create_unanswered'; readonly reason: PaymentError }
  /** A code was made that nobody has seen and nobody can learn. */
  | { readonly type: 'code_unseen' }
  | { readonly type: 'abandon_accepted' }
  | { readonly type: 'close_begun' }
  /** The provider's record says nothing is paid; `deletion` is what came of deleting the code just before. */
  | { readonly type: 'unpaid'; readonly deletion: 'done' | 'not_found' | 'none' }
  | { readonly type: 'payment_found'; readonly found: FoundPayment }
  | { readonly type: 'payment_failed'; readonly reason: PaymentError }
  /** The provider's record could not be read, or says nothing that settles the matter. */
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
}

/** Decides what confirming does. */
export function decideConfirm(payment: Payment, command: ConfirmCommand, now: Date): ConfirmDecision {
  const { intent } = payment;
  if (isTerminal(intent) || now >= intent.expiresAt) {
    return refuse(intent, 'confirmed', now);
  }
  if (!intent.paymentMethodTypes.includes(command.paymentMethodType)) {
    return { kind: 'refused', error: methodNotAllowed(intent) };
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

/** Decides what cancelling does. Cancelling what is cancelled is done already. */
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
 * Decides what recording money taken by staff does. `amount` defaults to the whole amount of the intent; `idempotencyId`
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

/** Decides whether time is up. */
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

/** What the news about one attempt makes of the payment; undefined when it changes nothing. */
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
    // The first call follows at once; should the process die before it, the code counts as possibly made.
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
  // Somebody has given this attempt up while the answer was on its way: its code is never shown.
  if (attempt.status !== 'creating') {
    return undefined;
  }
  const live: PaymentAttempt = {
    ...attempt,
    // An older code was paid meanwhile: this one is not for showing but for closing.
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
  if (isLive(attempt) && isDead(attempt, deletion, now)) {
    return endUnpaid(payment, attempt, 'lapsed', now);
  }
  const failure = isLive(attempt) ? undefined : attempt.failure;
  return put(payment, { ...attempt, failure, checkedAt: now, checks: attempt.checks + 1 });
}

/** A code is dead when it was deleted, is gone before its time (an earlier delete worked), or is over by its age. */
function isDead(attempt: PaymentAttempt, deletion: 'done' | 'not_found' | 'none', now: Date): boolean {
  if (deletion === 'done' || now >= codeOverAt(attempt)) {
    return true;
  }
  return deletion === 'not_found' && attempt.codeExpiresAt !== undefined && now < attempt.codeExpiresAt;
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
  return attempt.codeExpiresAt && attempt.codeExpiresAt <= now
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
    const message = `The provider reports ${found.money.amount} ${found.money.currency} in place of ${attempt.amount} ${attempt.currency}`;
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

/** Why this money cannot be kept; undefined when the intent can take it. */
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
      return intent.expiredAt && found.paidAt > intent.expiredAt ? 'paid_after_expiry' : undefined;
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
  // A late payment of an older code: the code that is live now must not be paid as well.
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
      // The provider has carried out the cancellation whose answer we missed.
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

/** A look that settled nothing. Told as an event once per kind of trouble, not once per look. */
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
    // An attempt that is over has been looked at only when the record was seen.
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

/** Puts the changed attempt into the payment and lets the intent follow it, unless the intent is over. */
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

function methodNotAllowed(intent: PaymentIntent): DomainError {
  return invalidField(
    'payment_method_type',
    'enum',
    `Payment method type must be one of those of the PaymentIntent: ${intent.paymentMethodTypes.join(', ')}`,
    { allowed: [...intent.paymentMethodTypes] },
  );
}
