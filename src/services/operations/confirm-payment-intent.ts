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
import { type ConfirmVerdict, decideConfirm } from '../../domain/payment-machine.ts';
import { newId } from '../../lib/ids.ts';
import { inTransaction } from '../../store/db/query.ts';
import { findPayment, lockPayment } from '../../store/payments.ts';
import type { ServiceDeps } from '../deps.ts';
import { findProcessorAccount } from '../reconcile/account.ts';
import { saveChange } from '../reconcile/apply-change.ts';
import { busyError, stillClosingError, troubleError } from '../reconcile/provider-failure.ts';
import { createFirstCode, type Settled, settleAttempt } from '../reconcile/reconcile-attempt.ts';
import { type LiveCode, toLiveCode } from './retrieve-qr.ts';

export interface ConfirmPaymentIntent {
  readonly merchantId: string;
  readonly intentId: string;
  readonly actor: string;
  readonly paymentMethodType: PaymentMethodType;
  readonly provider: AttemptProvider;
}

/** Closing an old code and making a new one takes two rounds; the rest is for those who came between. */
const ROUNDS_MOST = 4;
/** How long to wait for another request that is at the same attempt. */
const WAIT_MS = 8_000;

/**
 * @throws not_found, invalid_request (status, method, provider, currency), provider_error when the outcome is unknown or
 * the provider refuses, provider_unavailable when a later try may work
 */
export async function confirmPaymentIntent(deps: ServiceDeps, wish: ConfirmPaymentIntent): Promise<LiveCode> {
  const payment = await findPayment(deps.db, wish.merchantId, wish.intentId);
  if (!payment) throw intentNotFound();
  requireCurrency(deps, payment.intent, wish.provider);
  const providerMerchantId = await findProcessorAccount(deps, payment.intent, wish.provider);
  for (let round = 0; round < ROUNDS_MOST; round += 1) {
    const code = await tryConfirm(deps, wish, providerMerchantId);
    if (code) return code;
  }
  throw busyError(wish.provider);
}

/** One round; undefined when the way is free for another. */
async function tryConfirm(
  deps: ServiceDeps,
  wish: ConfirmPaymentIntent,
  providerMerchantId: string,
): Promise<LiveCode | undefined> {
  const { verdict, begun } = await decide(deps, wish, providerMerchantId);
  switch (verdict.kind) {
    case 'refused':
      throw verdict.error;
    case 'show_code':
      return toLiveCode(verdict.attempt);
    case 'change':
      return codeOf(wish, await createFirstCode(deps, begun, wish.actor));
    case 'create_code':
      return codeOf(wish, await settle(deps, verdict.attempt, false, wish.actor));
    case 'settle_first':
      requireSettled(wish, await settle(deps, verdict.attempt, true, wish.actor));
      return undefined;
  }
}

function decide(
  deps: ServiceDeps,
  wish: ConfirmPaymentIntent,
  providerMerchantId: string,
): Promise<{ verdict: ConfirmVerdict; begun: string }> {
  return inTransaction(deps.db, async (trx) => {
    const before = await lockPayment(trx, wish.intentId, wish.merchantId);
    if (!before) throw intentNotFound();
    const now = deps.clock.now();
    const attempt = { id: newId('pa', now), provider: wish.provider, providerMerchantId };
    const verdict = decideConfirm(before, { paymentMethodType: wish.paymentMethodType, attempt }, now);
    if (verdict.kind === 'change') await saveChange(deps, trx, before, verdict.change, wish.actor, now);
    return { verdict, begun: attempt.id };
  });
}

function settle(
  deps: ServiceDeps,
  attempt: PaymentAttempt,
  wantDead: boolean,
  actor: string,
): Promise<Settled | undefined> {
  return settleAttempt(deps, attempt.id, { wantDead, actor, waitMs: WAIT_MS });
}

function codeOf(wish: ConfirmPaymentIntent, result: Settled | undefined): LiveCode | undefined {
  if (!result) throw busyError(wish.provider);
  if (result.attempt.status === 'live' && !result.trouble) return toLiveCode(result.attempt);
  if (result.trouble) throw troubleError(wish.provider, result.trouble);
  // Abandoned, lapsed or paid meanwhile: decide anew on what it is now.
  return undefined;
}

function requireSettled(wish: ConfirmPaymentIntent, result: Settled | undefined): void {
  if (!result) throw busyError(wish.provider);
  if (result.attempt.endedAt) return;
  throw result.trouble ? troubleError(wish.provider, result.trouble) : stillClosingError(wish.provider);
}

function requireCurrency(deps: ServiceDeps, intent: PaymentIntent, providerName: AttemptProvider): void {
  const provider = deps.findProvider(providerName);
  if (!provider?.codes) throw new DomainError('internal_error', `provider ${providerName} is not set up`);
  if (!provider.currencies || provider.currencies.includes(intent.currency)) return;
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
