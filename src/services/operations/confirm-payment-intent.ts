/**
 * confirmPaymentIntent: the payer has chosen how to pay. Begins an attempt, or continues the present one, until a code
 * can be shown.
 */
import { findCallPause } from '../../domain/call-pause.ts';
import { intentNotFound, invalidField } from '../../domain/errors.ts';
import { type LiveCode, toLiveCode } from '../../domain/live-code.ts';
import { methodUnsupported } from '../../domain/method-refusals.ts';
import type { AttemptProvider, Payment, PaymentIntent, PaymentMethodType } from '../../domain/payment.ts';
import { type ConfirmDecision, decideConfirm } from '../../domain/payment-machine.ts';
import { newId } from '../../lib/ids.ts';
import type { Provider } from '../../providers/provider.ts';
import { inTransaction } from '../../store/db/query.ts';
import { findPayment, lockPayment } from '../../store/payments.ts';
import type { ServiceDeps } from '../deps.ts';
import { findProcessorAccount } from '../reconcile/account.ts';
import { saveChange } from '../reconcile/apply-change.ts';
import { busyError, failureError, pauseFailure, stillClosingError } from '../reconcile/provider-failure.ts';
import { type Reconciled, reconcileAttempt } from '../reconcile/reconcile-attempt.ts';

export interface ConfirmPaymentIntent {
  readonly merchantId: string;
  readonly intentId: string;
  readonly actor: string;
  readonly paymentMethodType: PaymentMethodType;
  /** The provider that carries out the payment method when undefined. */
  readonly provider: AttemptProvider | undefined;
}

/** The command with what was found out for it before any decision. */
interface Confirmation extends ConfirmPaymentIntent {
  readonly provider: AttemptProvider;
  readonly carriedOut: readonly PaymentMethodType[];
  readonly providerMerchantId: string;
}

/** Closing an old code and making a new one takes two rounds; the rest is for concurrent requests. */
const MAX_ROUNDS = 4;
/** How long to wait for another request that works on the same attempt. */
const WAIT_MS = 8_000;

/**
 * @throws not_found, invalid_request (status, method, provider, currency), provider_error when the outcome is unknown or
 * the provider refuses, provider_unavailable when a later try may succeed
 */
export async function confirmPaymentIntent(
  deps: ServiceDeps,
  command: ConfirmPaymentIntent,
): Promise<LiveCode> {
  const payment = await findPayment(deps.db, command.merchantId, command.intentId);
  if (!payment) {
    throw intentNotFound();
  }
  const { name: provider, paymentMethodTypes: carriedOut } = requireProvider(deps, command, payment.intent);
  const providerMerchantId = await findProcessorAccount(deps, payment.intent, provider);
  const confirmation: Confirmation = { ...command, provider, carriedOut, providerMerchantId };
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const code = await tryConfirm(deps, confirmation);
    if (code) {
      return code;
    }
  }
  throw busyError(provider);
}

/** One round; undefined when the decision has to be made again on what the payment is by then. */
async function tryConfirm(deps: ServiceDeps, confirmation: Confirmation): Promise<LiveCode | undefined> {
  const { actor, provider } = confirmation;
  const { decision, begunId } = await decide(deps, confirmation);
  if (decision.kind === 'refused') {
    throw decision.error;
  }
  if (decision.kind === 'show_code') {
    return toLiveCode(decision.attempt);
  }
  const hasJustBegun = decision.kind === 'change';
  const attemptId = hasJustBegun ? begunId : decision.attempt.id;
  const goal = decision.kind === 'reconcile_first' ? 'close' : 'read';
  const result = await reconcileAttempt(deps, attemptId, { goal, actor, waitMs: WAIT_MS, hasJustBegun });
  if (!result) {
    throw busyError(provider);
  }
  return goal === 'close' ? requireEnded(provider, result) : codeOf(provider, result);
}

function decide(
  deps: ServiceDeps,
  confirmation: Confirmation,
): Promise<{ decision: ConfirmDecision; begunId: string }> {
  const { intentId, merchantId, actor, paymentMethodType, carriedOut, provider, providerMerchantId } =
    confirmation;
  return inTransaction(deps.db, async (trx) => {
    const before = await lockPayment(trx, intentId, merchantId);
    if (!before) {
      throw intentNotFound();
    }
    const now = deps.clock.now();
    const attempt = { id: newId('pa', now), provider, providerMerchantId };
    const decision = decideConfirm(before, { paymentMethodType, carriedOut, attempt }, now);
    if (decision.kind === 'change') {
      requireNoPause(provider, before, now);
      await saveChange(deps, trx, before, decision.change, actor, now);
    }
    return { decision, begunId: attempt.id };
  });
}

/** @throws provider_unavailable during the pause after attempts that ended without a code */
function requireNoPause(provider: AttemptProvider, payment: Payment, now: Date): void {
  const pause = findCallPause(payment, now);
  const failure = pause && pauseFailure(pause);
  if (failure) {
    throw failureError(provider, failure);
  }
}

function codeOf(provider: AttemptProvider, { attempt, failure }: Reconciled): LiveCode | undefined {
  if (failure) {
    throw failureError(provider, failure);
  }
  // Otherwise it was abandoned, lapsed or paid meanwhile.
  return attempt.status === 'live' ? toLiveCode(attempt) : undefined;
}

function requireEnded(provider: AttemptProvider, { attempt, failure }: Reconciled): undefined {
  if (!attempt.endedAt) {
    throw failure ? failureError(provider, failure) : stillClosingError(provider);
  }
}

type AttemptingProvider = Provider & { readonly name: AttemptProvider };

/** @throws invalid_request when no provider carries out the method, or the named one cannot take the intent's currency */
function requireProvider(
  deps: ServiceDeps,
  { provider: name, paymentMethodType }: ConfirmPaymentIntent,
  { currency }: PaymentIntent,
): AttemptingProvider {
  const provider =
    name === undefined ? deps.providers.findForMethod(paymentMethodType) : deps.providers.find(name);
  if (!isAttemptProvider(provider)) {
    throw methodUnsupported(paymentMethodType, []);
  }
  if (provider.currencies && !provider.currencies.includes(currency)) {
    const allowed = [...provider.currencies];
    const message = `Currency must be ${allowed.join(' or ')} to pay with ${provider.name}`;
    throw invalidField('currency', 'enum', message, { allowed });
  }
  return provider;
}

/** Whether attempts can be made with a provider: cash is captured, never attempted. */
function isAttemptProvider(provider: Provider | undefined): provider is AttemptingProvider {
  return provider?.codes !== undefined;
}
