/**
 * capturePaymentIntent: staff have taken the money, in cash. A live code is made unusable first; when the payer was
 * faster with it, capturing is refused.
 */
import type { PaymentIntent } from '../domain/payment.ts';
import { decideCapture } from '../domain/payment-machine.ts';
import type { ServiceDeps } from './deps.ts';
import { endPaymentIntent } from './end-payment-intent.ts';

const WAIT_MS = 8_000;

/**
 * @param wish `amount` in the smallest unit; the whole amount when undefined
 * @throws not_found, invalid_request (status, amount), provider_error, provider_unavailable
 */
export async function capturePaymentIntent(
  deps: ServiceDeps,
  wish: { merchantId: string; intentId: string; actor: string; amount: number | undefined },
): Promise<PaymentIntent> {
  const { amount, ...rest } = wish;
  const payment = await endPaymentIntent(deps, {
    ...rest,
    waitMs: WAIT_MS,
    decide: (before, now) => decideCapture(before, amount, now),
  });
  return payment.intent;
}
