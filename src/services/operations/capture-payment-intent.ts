/**
 * capturePaymentIntent: records money that staff have taken in cash. A live code is made unusable first; if the payer has
 * paid with it meanwhile, the capture is refused.
 */
import type { PaymentIntent } from '../../domain/payment.ts';
import { decideCapture } from '../../domain/payment-machine.ts';
import { hasCaptureOf } from '../../store/payment-events.ts';
import { findPayment } from '../../store/payments.ts';
import type { ServiceDeps } from '../deps.ts';
import { endPaymentIntent } from '../reconcile/end-payment-intent.ts';

const WAIT_MS = 8_000;

export interface CapturePaymentIntent {
  readonly merchantId: string;
  readonly intentId: string;
  readonly actor: string;
  /** In the smallest unit of the currency; the whole amount when undefined. */
  readonly amount: number | undefined;
  /** The same in all repetitions of one idempotent request. */
  readonly idempotencyId: string | undefined;
}

/**
 * @throws not_found, invalid_request (status, amount), provider_error, provider_unavailable
 */
export async function capturePaymentIntent(
  deps: ServiceDeps,
  command: CapturePaymentIntent,
): Promise<PaymentIntent> {
  const { merchantId, intentId, actor, amount, idempotencyId } = command;
  try {
    const payment = await endPaymentIntent(deps, {
      merchantId,
      intentId,
      actor,
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

/** Whether an earlier run of this same request captured, and died before its response was stored. */
async function findOwnCapture(
  deps: ServiceDeps,
  { merchantId, intentId, idempotencyId }: CapturePaymentIntent,
): Promise<PaymentIntent | undefined> {
  if (idempotencyId === undefined || !(await hasCaptureOf(deps.db, intentId, idempotencyId))) {
    return undefined;
  }
  return (await findPayment(deps.db, merchantId, intentId))?.intent;
}
