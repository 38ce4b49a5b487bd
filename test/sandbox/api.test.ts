/** The six operations over HTTP, as a merchant's server sees them. */

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.ts';
import { API_KEY, API_SECRET, call, createCode, makeCodeBody } from './support/paypay-client.ts';

let sandbox: Sandbox;
const api = (method: string, path: string, body?: unknown) => call(sandbox.url, method, path, body);

beforeEach(async () => {
  sandbox = await startSandbox({ credentials: [{ apiKey: API_KEY, apiSecret: API_SECRET }] });
});

afterEach(() => sandbox.close());

async function payCode(merchantPaymentId: string, amount?: number): Promise<string> {
  await createCode(sandbox.url, merchantPaymentId, amount);
  const result = await sandbox.pay({ merchantPaymentId });
  return result.isAccepted ? (result.payment.paymentId ?? '') : '';
}

describe('create a code', () => {
  test('answers 201 with codeId, url, deeplink and an expiry 300 s away', async () => {
    const before = Math.floor(Date.now() / 1000);
    const reply = await api('POST', '/v2/codes', makeCodeBody('inv-1'));
    expect(reply.status).toBe(201);
    expect(reply).toMatchObject({ code: 'SUCCESS', codeId: '08100001' });
    expect(reply.headers['x-request-id']).toMatch(/^OPA[0-9A-F]{32}$/);
    const { codeId, url, deeplink, expiryDate } = reply.data;
    expect(codeId).toMatch(/^04-[A-Za-z0-9]{16}$/);
    expect(url).toBe(`${sandbox.url}/app/cashier?code=${codeId}`);
    expect(deeplink).toBe(`paypay://payment?link_key=${encodeURIComponent(String(url))}`);
    expect(Number(expiryDate)).toBeGreaterThanOrEqual(before + 300);
    expect(reply.data).toMatchObject({
      merchantPaymentId: 'inv-1',
      amount: { amount: 1200, currency: 'JPY' },
    });
  });
});

describe('the whole life of a payment', () => {
  test('create, pay, details, refund, refund details', async () => {
    const paymentId = await payCode('inv-1');
    const details = await api('GET', '/v2/codes/payments/inv-1');
    expect(details.status).toBe(200);
    expect(details.data).toMatchObject({
      paymentId,
      status: 'COMPLETED',
      amount: { amount: 1200, currency: 'JPY' },
    });
    expect(paymentId).toMatch(/^04\d{18}$/);
    const refund = await api('POST', '/v2/refunds', {
      merchantRefundId: 'rf-1',
      paymentId,
      amount: { amount: 1200, currency: 'JPY' },
      requestedAt: 1,
    });
    expect(refund).toMatchObject({ status: 200, code: 'SUCCESS', data: { status: 'CREATED' } });
    sandbox.clock.advance(5_000);
    const found = await api('GET', `/v2/refunds/rf-1?paymentId=${paymentId}`);
    expect(found.data).toMatchObject({ status: 'REFUNDED', paymentId });
    expect(sandbox.ledger()).toMatchObject([{ status: 'REFUNDED', moneyTaken: 1200, moneyReturned: 1200 }]);
  });

  test('cancel after payment fails the payment and returns the money', async () => {
    await payCode('inv-1');
    expect(await api('DELETE', '/v2/payments/inv-1')).toMatchObject({
      status: 202,
      code: 'REQUEST_ACCEPTED',
    });
    const details = await api('GET', '/v2/codes/payments/inv-1');
    expect(details.data).toMatchObject({ status: 'FAILED' });
    expect(sandbox.ledger()).toMatchObject([{ isCancelled: true, moneyTaken: 1200, moneyReturned: 1200 }]);
  });

  test('delete makes the code unpayable and the details not found', async () => {
    const { codeId, url } = await createCode(sandbox.url, 'inv-1');
    expect(await api('DELETE', `/v2/codes/${codeId}`)).toMatchObject({
      status: 200,
      data: { qrStatus: 'DELETED' },
    });
    expect(await sandbox.pay({ qrContent: url })).toMatchObject({
      isAccepted: false,
      reason: 'code_deleted',
    });
    const details = await api('GET', '/v2/codes/payments/inv-1');
    expect(details).toMatchObject({ status: 400, code: 'DYNAMIC_QR_PAYMENT_NOT_FOUND', codeId: '01652075' });
  });
});
