/**
 * The state machine of a payment, second part: what the gateway learns about an attempt. Updates are never refused: a late
 * or duplicate one changes nothing. Pure, like the commands in payment-machine.ts.
 */
import {
  type AttemptUpdate,
  type Change,
  type Code,
  changed,
  type FoundPayment,
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
  type ReturnReason,
} from './payment.ts';
import { isCodeDead } from './schedule.ts';

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
  const reason = returnReason(payment.intent, attempt, found);
  return reason ? returnPayment(payment, paid, reason) : acceptPayment(payment, paid, found, now);
}

/** Why this money must be returned; undefined when the intent can take it. */
function returnReason(
  intent: PaymentIntent,
  attempt: PaymentAttempt,
  found: FoundPayment,
): ReturnReason | undefined {
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

function returnPayment(payment: Payment, paid: PaymentAttempt, reason: ReturnReason): Change {
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
    providerPaymentId: found.providerPaymentId,
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
