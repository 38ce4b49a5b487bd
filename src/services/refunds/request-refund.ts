/**
 * Carries out a refund that a merchant requested: one try, with the same id each time, so that the provider makes it once. The
 * try was counted when the refund was claimed; after an earlier one, which may have taken effect, the provider's record of the
 * refund is read first. The lease of the attempt keeps calls about one payment apart.
 */
import type { PaymentAttempt } from '../../domain/payment.ts';
import type { RefundUpdate } from '../../domain/refunds/refund.ts';
import type { CodePayments, ProviderAccount, RefundOutcome, Refunds } from '../../providers/provider.ts';
import { findPaymentOfAttempt } from '../../store/payments.ts';
import type { DueRefund } from '../../store/refunds/refund-queue.ts';
import { findAnyRefund } from '../../store/refunds/refunds.ts';
import type { ServiceDeps } from '../deps.ts';
import { withAttemptLease } from '../reconcile/attempt-lease.ts';
import { applyRefundUpdate } from './apply-refund-update.ts';
import { recordProviderRefunds } from './record-provider-refunds.ts';

/** The pause while another process calls the provider about the same payment. */
const BUSY_MS = 1_000;

interface Target {
  readonly attempt: PaymentAttempt;
  readonly account: ProviderAccount;
  readonly codes: CodePayments;
  readonly refunds: Refunds;
}

/** @returns whether the refund has ended */
export async function requestRefund(deps: ServiceDeps, due: DueRefund): Promise<boolean> {
  const target = await findTarget(deps, due);
  const hasEnded = await withAttemptLease(deps, target.attempt.id, 0, async () => {
    // The previous holder of the lease may have ended it.
    const refund = await findAnyRefund(deps.db, due.id);
    return refund?.status !== 'pending' || tryOnce(deps, due, target);
  });
  if (hasEnded === undefined) {
    await applyRefundUpdate(deps, due, waitFor('waiting_for_other_refund', 'busy', BUSY_MS));
  }
  return hasEnded ?? false;
}

async function findTarget(deps: ServiceDeps, { id, attemptId = '' }: DueRefund): Promise<Target> {
  const payment = await findPaymentOfAttempt(deps.db, attemptId);
  const attempt = payment?.attempts.find((other) => other.id === attemptId);
  const provider = attempt && deps.providers.find(attempt.provider);
  if (!attempt || !provider?.codes || !provider.refunds) {
    throw new Error(`refund ${id} has no attempt, or its provider has no refunds`);
  }
  const account = { merchantId: attempt.providerMerchantId };
  return { attempt, account, codes: provider.codes, refunds: provider.refunds };
}

async function tryOnce(deps: ServiceDeps, due: DueRefund, target: Target): Promise<boolean> {
  const known = due.tries > 1 ? await read(due, target) : undefined;
  if (known && known.kind !== 'not_found') {
    return apply(deps, due, updateOf(known));
  }
  const { account, codes, attempt } = target;
  const observation = await codes.readPayment({ account, attemptId: attempt.id });
  if (observation.kind === 'unavailable') {
    return apply(deps, due, updateOf(observation));
  }
  // A payment that cannot be read does not prevent the refund: the provider knows what it has refunded.
  await recordProviderRefunds(deps, attempt.id, observation);
  const update = updateOf(await create(deps, due, target));
  const hasEnded = await apply(deps, due, update);
  if (update.type === 'failed') {
    // It had reserved money that was perhaps refunded in the provider's console.
    await recordProviderRefunds(deps, attempt.id, observation);
  }
  return hasEnded;
}

/**
 * Requests the refund. A refusal counts only if the provider does not know the refund: it may refuse a repetition because the
 * first request took effect.
 */
async function create(deps: ServiceDeps, due: DueRefund, target: Target): Promise<RefundOutcome> {
  const { providerPaymentId = '', money, reason } = due;
  const outcome = await target.refunds.createRefund({
    account: target.account,
    refundId: due.id,
    providerPaymentId,
    money,
    ...(reason !== undefined && { reason }),
    requestedAt: deps.clock.now(),
  });
  if (outcome.kind !== 'declined') {
    return outcome;
  }
  const known = await read(due, target);
  return known.kind === 'not_found' ? outcome : known;
}

function read({ id, providerPaymentId = '' }: DueRefund, target: Target): Promise<RefundOutcome> {
  return target.refunds.readRefund({ account: target.account, refundId: id, providerPaymentId });
}

async function apply(deps: ServiceDeps, due: DueRefund, update: RefundUpdate): Promise<boolean> {
  const refund = await applyRefundUpdate(deps, due, update);
  if (update.type === 'delayed' && update.errorCode !== undefined) {
    deps.log.warn({ refundId: due.id, code: update.errorCode }, 'a refund could not be made yet');
  }
  return refund.status !== 'pending';
}

function updateOf(outcome: RefundOutcome): RefundUpdate {
  switch (outcome.kind) {
    case 'succeeded':
      return { type: 'succeeded' };
    case 'pending':
      return { type: 'delayed', pendingReason: 'provider_processing', errorCode: undefined };
    case 'declined': {
      const { code, message } = outcome.reason;
      return { type: 'failed', failure: { code, message } };
    }
    case 'other_refund_pending':
      return waitFor('waiting_for_other_refund', outcome.reason.code, outcome.retryAfterMs);
    case 'unavailable':
      return waitFor('provider_unavailable', outcome.reason.code, outcome.retryAfterMs);
    case 'unknown':
      return waitFor('provider_unavailable', outcome.reason.code);
    case 'not_found':
      return waitFor('provider_unavailable', 'refund_not_found');
  }
}

function waitFor(
  pendingReason: Extract<RefundUpdate, { type: 'delayed' }>['pendingReason'],
  errorCode: string,
  retryAfterMs?: number,
): RefundUpdate {
  return {
    type: 'delayed',
    pendingReason,
    errorCode,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  };
}
