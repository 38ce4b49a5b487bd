/**
 * Returns money that no intent can keep: by the provider's cancel while its window is open, otherwise by refund. Each try
 * reads the payment first and returns what the provider's own record says is still owed, because parts of it may have been
 * returned by hand. So money goes back only once; tries continue until nothing is owed.
 */
import type { Money, PaymentAttempt, PaymentEvent } from '../../domain/payment.ts';
import { backoffMs } from '../../lib/backoff.ts';
import type { CodePayments, PaymentObservation, Provider, RefundOutcome } from '../../providers/provider.ts';
import { inTransaction } from '../../store/db/query.ts';
import { appendEvents } from '../../store/payment-events.ts';
import { findPaymentOfAttempt } from '../../store/payments.ts';
import {
  claimDueRefunds,
  completeRefund,
  type Refund,
  type RefundProgress,
  saveRefundProgress,
} from '../../store/refunds.ts';
import type { ServiceDeps } from '../deps.ts';
import { leaseEnd } from '../lease.ts';
import { type JobLimits, type JobRun, runEach } from './job.ts';

/** Providers allow few refunds of one payment, so this is never reached in practice. */
const MAX_PARTS = 20;
const BACKOFF = { firstMs: 2_000, maxMs: 5 * 60_000 };

type Step = { readonly kind: 'done' } | ({ readonly kind: 'wait' } & Omit<RefundProgress, 'nextTryAt'>);

/** One run over refunds whose next try is due. */
export async function returnMoney(deps: ServiceDeps, limits: JobLimits): Promise<JobRun> {
  const now = deps.clock.now();
  // A try takes a few calls, each with its own timeout. No other process may begin one meanwhile.
  const due = await claimDueRefunds(deps.db, now, new Date(leaseEnd(now).getTime() + 90_000), limits.limit);
  return runEach(deps, 'refunds', due, limits, (refund) => tryRefund(deps, refund));
}

async function tryRefund(deps: ServiceDeps, refund: Refund): Promise<boolean> {
  const payment = await findPaymentOfAttempt(deps.db, refund.attemptId);
  const attempt = payment?.attempts.find(({ id }) => id === refund.attemptId);
  const provider = attempt && deps.providers.find(attempt.provider);
  if (!attempt || !provider?.codes) {
    throw new Error(`refund ${refund.id} has no attempt or provider`);
  }
  const account = { merchantId: attempt.providerMerchantId };
  const observation = await provider.codes.readPayment({ account, attemptId: attempt.id });
  const step = await nextStep(deps, refund, attempt, provider, provider.codes, observation);
  if (step.kind === 'done') {
    return complete(deps, refund);
  }
  const { kind: _, ...progress } = step;
  await saveRefundProgress(deps.db, refund.id, { ...progress, nextTryAt: nextTryAt(deps, refund) });
  if (progress.lastErrorCode) {
    deps.log.warn({ refundId: refund.id, code: progress.lastErrorCode }, 'money could not be returned yet');
  }
  return false;
}

async function nextStep(
  deps: ServiceDeps,
  refund: Refund,
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
  refund: Refund,
  codes: CodePayments,
  { paidAt, refundedAmount }: { readonly paidAt: Date; readonly refundedAmount: number },
): boolean {
  if (refund.isCancelRefused || refund.method === 'refund') {
    return false;
  }
  return (
    refund.method === 'cancel' || (refundedAmount === 0 && deps.clock.now() < codes.cancellableUntil(paidAt))
  );
}

async function cancel(refund: Refund, attempt: PaymentAttempt, codes: CodePayments): Promise<Step> {
  const account = { merchantId: attempt.providerMerchantId };
  const outcome = await codes.cancelPayment({ account, attemptId: attempt.id });
  switch (outcome.kind) {
    case 'accepted':
      return { kind: 'wait', method: 'cancel', isCancelRefused: false, lastErrorCode: undefined };
    case 'declined':
      return {
        kind: 'wait',
        method: refund.method,
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
  refund: Refund,
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
  const { providerPaymentId } = refund;
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
  refund: Refund,
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
function partId({ id }: Refund, part: number): string {
  return part === 1 ? id : `${id}_${part}`;
}

function stepOfRefund(refund: Refund, outcome: RefundOutcome): Step {
  switch (outcome.kind) {
    case 'succeeded':
    case 'pending':
      // The next try reads the payment to see whether anything is still owed.
      return { kind: 'wait', method: 'refund', isCancelRefused: false, lastErrorCode: undefined };
    case 'not_found':
      return wait(refund, 'refund_not_found');
    case 'unknown':
      // The provider may have accepted it, so a cancel in parallel could return the money twice.
      return { kind: 'wait', method: 'refund', isCancelRefused: false, lastErrorCode: outcome.reason.code };
    default:
      return wait(refund, outcome.reason.code);
  }
}

function wait(refund: Refund, lastErrorCode: string): Step {
  return { kind: 'wait', method: refund.method, isCancelRefused: false, lastErrorCode };
}

async function complete(deps: ServiceDeps, refund: Refund): Promise<boolean> {
  const now = deps.clock.now();
  await inTransaction(deps.db, async (trx) => {
    if (!(await completeRefund(trx, refund.id, now))) {
      return;
    }
    const data = { refund_id: refund.id, amount: refund.money.amount, method: refund.method ?? 'provider' };
    const event: PaymentEvent = { type: 'refund_succeeded', attemptId: refund.attemptId, data };
    await appendEvents(trx, refund.intentId, [event], 'refunds', now);
  });
  return true;
}

function nextTryAt(deps: ServiceDeps, refund: Refund): Date {
  return new Date(deps.clock.now().getTime() + backoffMs(refund.tries, BACKOFF, deps.random()));
}
