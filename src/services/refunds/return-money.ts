/**
 * Returns money that no intent can keep: by the provider's cancel while its window is open, otherwise by refund. Each try
 * reads the payment first and returns what the provider's own record says is still owed, because parts of it may have been
 * returned by hand. So money goes back only once; tries continue until nothing is owed.
 */
import type { Money, PaymentAttempt } from '../../domain/payment.ts';
import type { CodePayments, PaymentObservation, Provider, RefundOutcome } from '../../providers/provider.ts';
import { findPaymentOfAttempt } from '../../store/payments.ts';
import { type DueRefund, type ReturnProgress, saveReturnProgress } from '../../store/refunds/refund-queue.ts';
import type { ServiceDeps } from '../deps.ts';
import { applyRefundUpdate, nextTryAt } from './apply-refund-update.ts';

/** Providers allow few refunds of one payment, so this is never reached in practice. */
const MAX_PARTS = 20;

type Step =
  | { readonly kind: 'done' }
  | ({ readonly kind: 'wait' } & Omit<ReturnProgress, 'nextTryAt' | 'pendingReason'>);

/** One try. @returns whether nothing is owed any more */
export async function returnMoney(deps: ServiceDeps, refund: DueRefund): Promise<boolean> {
  const payment = await findPaymentOfAttempt(deps.db, refund.attemptId ?? '');
  const attempt = payment?.attempts.find(({ id }) => id === refund.attemptId);
  const provider = attempt && deps.providers.find(attempt.provider);
  if (!attempt || !provider?.codes) {
    throw new Error(`refund ${refund.id} has no attempt or provider`);
  }
  const account = { merchantId: attempt.providerMerchantId };
  const observation = await provider.codes.readPayment({ account, attemptId: attempt.id });
  const step = await nextStep(deps, refund, attempt, provider, provider.codes, observation);
  if (step.kind === 'done') {
    await applyRefundUpdate(deps, refund, { type: 'succeeded' });
    return true;
  }
  const { kind: _, ...progress } = step;
  const pendingReason = progress.lastErrorCode === undefined ? 'provider_processing' : 'provider_unavailable';
  const next = nextTryAt(deps, refund, undefined, deps.clock.now());
  await saveReturnProgress(deps.db, refund.id, { ...progress, pendingReason, nextTryAt: next });
  if (progress.lastErrorCode) {
    deps.log.warn({ refundId: refund.id, code: progress.lastErrorCode }, 'money could not be returned yet');
  }
  return false;
}

async function nextStep(
  deps: ServiceDeps,
  refund: DueRefund,
  attempt: PaymentAttempt,
  provider: Provider,
  codes: CodePayments,
  observation: PaymentObservation,
): Promise<Step> {
  switch (observation.kind) {
    case 'failed':
    case 'returned':
      return { kind: 'done' };
    case 'succeeded':
      if (!isSameMoney(observation.money, refund.money)) {
        return wait(refund, 'money_mismatch');
      }
      return canCancel(deps, refund, codes, observation)
        ? cancel(refund, attempt, codes)
        : returnOwed(
            deps,
            refund,
            attempt,
            provider,
            codes,
            refund.money.amount - observation.refundedAmount,
          );
    case 'unavailable':
    case 'unknown':
      return wait(refund, observation.reason.code);
    case 'pending':
    case 'not_found':
      // An earlier read showed the payment, so this result is temporary: read again later.
      return wait(refund, `payment_${observation.kind}`);
  }
}

function isSameMoney(one: Money, other: Money): boolean {
  return one.amount === other.amount && one.currency === other.currency;
}

/**
 * Whether to return the money by cancel: yes while the cancel window is open and nothing was returned, because a cancel is for
 * the whole payment. After an accepted cancel, keep cancelling until the provider refuses, because a refund in parallel could
 * return the money twice.
 */
function canCancel(
  deps: ServiceDeps,
  refund: DueRefund,
  codes: CodePayments,
  { paidAt, refundedAmount }: { readonly paidAt: Date; readonly refundedAmount: number },
): boolean {
  if (refund.isCancelRefused || refund.returnedBy === 'refund') {
    return false;
  }
  return (
    refund.returnedBy === 'cancel' ||
    (refundedAmount === 0 && deps.clock.now() < codes.cancellableUntil(paidAt))
  );
}

async function cancel(refund: DueRefund, attempt: PaymentAttempt, codes: CodePayments): Promise<Step> {
  const account = { merchantId: attempt.providerMerchantId };
  const outcome = await codes.cancelPayment({ account, attemptId: attempt.id });
  switch (outcome.kind) {
    case 'accepted':
      return { kind: 'wait', returnedBy: 'cancel', isCancelRefused: false, lastErrorCode: undefined };
    case 'declined':
      return {
        kind: 'wait',
        returnedBy: refund.returnedBy,
        isCancelRefused: true,
        lastErrorCode: outcome.reason.code,
      };
    default:
      return wait(refund, outcome.reason.code);
  }
}

/** Requests a refund of what is owed, unless an earlier request is still pending at the provider. */
async function returnOwed(
  deps: ServiceDeps,
  refund: DueRefund,
  attempt: PaymentAttempt,
  provider: Provider,
  codes: CodePayments,
  owed: number,
): Promise<Step> {
  const { refunds } = provider;
  if (!refunds) {
    return owed > 0 ? wait(refund, 'provider_has_no_refunds') : { kind: 'done' };
  }
  const account = { merchantId: attempt.providerMerchantId };
  const { providerPaymentId = '' } = refund;
  for (let part = 1; part <= MAX_PARTS; part += 1) {
    const refundId = partId(refund, part);
    const known = await refunds.readRefund({ account, refundId, providerPaymentId });
    if (known.kind === 'not_found') {
      // An earlier part may have arrived after the payment was read, so what is owed is read again before another part.
      const stillOwed = part === 1 ? owed : await readOwed(refund, attempt, codes);
      if (stillOwed === undefined) {
        return wait(refund, 'payment_unreadable');
      }
      if (stillOwed <= 0) {
        return { kind: 'done' };
      }
      const money = { amount: stillOwed, currency: refund.money.currency };
      const request = { account, refundId, providerPaymentId, money, requestedAt: deps.clock.now() };
      return stepOfRefund(refund, await refunds.createRefund(request));
    }
    if (known.kind !== 'succeeded') {
      return stepOfRefund(refund, known);
    }
    // This part has arrived. A part has one idempotency key, so more money needs another part.
  }
  return wait(refund, 'too_many_parts');
}

/** What the provider's record says is owed now; undefined when it says nothing reliable. */
async function readOwed(
  refund: DueRefund,
  attempt: PaymentAttempt,
  codes: CodePayments,
): Promise<number | undefined> {
  const account = { merchantId: attempt.providerMerchantId };
  const observation = await codes.readPayment({ account, attemptId: attempt.id });
  switch (observation.kind) {
    case 'succeeded':
      return refund.money.amount - observation.refundedAmount;
    case 'failed':
    case 'returned':
      return 0;
    default:
      return undefined;
  }
}

/** The provider's idempotency key of a part. There is nearly always one part, which has the id of the refund. */
function partId({ id }: DueRefund, part: number): string {
  return part === 1 ? id : `${id}_${part}`;
}

function stepOfRefund(refund: DueRefund, outcome: RefundOutcome): Step {
  switch (outcome.kind) {
    case 'succeeded':
    case 'pending':
      // The next try reads the payment to see whether anything is still owed.
      return { kind: 'wait', returnedBy: 'refund', isCancelRefused: false, lastErrorCode: undefined };
    case 'not_found':
      return wait(refund, 'refund_not_found');
    case 'unknown':
      // The provider may have accepted it, so a cancel in parallel could return the money twice.
      return {
        kind: 'wait',
        returnedBy: 'refund',
        isCancelRefused: false,
        lastErrorCode: outcome.reason.code,
      };
    default:
      return wait(refund, outcome.reason.code);
  }
}

function wait(refund: DueRefund, lastErrorCode: string): Step {
  return { kind: 'wait', returnedBy: refund.returnedBy, isCancelRefused: false, lastErrorCode };
}
