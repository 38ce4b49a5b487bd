/** A payment and a refund with openapi-fetch over the types that openapi-typescript generates. */
import { createHash, createHmac, randomUUID } from 'node:crypto';
import createClient, { type Middleware } from 'openapi-fetch';
import type { paths } from './openapi.d.ts';

const { PGW_URL = '', PGW_API_KEY = '', PGW_SECRET_KEY = '', PGW_REF = '' } = process.env;

/** Signs a request by the documented rule. */
const signing: Middleware = {
  async onRequest({ request }) {
    const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest('hex');
    const body = Buffer.from(await request.clone().arrayBuffer());
    const timestamp = Math.floor(Date.now() / 1000);
    const message = [request.method, new URL(request.url).pathname, timestamp, sha256(body)].join('\n');
    const signature = createHmac('sha256', sha256(PGW_SECRET_KEY)).update(message).digest('hex');
    request.headers.set('Authorization', `HMAC-SHA256 ${PGW_API_KEY}:${timestamp}:${signature}`);
    return request;
  },
};
const payer = createClient<paths>({ baseUrl: PGW_URL });
const server = createClient<paths>({ baseUrl: PGW_URL });
server.use(signing);

const created = await server.POST('/v1/payment_intents', {
  params: { header: { 'Idempotency-Key': randomUUID() } },
  body: { amount: 1000, currency: 'JPY', payment_method_types: ['qr_mpm'], merchant_ref_id: PGW_REF },
});
if (created.error) {
  throw new Error(created.error.message);
}
const { id, payment_token } = created.data;

const confirmed = await payer.POST('/v1/payment_intents/{id}/confirm', {
  params: { path: { id } },
  body: { payment_token, payment_method_type: 'qr_mpm', provider: 'PAYPAY' },
});
if (confirmed.error) {
  throw new Error(confirmed.error.message);
}
await payInSandbox(confirmed.data.qr_content);

const retrieve = (token: string) =>
  payer.GET('/v1/payment_intents/{id}', { params: { path: { id }, query: { payment_token: token } } });
let intent = (await retrieve(payment_token)).data;
while (intent?.status === 'requires_action' || intent?.status === 'processing') {
  await new Promise((resolve) => setTimeout(resolve, 100));
  intent = (await retrieve(payment_token)).data;
}

const listed = await server.GET('/v1/payment_intents', {
  params: { query: { merchant_ref_id: PGW_REF, limit: 10 } },
});
if (!listed.data?.some((one) => one.id === id)) {
  throw new Error('the list lacks the payment');
}

const refund = await server.POST('/v1/refunds', {
  params: { header: { 'Idempotency-Key': randomUUID() } },
  body: { payment_intent_id: id, amount: 400, reason: 'requested_by_customer' },
});
if (refund.error) {
  throw new Error(refund.error.message);
}
const readBack = await server.GET('/v1/refunds/{id}', { params: { path: { id: refund.data.id } } });
if (readBack.data?.amount !== 400 || readBack.data.status === 'failed') {
  throw new Error('the refund was not read back');
}

const refused = await retrieve('wrong');
if (refused.error?.code !== 'invalid_token') {
  throw new Error('a wrong token was not refused');
}

process.stdout.write(`${id} ${intent?.status}, refund ${readBack.data.status}\n`);

async function payInSandbox(qrContent: string): Promise<void> {
  await fetch(new URL('/_control/pay', qrContent), {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ qr_content: qrContent }),
  });
}
