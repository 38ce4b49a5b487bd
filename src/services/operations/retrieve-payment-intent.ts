/**
 * retrievePaymentIntent: the present state. When the last read of the provider's record is old, the provider is read
 * first, with a short timeout; an intent past its expiry is expired first.
 */
import { intentNotFound } from '../../domain/errors.ts';
import { findLiveAttempt, isTerminal, type Payment, type PaymentIntent } from '../../domain/payment.ts';
import { findPayment } from '../../store/payments.ts';
import type { ServiceDeps } from '../deps.ts';
import { expirePaymentIntent } from '../jobs/expire-payment-intents.ts';
import { reconcileAttempt } from '../reconcile/reconcile-attempt.ts';

/** A read younger than this is fresh: PayPay recommends polling every 2 to 3 s. */
const FRESH_MS = 2_000;
/** How long a caller waits for the provider before it gets the stored state. */
const TIMEOUT_MS = 1_500;

/**
 * @param input `known`: the payment as this request has read it already
 * @throws not_found when this merchant has no such intent
 */
export async function retrievePaymentIntent(
  deps: ServiceDeps,
  input: { merchantId: string; intentId: string; known?: Payment | undefined },
): Promise<PaymentIntent> {
  return (await retrievePayment(deps, input)).intent;
}

/**
 * The same with the attempts, for callers that show the code.
 * @throws not_found when this merchant has no such intent
 */
export async function retrievePayment(
  deps: ServiceDeps,
  input: { merchantId: string; intentId: string; known?: Payment | undefined },
): Promise<Payment> {
  const payment = input.known ?? (await findPayment(deps.db, input.merchantId, input.intentId));
  if (!payment) {
    throw intentNotFound();
  }
  const refreshing = refresh(deps, payment);
  if (!refreshing) {
    return payment;
  }
  await withinTimeout(deps, refreshing);
  return (await findPayment(deps.db, input.merchantId, input.intentId)) ?? payment;
}

function refresh(deps: ServiceDeps, payment: Payment): Promise<unknown> | undefined {
  const now = deps.clock.now();
  const { intent } = payment;
  if (isTerminal(intent)) {
    return undefined;
  }
  if (now >= intent.expiresAt) {
    return expirePaymentIntent(deps, intent.id, 'retrieve');
  }
  const live = findLiveAttempt(payment);
  const checkedAt = live?.checkedAt ?? live?.createdAt;
  // A time in the future does not show how old the read is.
  if (!live || !checkedAt || Math.abs(now.getTime() - checkedAt.getTime()) < FRESH_MS) {
    return undefined;
  }
  return reconcileAttempt(deps, live.id, { goal: 'read', actor: 'retrieve' });
}

/** Waits up to the timeout. Slower work continues, and its failure is logged instead of thrown. */
async function withinTimeout(deps: ServiceDeps, work: Promise<unknown>): Promise<void> {
  const enough = new AbortController();
  const quiet = work.catch((err: unknown) => deps.log.warn({ err }, 'a provider read for a caller failed'));
  await Promise.race([quiet, deps.clock.sleep(TIMEOUT_MS, enough.signal)]);
  enough.abort();
}
