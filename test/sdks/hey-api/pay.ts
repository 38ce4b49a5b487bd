/** A payment and a refund with the client that @hey-api/openapi-ts generates. */
import { createHash, createHmac, randomUUID } from 'node:crypto';
import {
  confirmPaymentIntent,
  createPaymentIntent,
  createRefund,
  listPaymentIntents,
  retrievePaymentIntent,
  retrieveRefund,
} from './pgw';
import { createClient } from './pgw/client';

const { PGW_URL = '', PGW_API_KEY = '', PGW_SECRET_KEY = '', PGW_REF = '' } = process.env;

const payer = createClient({ baseUrl: PGW_URL });
const server = createClient({ baseUrl: PGW_URL });
/** Signs a request by the documented rule. */
server.interceptors.request.use(async (request) => {
  const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest('hex');
  const body = Buffer.from(await request.clone().arrayBuffer());
  const timestamp = Math.floor(Date.now() / 1000);
  const message = [request.method, new URL(request.url).pathname, timestamp, sha256(body)].join('\n');
  const signature = createHmac('sha256', sha256(PGW_SECRET_KEY)).update(message).digest('hex');
  request.headers.set('Authorization', `HMAC-SHA256 ${PGW_API_KEY}:${timestamp}:${signature}`);
  return request;
});

const { data: created } = await createPaymentIntent({
  client: server,
  headers: { 'Idempotency-Key': randomUUID() },
  body: { amount: 1000, currency: 'JPY', payment_method_types: ['qr_mpm'], merchant_ref_id: PGW_REF },
  throwOnError: true,
});
const { id, payment_token } = created;

const { data: confirmed } = await confirmPaymentIntent({
  client: payer,
  path: { id },
  body: { payment_token, payment_method_type: 'qr_mpm', provider: 'PAYPAY' },
  throwOnError: true,
});
await fetch(new URL('/_control/pay', confirmed.qr_content), {
  method: 'POST',
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify({ qr_content: confirmed.qr_content }),
});

const retrieve = (token: string) =>
  retrievePaymentIntent({ client: payer, path: { id }, query: { payment_token: token } });
let intent = (await retrieve(payment_token)).data;
while (intent?.status === 'requires_action' || intent?.status === 'processing') {
  await new Promise((resolve) => setTimeout(resolve, 100));
  intent = (await retrieve(payment_token)).data;
}

const { data: listed } = await listPaymentIntents({
  client: server,
  query: { merchant_ref_id: PGW_REF, limit: 10 },
  throwOnError: true,
});
if (!listed.some((one) => one.id === id)) {
  throw new Error('the list lacks the payment');
}

const { data: refund } = await createRefund({
  client: server,
  headers: { 'Idempotency-Key': randomUUID() },
  body: { payment_intent_id: id, amount: 400, reason: 'requested_by_customer' },
  throwOnError: true,
});
const { data: readBack } = await retrieveRefund({
  client: server,
  path: { id: refund.id },
  throwOnError: true,
});
if (readBack.amount !== 400 || readBack.status === 'failed') {
  throw new Error('the refund was not read back');
}

const { error } = await retrieve('wrong');
if (error?.code !== 'invalid_token') {
  throw new Error('a wrong token was not refused');
}

process.stdout.write(`${id} ${intent?.status}, refund ${readBack.status}\n`);
