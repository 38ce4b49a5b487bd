/**
 * The state machine of refunds: whether one may be made, and what the provider's word about it changes. Pure: no I/O, no
 * clock, no randomness. `amountRefunded` of the intent counts pending and succeeded refunds, so a pending refund has its
 * money reserved, and a failed one gives it back in the same change.
 */
import type { DomainError } from '../errors.ts';
import type { Payment, PaymentAttempt, PaymentIntent, RefundDue, ReturnReason } from '../payment.ts';
import { unexpectedState } from '../unexpected-state.ts';
import { ended, pendingRefund } from './new-refund.ts';
import type {
  ProviderRefund,
  Refund,
  RefundChange,
  RefundEvent,
  RefundMethod,
  RefundNotes,
  RefundTotals,
  RefundUpdate,
} from './refund.ts';
import {
  amountError,
  callerLimitError,
  limitError,
  MAX_REFUNDS,
  methodError,
  windowError,
} from './refund-refusals.ts';
import { isWindowOver } from './refund-window.ts';

/** The provider cancelled the whole payment, which has no id of a refund. */
const CANCELLED_AT_PROVIDER = 'cancelled';

export interface RefundCommand extends RefundNotes {
  /** The caller generates it, because this module is deterministic. */
  readonly id: string;
  /** What is left, when undefined. */
  readonly amount: number | undefined;
  /** As the payment was made, when undefined. */
  readonly method: RefundMethod | undefined;
  /** Whether the caller may return in cash what was not paid in cash. */
  readonly mayReturnInCash: boolean;
  /** The most that the caller may refund at once; undefined: no limit. */
  readonly maxAmount: number | undefined;
}

export type RefundDecision =
  | { readonly kind: 'change'; readonly change: RefundChange }
  | { readonly kind: 'refused'; readonly error: DomainError };

/** Decides whether a merchant's refund is made. It refuses only what is certain beforehand; the provider decides the rest. */
export function decideRefund(
  payment: Payment,
  totals: RefundTotals,
  command: RefundCommand,
  now: Date,
): RefundDecision {
  const { intent } = payment;
  if (intent.status !== 'succeeded') {
    return refused(unexpectedState(intent, 'refunded', now));
  }
  const method = command.method ?? (intent.paymentMethodType === 'cash' ? 'cash' : 'provider');
  const refundable = amountRefundable(intent);
  const amount = command.amount ?? refundable;
  const error =
    methodError(intent, method, command.mayReturnInCash) ??
    amountError(amount, refundable) ??
    callerLimitError(amount, command.maxAmount) ??
    (method === 'provider' && isWindowOver(intent, now) ? windowError(intent) : undefined) ??
    (totals.count >= MAX_REFUNDS ? limitError() : undefined);
  if (error) {
    return refused(error);
  }
  const attempt = method === 'provider' ? findPaidAttempt(payment, totals) : undefined;
  const refund = newRefund(intent, attempt, { ...command, method, amount }, now);
  return { kind: 'change', change: created(intent, refund, totals) };
}

/**
 * Applies what has been learned about a refund; undefined when it changes nothing. A succeeded refund never changes. A failed
 * one succeeds if the provider reports it after all, as long as its amount is not refunded otherwise.
 * @param others the other refunds of the intent
 * @param nextTryAt when a delayed refund is tried again
 */
export function decideRefundUpdate(
  intent: PaymentIntent,
  refund: Refund,
  others: RefundTotals,
  update: RefundUpdate,
  { now, nextTryAt }: { readonly now: Date; readonly nextTryAt: Date },
): RefundChange | undefined {
  switch (update.type) {
    case 'succeeded':
      return succeed(intent, refund, others, now);
    case 'failed':
      return refund.status === 'pending' ? fail(intent, refund, update.failure, now) : undefined;
    case 'delayed':
      return refund.status === 'pending' ? delay(intent, refund, update, nextTryAt) : undefined;
  }
}

/**
 * Decides whether a refund in the provider's record, which was not made through the gateway, is added to those of the intent.
 * While a pending refund has reserved the money, it is not: the provider will refuse that one, and the next read adds this one.
 * @returns undefined when there is nothing to add
 */
export function decideForeignRefund(
  payment: Payment,
  totals: RefundTotals,
  attemptId: string,
  found: ProviderRefund & { readonly id: string },
  now: Date,
): RefundChange | undefined {
  const { intent } = payment;
  const attempt = findPaidAttempt(payment, totals);
  const isCounted = intent.status === 'succeeded' && attempt?.id === attemptId;
  const fits = found.money.amount >= 1 && found.money.amount <= amountRefundable(intent);
  if (!isCounted || found.status !== 'succeeded' || !fits) {
    return undefined;
  }
  const refund: Refund = {
    ...ended(pendingRefund(intent, found.id, found.money.amount, now), now),
    attemptId,
    providerPaymentId: attempt.providerPaymentId,
    origin: 'provider',
    providerRefundId: found.refundId,
    status: 'succeeded',
  };
  return created(intent, refund, totals);
}

/**
 * What the provider has returned without a refund of its own: it cancelled the payment. That includes the money which pending
 * refunds have reserved, so it is not added before these have failed.
 */
export function cancelledAtProvider(
  { amountCaptured = 0, currency }: PaymentIntent,
  { succeeded }: RefundTotals,
): ProviderRefund {
  return {
    refundId: CANCELLED_AT_PROVIDER,
    money: { amount: amountCaptured - succeeded, currency },
    status: 'succeeded',
    acceptedAt: undefined,
  };
}

/** The gateway's refund of money that no intent can take. It is not counted among those of the intent. */
export function returnDue(intent: PaymentIntent, due: RefundDue, id: string, now: Date): RefundChange {
  const refund: Refund = {
    ...pendingRefund(intent, id, due.money.amount, now),
    origin: 'gateway',
    attemptId: due.attemptId,
    providerPaymentId: due.providerPaymentId,
    reason: due.reason === 'second_payment' ? 'duplicate' : 'other',
    returnReason: due.reason,
    description: RETURN_DESCRIPTIONS[due.reason],
  };
  return { intent, refund, events: [eventOf('refund_created', refund, { type: 'refund.created', refund })] };
}

/** How much of the intent's money can still be refunded. */
export function amountRefundable({ amountCaptured = 0, amountRefunded }: PaymentIntent): number {
  return amountCaptured - amountRefunded;
}

/** How much of `amountRefunded` is of this refund, unless it has failed. */
function countedAmount({ origin, money }: Refund): number {
  return origin === 'gateway' ? 0 : money.amount;
}

/** For the merchant, who did not request it. */
const RETURN_DESCRIPTIONS: Readonly<Record<ReturnReason, string>> = {
  paid_after_cancel: 'Paid after the PaymentIntent was cancelled',
  paid_after_expiry: 'Paid after the PaymentIntent had expired',
  second_payment: 'The PaymentIntent was paid twice',
  paid_after_abandon: 'Paid with a QR code that was given up',
};

/** The attempt whose money the intent has: one that was paid, and is not returned by the gateway. */
function findPaidAttempt({ intent, attempts }: Payment, totals: RefundTotals): PaymentAttempt | undefined {
  if (intent.paymentMethodType === 'cash') {
    return undefined;
  }
  return attempts.find(({ id, status }) => status === 'succeeded' && !totals.returnedAttemptIds.includes(id));
}

function newRefund(
  intent: PaymentIntent,
  attempt: PaymentAttempt | undefined,
  command: RefundNotes & { readonly id: string; readonly method: RefundMethod; readonly amount: number },
  now: Date,
): Refund {
  const { id, method, amount, ...notes } = command;
  const pending: Refund = { ...pendingRefund(intent, id, amount, now), ...notes };
  if (method === 'cash') {
    return { ...ended(pending, now), method, status: 'succeeded' };
  }
  if (attempt?.providerPaymentId === undefined) {
    throw new Error(`intent ${intent.id} has no paid attempt`);
  }
  return { ...pending, attemptId: attempt.id, providerPaymentId: attempt.providerPaymentId };
}

function created(before: PaymentIntent, refund: Refund, others: RefundTotals): RefundChange {
  const intent = { ...before, amountRefunded: before.amountRefunded + refund.money.amount };
  const event = eventOf('refund_created', refund, { type: 'refund.created', refund });
  const events =
    refund.status === 'succeeded' ? [event, ...succeededEvents(intent, refund, others)] : [event];
  return { intent, refund, events };
}

function succeed(
  before: PaymentIntent,
  refund: Refund,
  others: RefundTotals,
  now: Date,
): RefundChange | undefined {
  if (refund.status === 'succeeded') {
    return undefined;
  }
  // A pending one has its amount reserved already.
  const reserved = refund.status === 'failed' ? countedAmount(refund) : 0;
  if (reserved > amountRefundable(before)) {
    return undefined;
  }
  const intent = { ...before, amountRefunded: before.amountRefunded + reserved };
  const done: Refund = { ...ended(refund, now), status: 'succeeded', lastErrorCode: undefined };
  return { intent, refund: done, events: succeededEvents(intent, done, others) };
}

function fail(
  before: PaymentIntent,
  refund: Refund,
  failure: NonNullable<Refund['failure']>,
  now: Date,
): RefundChange {
  const failed: Refund = { ...ended(refund, now), status: 'failed', failure };
  return {
    intent: { ...before, amountRefunded: before.amountRefunded - countedAmount(refund) },
    refund: failed,
    events: [
      eventOf('refund_failed', failed, { type: 'refund.failed', refund: failed }, { code: failure.code }),
    ],
  };
}

/** One event per new reason, not one per try. */
function delay(
  intent: PaymentIntent,
  refund: Refund,
  { pendingReason, errorCode }: Extract<RefundUpdate, { type: 'delayed' }>,
  nextTryAt: Date,
): RefundChange {
  const delayed: Refund = { ...refund, pendingReason, lastErrorCode: errorCode, nextTryAt };
  const isNew = errorCode !== undefined && errorCode !== refund.lastErrorCode;
  return {
    intent,
    refund: delayed,
    events: isNew ? [eventOf('refund_delayed', delayed, undefined, { code: errorCode })] : [],
  };
}

function succeededEvents(intent: PaymentIntent, refund: Refund, others: RefundTotals): RefundEvent[] {
  const event = eventOf('refund_succeeded', refund, { type: 'refund.succeeded', refund });
  const isWhole =
    refund.origin !== 'gateway' && others.succeeded + refund.money.amount === intent.amountCaptured;
  return isWhole
    ? [event, { type: 'refunded', merchantEvent: { type: 'payment_intent.refunded', intent } }]
    : [event];
}

function eventOf(
  type: RefundEvent['type'],
  refund: Refund,
  merchantEvent: RefundEvent['merchantEvent'],
  more: Readonly<Record<string, unknown>> = {},
): RefundEvent {
  const { id, attemptId, money, origin, method } = refund;
  return {
    type,
    ...(attemptId !== undefined && { attemptId }),
    data: { refund_id: id, amount: money.amount, origin, method, ...more },
    ...(merchantEvent && { merchantEvent }),
  };
}

function refused(error: DomainError): RefundDecision {
  return { kind: 'refused', error };
}
