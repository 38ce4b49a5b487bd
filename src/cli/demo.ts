/**
 * `pgw demo`: a complete first payment against a running gateway with its PayPay sandbox, step by step: create (signed),
 * confirm, pay (as the payer would, in the sandbox), retrieve.
 */
import createClient from 'openapi-fetch';
import type { components, paths } from '../../generated/openapi.d.ts';
import { systemClock } from '../clock.ts';
import { authorizationHeader } from '../signing.ts';

export interface DemoOptions {
  readonly url: string;
  readonly apiKey: string;
  readonly secretKey: string;
}

type Intent = components['schemas']['PaymentIntent'];

const PATIENCE_TRIES = 40;
const RETRY_MS = 250;

/** @returns whether the intent ended as `succeeded` */
export async function runDemo(options: DemoOptions, print: (line: string) => void): Promise<boolean> {
  const client = createClient<paths>({ baseUrl: options.url });
  client.use({
    async onRequest({ request, schemaPath }) {
      if (schemaPath !== '/v1/payment_intents') return;
      const body = Buffer.from(await request.clone().arrayBuffer());
      const { method } = request;
      const signable = { method, path: new URL(request.url).pathname, body };
      request.headers.set('Authorization', authorizationHeader(options, signable, systemClock.now()));
    },
  });
  const created = await client.POST('/v1/payment_intents', {
    body: {
      amount: 1000,
      currency: 'JPY',
      payment_method_types: ['qr_mpm'],
      merchant_ref_id: `demo_${Date.now()}`,
      merchant_store_id: 'store_001',
      description: 'First payment',
      expires_in_minutes: 30,
    },
  });
  const intent = orThrow('create', created);
  print(`created    ${intent.id}  ${intent.amount} ${intent.currency}  ${intent.status}`);
  const token = intent.payment_token;
  const confirmed = await client.POST('/v1/payment_intents/{id}/confirm', {
    params: { path: { id: intent.id } },
    body: { payment_token: token, payment_method_type: 'qr_mpm', provider: 'PAYPAY' },
  });
  const code = orThrow('confirm', confirmed);
  print(`confirmed  QR ${code.qr_content}  until ${code.expires_at}`);
  await payInSandbox(code.qr_content);
  print('paid       in the PayPay sandbox');
  const ended = await waitForEnd(async () =>
    orThrow(
      'retrieve',
      await client.GET('/v1/payment_intents/{id}', {
        params: { path: { id: intent.id }, query: { payment_token: token } as never },
      }),
    ),
  );
  print(`retrieved  ${ended.id}  ${ended.status}`);
  return ended.status === 'succeeded';
}

async function payInSandbox(qrContent: string): Promise<void> {
  const response = await fetch(new URL('/_control/pay', qrContent), {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ qr_content: qrContent }),
  });
  if (!response.ok) throw new Error(`the sandbox refused to pay: ${await response.text()}`);
}

async function waitForEnd(retrieve: () => Promise<Intent>): Promise<Intent> {
  let intent = await retrieve();
  for (let tries = 1; tries < PATIENCE_TRIES && intent.status !== 'succeeded'; tries += 1) {
    await systemClock.sleep(RETRY_MS);
    intent = await retrieve();
  }
  return intent;
}

function orThrow<T>(step: string, result: { data?: T; error?: unknown; response: Response }): T {
  if (result.data !== undefined) return result.data;
  throw new Error(`${step} answered ${result.response.status}: ${JSON.stringify(result.error)}`);
}
