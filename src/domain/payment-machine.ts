/**
 * The state machine of a payment: every transition is decided here and in attempt-updates.ts. Pure: no I/O, no clock, no
 * randomness. All sources of change (webhook, poller, retrieve, confirm, cancel, capture, expiry, start-up) go through it,
 * so that retries, crashes, duplicates and reordering lead to the same state. This file has the commands (confirm, cancel,
 * capture, expire). They may be refused, or may require that the live attempt is reconciled with the provider first.
 */
import { type DomainError, invalidField } from './errors.ts';
import { methodNotAllowed, methodUnsupported } from './method-refusals.ts';
import {
  type AttemptProvider,
  type Change,
  changed,
  findLiveAttempt,
  isShowable,
  isTerminal,
  type Payment,
  type PaymentAttempt,
  type PaymentEvent,
  type PaymentIntent,
  type PaymentMethodType,
} from './payment.ts';
import { type CommandParticiple, unexpectedState } from './unexpected-state.ts';

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

function refuse(intent: PaymentIntent, participle: CommandParticiple, now: Date) {
  return { kind: 'refused', error: unexpectedState(intent, participle, now) } as const;
}
