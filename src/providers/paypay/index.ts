/**
 * PayPay as a provider: Dynamic QR (merchant-presented), refunds, webhooks.
 */
import type { AttemptProvider } from '../../domain/payment.ts';
import type { Provider } from '../provider.ts';
import { type CircuitOptions, withCircuit } from './circuit.ts';
import { createCodePayments } from './codes.ts';
import { createRefunds } from './refunds.ts';
import { createTransport, type TransportOptions } from './transport.ts';
import { createWebhooks, type WebhookProof } from './webhooks.ts';

/** The provider's name in the contract and in the database. */
export const PAYPAY = 'PAYPAY' satisfies AttemptProvider;

export interface PayPayOptions extends TransportOptions {
  readonly webhooks: WebhookProof;
  /** False disables the circuit breaker; the default options apply when absent. */
  readonly circuit?: CircuitOptions | false;
}

export function createPayPayProvider(options: PayPayOptions): Provider {
  const transport = createTransport(options);
  const send =
    options.circuit === false ? transport.send : withCircuit(transport.send, options.clock, options.circuit);
  return {
    name: PAYPAY,
    paymentMethodTypes: ['qr_mpm'],
    currencies: ['JPY'],
    codes: createCodePayments(send),
    refunds: createRefunds(send),
    webhooks: createWebhooks(options.webhooks),
    close: () => transport.close(),
  };
}
