import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestGateway, type TestGateway, type TestMerchant } from '../../support/gateway.ts';

const PATH = '/v1/webhooks/paypay';
const SECRET = 'test-webhook-secret';

let gateway: TestGateway;
let merchant: TestMerchant;

beforeAll(async () => {
  gateway = await startTestGateway({ sandbox: { webhookMode: 'manual' } });
  merchant = await gateway.newMerchant();
});
afterAll(() => gateway.close());

const sign = (body: string | Buffer, secret = SECRET) =>
  createHmac('sha256', secret).update(body).digest('hex');
const send = (body: string | Buffer, signature = sign(body)) =>
  gateway.request('POST', PATH, { body, headers: { 'X-PayPay-Signature': signature } });
const transaction = (fields: object) =>
  JSON.stringify({
    notification_type: 'Transaction',
    merchant_id: '1',
    order_id: '049',
    state: 'COMPLETED',
    order_amount: '1000',
    ...fields,
  });
const inbox = () => gateway.database.db('provider_webhooks').orderBy('id', 'desc');

async function liveAttempt() {
  const intent = await gateway.newIntent(merchant);
  const { body } = await gateway.confirm(intent);
  const attempt = await gateway.database.db('payment_attempts').where({ intent_id: intent.id }).first();
  return { intent, attemptId: attempt.id as string, qrContent: body.qr_content as string };
}

describe('POST /v1/webhooks/paypay', () => {
  it('stores an authentic message and responds at once; the signature is hex in either case', async () => {
    const body = transaction({ merchant_order_id: 'unknown' });
    expect((await send(body)).body).toEqual({ received: true });
    expect((await send(body, sign(body).toUpperCase())).status).toBe(200);
    expect((await inbox())[0]).toMatchObject({ provider: 'PAYPAY', deliveries: 2 });
  });

  it('refuses a message that is not authentic, and stores nothing', async () => {
    const count = (await inbox()).length;
    const body = transaction({ order_id: 'forged' });
    for (const headers of [
      {},
      { 'X-PayPay-Signature': 'nonsense' },
      { 'X-PayPay-Signature': sign(body, 'other') },
      { 'X-PayPay-Signature': sign(`${body} `) },
    ]) {
      const { status, body: answer } = await gateway.request('POST', PATH, {
        body,
        headers: headers as Record<string, string>,
      });
      expect([status, answer.code]).toEqual([401, 'unauthorized']);
    }
    expect(await inbox()).toHaveLength(count);
  });

  it('accepts an unsigned message only from an allowed address', async () => {
    const allowed = await startTestGateway({ webhookAllowedIps: ['127.0.0.0/8'] });
    const strict = await startTestGateway({ webhookAllowedIps: ['192.0.2.1'] });
    expect((await allowed.request('POST', PATH, { body: '{}' })).status).toBe(200);
    const claimed = await strict.request('POST', PATH, {
      body: '{}',
      headers: { 'X-Forwarded-For': '192.0.2.1' },
    });
    expect(claimed.status).toBe(401);
    await Promise.all([allowed.close(), strict.close()]);
  });

  it('trusts PayPay, not the message: COMPLETED for an unpaid code changes nothing', async () => {
    const { intent, attemptId } = await liveAttempt();
    await send(transaction({ order_id: 'lie', merchant_order_id: attemptId }));
    await gateway.runPasses('webhooks');
    expect((await gateway.retrieve(intent)).body.status).toBe('requires_action');
    expect((await inbox())[0]).toMatchObject({ status: 'processed' });
  });

  it('a message about a paid code makes the intent succeed, whatever amount it claims', async () => {
    const { intent, attemptId, qrContent } = await liveAttempt();
    await gateway.sandbox.pay({ qrContent });
    await send(transaction({ order_id: 'p1', merchant_order_id: attemptId, order_amount: '1' }));
    await gateway.runPasses('webhooks');
    expect((await gateway.retrieve(intent)).body).toMatchObject({
      status: 'succeeded',
      amount_captured: 1000,
    });
  });

  it.each([
    ['empty', ''],
    ['not JSON', 'hello'],
    ['null', 'null'],
    ['an array', '[1,2]'],
    ['of unknown type', '{"notification_type":"news.of.tomorrow","notification_id":"n1"}'],
    ['with ill-typed ids', transaction({ order_id: { a: 1 }, merchant_order_id: 17 })],
    ['with null bytes', transaction({ order_id: 'a\u0000b', merchant_order_id: '\u0000' })],
    ['deep', `${'['.repeat(8_000)}${']'.repeat(8_000)}`],
    ['about an unknown attempt', transaction({ merchant_order_id: 'pa_01JHMB5V00ZX8Y7W6V5T4S3R2Q' })],
  ])('a message that is %s is stored and ignored', async (_, body) => {
    expect((await send(Buffer.from(body))).status).toBe(200);
    await gateway.runPasses('webhooks');
    expect((await gateway.request('GET', '/health')).status).toBe(200);
  });

  it('a message larger than the limit is refused', async () => {
    expect((await send('x'.repeat(16_385))).status).toBe(413);
  });
});
