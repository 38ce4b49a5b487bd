/**
 * confirmPaymentIntent: the payer has chosen how to pay. Begins an attempt, or goes on with the one there is, until a
 * code can be shown.
 */
import { DomainError, intentNotFound, invalidField } from '../../domain/errors.ts';
import type {
  AttemptProvider,
  PaymentAttempt,
  PaymentIntent,
  PaymentMethodType,
} from '../../domain/payment.ts';
import { type ConfirmDecision, decideConfirm } from '../../domain/payment-machine.ts';
import { newId } from '../../lib/ids.ts';
import { inTransaction } from '../../store/db/query.ts';
import { findPayment, lockPayment } from '../../store/payments.ts';
import type { ServiceDeps } from '../deps.ts';
import { findProcessorAccount } from '../reconcile/account.ts';
import { saveChange } from '../reconcile/apply-change.ts';
import { busyError, providerFailureError, stillClosingError } from '../reconcile/provider-failure.ts';
import { createFirstCode, type Reconciled, reconcileAttempt } from '../reconcile/reconcile-attempt.ts';
import { type LiveCode, toLiveCode } from './retrieve-qr.ts';

export interface ConfirmPaymentIntent {
  readonly merchantId: string;
  readonly intentId: string;
  readonly actor: string;
  readonly paymentMethodType: PaymentMethodType;
  readonly provider: AttemptProvider;
}

/** Closing an old code and making a new one takes two rounds; the rest is for those who came between. */
const MAX_ROUNDS = 4;
/** How long to wait for another request that is at the same attempt. */
const WAIT_MS = 8_000;

/**
 * @throws not_found, invalid_request (status, method, provider, currency), provider_error when the outcome is unknown or
 * the provider refuses, provider_unavailable when a later try may work
 */
export async function confirmPaymentIntent(
  deps: ServiceDeps,
  command: ConfirmPaymentIntent,
): Promise<LiveCode> {
  const payment = await findPayment(deps.db, command.merchantId, command.intentId);
  if (!payment) {
    throw intentNotFound();
  }
  requireCurrency(deps, payment.intent, command.provider);
  const providerMerchantId = await findProcessorAccount(deps, payment.intent, command.provider);
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const code = await tryConfirm(deps, command, providerMerchantId);
    if (code) {
      return code;
    }
  }
  throw busyError(command.provider);
}

/** One round; undefined when the way is free for another. */
async function tryConfirm(
  deps: ServiceDeps,
  command: ConfirmPaymentIntent,
  providerMerchantId: string,
): Promise<LiveCode | undefined> {
  const { decision, begun } = await decide(deps, command, providerMerchantId);
  switch (decision.kind) {
    case 'refused':
      throw decision.error;
    case 'show_code':
      return toLiveCode(decision.attempt);
    case 'change':
      return codeOf(command, await createFirstCode(deps, begun, command.actor));
    case 'create_code':
      return codeOf(command, await reconcile(deps, decision.attempt, false, command.actor));
    case 'reconcile_first':
      requireReconciled(command, await reconcile(deps, decision.attempt, true, command.actor));
      return undefined;
  }
}

function decide(
  deps: ServiceDeps,
  command: ConfirmPaymentIntent,
  providerMerchantId: string,
): Promise<{ decision: ConfirmDecision; begun: string }> {
  return inTransaction(deps.db, async (trx) => {
    const before = await lockPayment(trx, command.intentId, command.merchantId);
    if (!before) {
      throw intentNotFound();
    }
    const now = deps.clock.now();
    const attempt = { id: newId('pa', now), provider: command.provider, providerMerchantId };
    const decision = decideConfirm(before, { paymentMethodType: command.paymentMethodType, attempt }, now);
    if (decision.kind === 'change') {
      await saveChange(deps, trx, before, decision.change, command.actor, now);
    }
    return { decision, begun: attempt.id };
  });
}

function reconcile(
  deps: ServiceDeps,
  attempt: PaymentAttempt,
  wantDead: boolean,
  actor: string,
): Promise<Reconciled | undefined> {
  return reconcileAttempt(deps, attempt.id, { wantDead, actor, waitMs: WAIT_MS });
}

function codeOf(command: ConfirmPaymentIntent, result: Reconciled | undefined): LiveCode | undefined {
  if (!result) {
    throw busyError(command.provider);
  }
  if (result.attempt.status === 'live' && !result.failure) {
    return toLiveCode(result.attempt);
  }
  if (result.failure) {
    throw providerFailureError(command.provider, result.failure);
  }
  // Abandoned, lapsed or paid meanwhile: decide anew on what it is now.
  return undefined;
}

function requireReconciled(command: ConfirmPaymentIntent, result: Reconciled | undefined): void {
  if (!result) {
    throw busyError(command.provider);
  }
  if (result.attempt.endedAt) {
    return;
  }
  throw result.failure
    ? providerFailureError(command.provider, result.failure)
    : stillClosingError(command.provider);
}

function requireCurrency(deps: ServiceDeps, intent: PaymentIntent, providerName: AttemptProvider): void {
  const provider = deps.findProvider(providerName);
  if (!provider?.codes) {
    throw new DomainError('internal_error', `provider ${providerName} is not set up`);
  }
  if (!provider.currencies || provider.currencies.includes(intent.currency)) {
    return;
  }
  const allowed = [...provider.currencies];
  throw invalidField(
    'currency',
    'enum',
    `Currency must be ${allowed.join(' or ')} to pay with ${providerName}`,
    {
      allowed,
    },
  );
}
