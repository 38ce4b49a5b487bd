/** A payment and a refund with the client that openapi-generator generates for axios. */
import { createHash, createHmac, randomUUID } from 'node:crypto';
import axios, { isAxiosError } from 'axios';
import { Configuration, type ErrorBody, PaymentIntentsApi, RefundsApi } from './pgw';

const { PGW_URL = '', PGW_API_KEY = '', PGW_SECRET_KEY = '', PGW_REF = '' } = process.env;

/** Signs a request by the documented rule. */
const signing = axios.create();
signing.interceptors.request.use((config) => {
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
  const timestamp = Math.floor(Date.now() / 1000);
  const { pathname } = new URL(config.url ?? '', PGW_URL);
  const method = (config.method ?? 'get').toUpperCase();
  const message = [method, pathname, timestamp, sha256(config.data ?? '')].join('\n');
  const signature = createHmac('sha256', sha256(PGW_SECRET_KEY)).update(message).digest('hex');
  config.headers.set('Authorization', `HMAC-SHA256 ${PGW_API_KEY}:${timestamp}:${signature}`);
  return config;
});
const configuration = new Configuration({ basePath: PGW_URL });
const payer = new PaymentIntentsApi(configuration);
const server = new PaymentIntentsApi(configuration, undefined, signing);
const refunds = new RefundsApi(configuration, undefined, signing);

const created = await server.createPaymentIntent(
  { amount: 1000, currency: 'JPY', payment_method_types: ['qr_mpm'], merchant_ref_id: PGW_REF },
  randomUUID(),
);
const { id, payment_token } = created.data;

const confirmed = await payer.confirmPaymentIntent(id, {
  payment_token,
  payment_method_type: 'qr_mpm',
  provider: 'PAYPAY',
});
const { qr_content } = confirmed.data;
await axios.post(new URL('/_control/pay', qr_content).href, { qr_content });

const retrieve = async (token: string) => (await payer.retrievePaymentIntent(id, token)).data;
let intent = await retrieve(payment_token);
while (intent.status === 'requires_action' || intent.status === 'processing') {
  await new Promise((resolve) => setTimeout(resolve, 100));
  intent = await retrieve(payment_token);
}

const listed = await server.listPaymentIntents(undefined, PGW_REF, undefined, undefined, undefined, 10);
if (!listed.data.some((one) => one.id === id)) {
  throw new Error('the list lacks the payment');
}

const refund = await refunds.createRefund(
  { payment_intent_id: id, amount: 400, reason: 'requested_by_customer' },
  randomUUID(),
);
const readBack = (await refunds.retrieveRefund(refund.data.id)).data;
if (readBack.amount !== 400 || readBack.status === 'failed') {
  throw new Error('the refund was not read back');
}

const refusal: unknown = await retrieve('wrong').catch((error: unknown) => error);
if (!isAxiosError<ErrorBody>(refusal) || refusal.response?.data.code !== 'invalid_token') {
  throw new Error('a wrong token was not refused');
}

process.stdout.write(`${id} ${intent.status}, refund ${readBack.status}\n`);
