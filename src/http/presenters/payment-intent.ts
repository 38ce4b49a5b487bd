/**
 * The responses about PaymentIntents that have more or less than the PaymentIntent itself.
 */
import type { components } from '../../../generated/openapi.d.ts';
import type { LiveCode } from '../../domain/live-code.ts';
import type { PaymentIntent } from '../../domain/payment.ts';
import { presentPaymentIntent } from '../../presenters/payment-intent.ts';
import { presentTimestamp } from '../../presenters/timestamp.ts';

type Schemas = components['schemas'];

/** @param publicBaseUrl where people reach the gateway: the payment page is there */
export function presentCreatedPaymentIntent(
  intent: PaymentIntent,
  paymentToken: string,
  publicBaseUrl: string,
): Schemas['CreatedPaymentIntent'] {
  return {
    ...presentPaymentIntent(intent),
    payment_token: paymentToken,
    checkout_url: `${publicBaseUrl}/pay/${intent.id}?payment_token=${paymentToken}`,
  };
}

/** @param publicBaseUrl base of the QR image links. They lack the payment_token, because the gateway stores only its hash. */
export function presentLiveCode(code: LiveCode, publicBaseUrl: string): Schemas['ConfirmedPaymentIntent'] {
  const url = `${publicBaseUrl}/v1/payment_intents/${code.intentId}`;
  return {
    payment_id: code.intentId,
    qr_content: code.qrContent,
    ...(code.deeplink !== undefined && { deeplink: code.deeplink }),
    qr_svg_url: `${url}/qr.svg`,
    qr_png_url: `${url}/qr.png`,
    expires_at: presentTimestamp(code.expiresAt),
    provider: code.provider,
  };
}

export function presentCancelledPaymentIntent(intent: PaymentIntent): Schemas['CancelledPaymentIntent'] {
  return { id: intent.id, status: intent.status };
}

export function presentCapturedPaymentIntent(intent: PaymentIntent): Schemas['CapturedPaymentIntent'] {
  return {
    id: intent.id,
    status: intent.status,
    amount: intent.amount,
    currency: intent.currency,
    amount_captured: intent.amountCaptured ?? intent.amount,
  };
}
