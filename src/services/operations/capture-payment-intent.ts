/**
 * capturePaymentIntent: staff have taken the money, in cash. A live code is made unusable first; when the payer was
 * faster with it, capturing is refused.
 */
import type { PaymentIntent } from '../../domain/payment.ts';
import { decideCapture } from '../../domain/payment-machine.ts';
import { hasCaptureOf } from '../../store/payment-events.ts';
import { findPayment } from '../../store/payments.ts';
import type { ServiceDeps } from '../deps.ts';
import { endPaymentIntent } from '../reconcile/end-payment-intent.ts';

const WAIT_MS = 8_000;

/**
 * @param command `amount` in the smallest unit; the whole amount when undefined
 * @throws not_found, invalid_request (status, amount), provider_error, provider_unavailable
 */
export async function capturePaymentIntent(
  deps: ServiceDeps,
  command: { merchantId: string; intentId: string; actor: string; amount: number | undefined },
): Promise<PaymentIntent> {
  const { amount, ...rest } = command;
  const { idempotencyId } = deps;
  try {
    const payment = await endPaymentIntent(deps, {
      ...rest,
      waitMs: WAIT_MS,
      decide: (before, now) => decideCapture(before, { amount, idempotencyId }, now),
    });
    return payment.intent;
  } catch (error) {
    const captured = await findOwnCapture(deps, command);
    if (captured) {
      return captured;
    }
    throw error;
  }
}

/** The first run of this very request captured, and died before its answer was stored. */
async function findOwnCapture(
  deps: ServiceDeps,
  { merchantId, intentId }: { merchantId: string; intentId: string },
): Promise<PaymentIntent | undefined> {
  if (deps.idempotencyId === undefined || !(await hasCaptureOf(deps.db, intentId, deps.idempotencyId))) {
    return undefined;
  }
  return (await findPayment(deps.db, merchantId, intentId))?.intent;
}
