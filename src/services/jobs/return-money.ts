/**
 * Returns money that no intent can keep: by the provider's cancel while its window is open, otherwise by refund. Each try
 * reads the payment first, so that money goes back only once; tries continue until the provider confirms.
 */
import type { PaymentAttempt, PaymentEvent } from '../../domain/payment.ts';
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

const BACKOFF = { firstMs: 2_000, maxMs: 5 * 60_000 };

type Step = { readonly kind: 'done' } | ({ readonly kind: 'wait' } & Omit<RefundProgress, 'nextTryAt'>);

/** One run over refunds whose next try is due. */
export async function returnMoney(deps: ServiceDeps, limits: JobLimits): Promise<JobRun> {
  const now = deps.clock.now();
  // A try may take three calls, each with its own time-out. No other process may begin one meanwhile.
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
      return canCancel(deps, refund, codes, observation.paidAt)
        ? cancel(refund, attempt, codes)
        : requestRefund(deps, refund, attempt, provider);
    case 'unavailable':
    case 'unknown':
      return wait(refund, observation.reason.code);
    case 'pending':
    case 'not_found':
      // An earlier read showed the payment, so this result is temporary: read again later.
      return wait(refund, `payment_${observation.kind}`);
  }
}

/**
 * Whether to return the money by cancel: yes while the cancel window is open. After an accepted cancel, keep cancelling until
 * the provider refuses, because a refund in parallel could return the money twice.
 */
function canCancel(deps: ServiceDeps, refund: Refund, codes: CodePayments, paidAt: Date): boolean {
  if (refund.isCancelRefused || refund.method === 'refund') {
    return false;
  }
  return refund.method === 'cancel' || deps.clock.now() < codes.cancellableUntil(paidAt);
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

async function requestRefund(
  deps: ServiceDeps,
  refund: Refund,
  attempt: PaymentAttempt,
  provider: Provider,
): Promise<Step> {
  if (!provider.refunds) {
    return wait(refund, 'provider_has_no_refunds');
  }
  const account = { merchantId: attempt.providerMerchantId };
  const { id: refundId, providerPaymentId, money } = refund;
  const known =
    refund.method === 'refund'
      ? await provider.refunds.readRefund({ account, refundId, providerPaymentId })
      : undefined;
  if (known && known.kind !== 'not_found') {
    return stepOfRefund(refund, known);
  }
  const requestedAt = deps.clock.now();
  const outcome = await provider.refunds.createRefund({
    account,
    refundId,
    providerPaymentId,
    money,
    requestedAt,
  });
  return stepOfRefund(refund, outcome);
}

function stepOfRefund(refund: Refund, outcome: RefundOutcome): Step {
  switch (outcome.kind) {
    case 'succeeded':
      return { kind: 'done' };
    case 'pending':
      return { kind: 'wait', method: 'refund', isCancelRefused: false, lastErrorCode: undefined };
    case 'not_found':
      return wait(refund, 'refund_not_found');
    case 'unknown':
      // The provider may have accepted it, so later tries read it by its id first.
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
