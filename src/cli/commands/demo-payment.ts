/**
 * `pgw demo`: a complete payment against a running gateway with its PayPay sandbox: create (signed), confirm, pay in
 * the sandbox as the payer would, retrieve.
 */
import { type Credentials, createClient } from '../../client/index.ts';
import { systemClock } from '../../lib/clock.ts';

export interface DemoOptions {
  readonly url: string;
  readonly credentials: Credentials;
}

const TIMEOUT_MS = 10_000;
const POLL_INTERVAL_MS = 250;

/** @returns whether the payment intent ended as `succeeded` */
export async function runDemo(
  { url, credentials }: DemoOptions,
  print: (line: string) => void,
): Promise<boolean> {
  const server = createClient({ baseUrl: url, credentials });
  const payer = createClient({ baseUrl: url });
  const intent = await server.createPaymentIntent({
    amount: 1000,
    currency: 'JPY',
    payment_method_types: ['qr_mpm'],
    merchant_ref_id: `demo_${systemClock.now().getTime()}`,
    merchant_store_id: 'store_001',
    description: 'First payment',
  });
  print(`created    ${intent.id}  ${intent.amount} ${intent.currency}  ${intent.status}`);
  const paymentToken = intent.payment_token;
  const code = await payer.confirmPaymentIntent(intent.id, { paymentToken });
  print(`confirmed  QR ${code.qr_content}  until ${code.expires_at}`);
  await payInSandbox(code.qr_content);
  print('paid       in the PayPay sandbox');
  const deadline = { timeoutMs: TIMEOUT_MS, intervalMs: POLL_INTERVAL_MS };
  const ended = await payer.waitForPayment(intent.id, { paymentToken, ...deadline });
  print(`retrieved  ${ended.id}  ${ended.status}`);
  return ended.status === 'succeeded';
}

async function payInSandbox(qrContent: string): Promise<void> {
  const response = await fetch(new URL('/_control/pay', qrContent), {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ qr_content: qrContent }),
  });
  if (!response.ok) {
    throw new Error(`the sandbox refused to pay: ${await response.text()}`);
  }
}
