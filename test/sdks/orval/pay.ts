/** A payment and a refund with the client that orval generates. */
import { randomUUID } from 'node:crypto';
import {
  confirmPaymentIntent,
  createPaymentIntent,
  createRefund,
  listPaymentIntents,
  PaymentMethodType,
  Provider,
  RefundReason,
  retrievePaymentIntent,
  retrieveRefund,
} from './pgw';
import { PAYER } from './send';

const { PGW_REF = '' } = process.env;

const created = await createPaymentIntent(
  {
    amount: 1000,
    currency: 'JPY',
    payment_method_types: [PaymentMethodType.qr_mpm],
    merchant_ref_id: PGW_REF,
  },
  { headers: { 'Idempotency-Key': randomUUID() } },
);
if (created.status !== 201) {
  throw new Error(`create: ${created.status}`);
}
const { id, payment_token } = created.data;

const confirmed = await confirmPaymentIntent(
  id,
  { payment_token, payment_method_type: PaymentMethodType.qr_mpm, provider: Provider.PAYPAY },
  undefined,
  PAYER,
);
if (confirmed.status !== 200) {
  throw new Error(`confirm: ${confirmed.status}`);
}
const { qr_content } = confirmed.data;
await fetch(new URL('/_control/pay', qr_content), {
  method: 'POST',
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify({ qr_content }),
});

const retrieve = (token: string) => retrievePaymentIntent(id, { payment_token: token }, PAYER);
let intent = await retrieve(payment_token);
while (
  intent.status === 200 &&
  (intent.data.status === 'requires_action' || intent.data.status === 'processing')
) {
  await new Promise((resolve) => setTimeout(resolve, 100));
  intent = await retrieve(payment_token);
}

const listed = await listPaymentIntents({ merchant_ref_id: PGW_REF, limit: 10 });
if (listed.status !== 200 || !listed.data.some((one) => one.id === id)) {
  throw new Error('the list lacks the payment');
}

const refund = await createRefund(
  { payment_intent_id: id, amount: 400, reason: RefundReason.requested_by_customer },
  { headers: { 'Idempotency-Key': randomUUID() } },
);
if (refund.status !== 201) {
  throw new Error(`refund: ${refund.status}`);
}
const readBack = await retrieveRefund(refund.data.id);
if (readBack.status !== 200 || readBack.data.amount !== 400 || readBack.data.status === 'failed') {
  throw new Error('the refund was not read back');
}

const refused = await retrieve('wrong');
if (refused.status !== 401 || refused.data.code !== 'invalid_token') {
  throw new Error('a wrong token was not refused');
}

const status = intent.status === 200 ? intent.data.status : intent.status;
process.stdout.write(`${id} ${status}, refund ${readBack.data.status}\n`);
