/**
 * PayPay as a provider: Dynamic QR (merchant-presented), refunds, webhooks.
 */
import type { AttemptProvider } from '../../domain/payment.ts';
import type { Provider } from '../provider.ts';
import { type CircuitOptions, createCircuit } from './circuit.ts';
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
  const circuit =
    options.circuit === false ? undefined : createCircuit(transport.send, options.clock, options.circuit);
  const send = circuit?.send ?? transport.send;
  return {
    name: PAYPAY,
    paymentMethodTypes: ['qr_mpm'],
    currencies: ['JPY'],
    codes: createCodePayments(send),
    refunds: createRefunds(send),
    webhooks: createWebhooks(options.webhooks),
    ...(circuit && { circuitState: circuit.state }),
    close: () => transport.close(),
  };
}
