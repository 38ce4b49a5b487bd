/**
 * cancelPaymentIntent: stops an intent before money is taken. A live code is made unusable and its payment read first;
 * if the payer has paid meanwhile, the intent becomes `succeeded` and the cancel is refused.
 */
import type { PaymentIntent } from '../../domain/payment.ts';
import { decideCancel } from '../../domain/payment-machine.ts';
import type { ServiceDeps } from '../deps.ts';
import { endPaymentIntent } from '../reconcile/end-payment-intent.ts';

const WAIT_MS = 8_000;

/** @throws not_found, invalid_request (status), provider_error, provider_unavailable */
export async function cancelPaymentIntent(
  deps: ServiceDeps,
  command: { merchantId: string; intentId: string; actor: string },
): Promise<PaymentIntent> {
  const payment = await endPaymentIntent(deps, { ...command, waitMs: WAIT_MS, decide: decideCancel });
  return payment.intent;
}
