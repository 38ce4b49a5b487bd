/** PayPay's console and back office, as a tester uses them and as the merchant's server sees what they did. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Sandbox, startSandbox } from '../../../src/sandbox/sandbox.ts';
import { API_KEY, API_SECRET, call, control, createCode } from '../support/paypay-client.ts';

let folder: string;
let sandbox: Sandbox;
const credentials = [{ apiKey: API_KEY, apiSecret: API_SECRET }];
const start = async () => {
  sandbox = await startSandbox({ credentials, stateFile: join(folder, 'payments.jsonl') });
};

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sandbox-back-office-'));
  await start();
});
afterEach(async () => {
  await sandbox.close();
  rmSync(folder, { recursive: true });
});

const api = (method: string, path: string, body?: unknown) => call(sandbox.url, method, path, body);
const post = (path: string, body: object) => control(sandbox.url, 'POST', path, body);
const get = async (path: string) => (await control(sandbox.url, 'GET', path)).json;
const detailsOf = async (id: string) => (await api('GET', `/v2/codes/payments/${id}`)).data;
const entry = () => sandbox.ledger()[0];

async function payCode(merchantPaymentId: string): Promise<string> {
  await createCode(sandbox.url, merchantPaymentId, 1000);
  const result = await sandbox.pay({ merchantPaymentId });
  return result.isAccepted ? String(result.payment.paymentId) : '';
}

const refund = (paymentId: string, merchantRefundId: string, amount: number) =>
  api('POST', '/v2/refunds', {
    merchantRefundId,
    paymentId,
    amount: { amount, currency: 'JPY' },
    requestedAt: 1,
  });

describe("a refund in PayPay's console", () => {
  test('of a part, then of the rest, is seen in the payment details under ids of PayPay', async () => {
    const paymentId = await payCode('inv-1');
    await refund(paymentId, 're_ours', 100);
    expect(await post('/console/refund', { merchant_payment_id: 'inv-1', amount: 250 })).toMatchObject({
      status: 200,
      json: { message: "PayPay's console has made the refund." },
    });
    await post('/console/refund', { merchant_payment_id: 'inv-1' });
    sandbox.clock.advance(5_000);
    const { status, refunds } = await detailsOf('inv-1');
    expect([status, refunds]).toMatchObject([
      'REFUNDED',
      {
        data: [
          { merchantRefundId: 're_ours', amount: { amount: 100 }, status: 'REFUNDED' },
          { merchantRefundId: expect.stringMatching(/^09\d{18}$/), amount: { amount: 250 }, paymentId },
          { merchantRefundId: expect.stringMatching(/^09\d{18}$/), amount: { amount: 650 }, paymentId },
        ],
      },
    ]);
    expect(entry()).toMatchObject({ moneyTaken: 1000, moneyReturned: 1000 });
    const id = entry()?.refunds[1]?.merchantRefundId;
    expect((await api('GET', `/v2/refunds/${id}?paymentId=${paymentId}`)).data).toMatchObject({
      merchantRefundId: id,
      amount: { amount: 250 },
    });
  });

  test('counts in the sum, so that the API refuses more than what is left', async () => {
    const paymentId = await payCode('inv-1');
    await sandbox.merchantConsole.refund({ merchantPaymentId: 'inv-1', amount: 700 });
    expect(await refund(paymentId, 're_1', 301)).toMatchObject({ status: 400, codeId: '00200015' });
    expect((await refund(paymentId, 're_1', 300)).status).toBe(200);
    expect(await post('/console/refund', { merchant_payment_id: 'inv-1' })).toMatchObject({
      status: 409,
      json: { error: 'refused', message: 'PayPay refuses: Invalid refund amount (INVALID_PARAMS).' },
    });
  });

  test('sends no webhook', async () => {
    await payCode('inv-1');
    const before = sandbox.webhooks.list().length;
    await sandbox.merchantConsole.refund({ merchantPaymentId: 'inv-1' });
    sandbox.clock.advance(5_000);
    await sandbox.idle();
    expect(sandbox.webhooks.list()).toHaveLength(before);
  });

  test.each([
    [{}, 400, /either qr_content/],
    [{ merchant_payment_id: 'nobody' }, 404, /No code was created/],
    [{ merchant_payment_id: 'inv-1', amount: 0 }, 400, /at least 1/],
    [{ merchant_payment_id: 'inv-1', amount: 1.5 }, 400, /whole number/],
    [{ merchant_payment_id: 'unpaid' }, 409, /UNACCEPTABLE_OP/],
  ])('with %j is refused with %i', async (body, status, message) => {
    await payCode('inv-1');
    await createCode(sandbox.url, 'unpaid');
    expect(await post('/console/refund', body)).toMatchObject({
      status,
      json: { message: expect.stringMatching(message) },
    });
    expect(sandbox.ledger().flatMap(({ refunds }) => refunds)).toEqual([]);
  });
});

describe("a cancel in PayPay's console", () => {
  test('returns the whole payment of the day', async () => {
    await payCode('inv-1');
    await post('/console/cancel', { merchant_payment_id: 'inv-1' });
    expect(await detailsOf('inv-1')).toMatchObject({ status: 'FAILED', refunds: null });
    expect(entry()).toMatchObject({ isCancelled: true, moneyTaken: 1000, moneyReturned: 1000 });
  });

  test('is refused after a refund', async () => {
    await payCode('inv-1');
    await sandbox.merchantConsole.refund({ merchantPaymentId: 'inv-1', amount: 1 });
    expect(await post('/console/cancel', { merchant_payment_id: 'inv-1' })).toMatchObject({
      status: 409,
      json: { error: 'refused', message: expect.stringContaining('ORDER_NOT_REVERSIBLE') },
    });
  });
});

describe('the list of refunds', () => {
  test('says of each refund who made it and of which payment, to compare yen by yen', async () => {
    const paymentId = await payCode('inv-1');
    await payCode('inv-2');
    await refund(paymentId, 're_1', 100);
    await sandbox.merchantConsole.refund({ merchantPaymentId: 'inv-2', amount: 20 });
    expect((await get('/refunds'))['refunds']).toMatchObject([
      { merchant_refund_id: 're_1', merchant_payment_id: 'inv-1', origin: 'api', amount: 100 },
      { merchant_payment_id: 'inv-2', origin: 'console', amount: 20, status: 'CREATED' },
    ]);
    expect((await get('/refunds?merchant_payment_id=inv-1'))['refunds']).toMatchObject([
      { payment_id: paymentId, merchant_refund_id: 're_1' },
    ]);
  });
});

describe('held refunds', () => {
  beforeEach(() => {
    sandbox.behaviour.holdRefundsAboveSales = true;
  });

  test('stay CREATED after a payout until the merchant has sold enough', async () => {
    const paymentId = await payCode('inv-1');
    expect((await get('/sales'))['sales']).toEqual([{ merchant_id: '600000000000000001', amount: 1000 }]);
    expect((await post('/sales/pay_out', {})).json).toMatchObject({ sales: [{ amount: 0 }] });
    await refund(paymentId, 're_1', 600);
    sandbox.clock.advance(3 * 86_400_000);
    const read = async () => (await api('GET', `/v2/refunds/re_1?paymentId=${paymentId}`)).data['status'];
    expect(await read()).toBe('CREATED');
    await payCode('inv-2');
    expect(await read()).toBe('REFUNDED');
    expect((await get('/sales'))['sales']).toMatchObject([{ amount: 400 }]);
  });

  test('are released by a tester, one or all of a payment, once', async () => {
    const paymentId = await payCode('inv-1');
    await sandbox.backOffice.payOut('600000000000000001');
    for (const [id, amount] of Object.entries({ re_1: 100, re_2: 200, re_3: 300 })) {
      await refund(paymentId, id, amount);
    }
    sandbox.clock.advance(60_000);
    const statuses = () => entry()?.refunds.map(({ status }) => status);
    await post('/refunds/release', { merchant_payment_id: 'inv-1', merchant_refund_id: 're_2' });
    expect([statuses(), entry()?.moneyReturned]).toEqual([['CREATED', 'REFUNDED', 'CREATED'], 200]);
    await post('/refunds/release', { merchant_payment_id: 'inv-1' });
    await post('/refunds/release', { merchant_payment_id: 'inv-1' });
    expect([statuses(), entry()?.moneyReturned]).toEqual([['REFUNDED', 'REFUNDED', 'REFUNDED'], 600]);
  });
});

describe('a change of a payment', () => {
  test.each([
    [{ payer_state: 'cancelled' }, 400, 'CANCELED_USER'],
    [{ payer_state: 'inactive' }, 401, 'USER_STATE_IS_NOT_ACTIVE'],
    [{ is_available: false }, 400, 'ORDER_NO_LONGER_AVAILABLE'],
    [{ voucher_expires_at: '2020-01-01T00:00:00+09:00' }, 400, 'REFUND_WINDOW_EXCEED'],
  ])('to %j: refunds are refused with %i %s', async (change, status, code) => {
    const paymentId = await payCode('inv-1');
    expect((await post('/payments', { merchant_payment_id: 'inv-1', ...change })).status).toBe(200);
    expect(await refund(paymentId, 're_1', 1)).toMatchObject({ status, code });
    expect(entry()?.refunds).toEqual([]);
  });

  test('can be taken back', async () => {
    const paymentId = await payCode('inv-1');
    await post('/payments', { merchant_payment_id: 'inv-1', payer_state: 'cancelled', is_available: false });
    await post('/payments', { merchant_payment_id: 'inv-1', payer_state: 'active', is_available: true });
    expect((await refund(paymentId, 're_1', 1)).status).toBe(200);
  });

  test('to an order that PayPay no longer keeps: its refunds cannot be read or repeated, its payment can', async () => {
    const paymentId = await payCode('inv-1');
    await refund(paymentId, 're_1', 1);
    await sandbox.backOffice.change({ merchantPaymentId: 'inv-1', isAvailable: false });
    const read = await api('GET', `/v2/refunds/re_1?paymentId=${paymentId}`);
    for (const reply of [read, await refund(paymentId, 're_1', 1)]) {
      expect(reply).toMatchObject({ status: 400, code: 'ORDER_NO_LONGER_AVAILABLE' });
    }
    expect(await detailsOf('inv-1')).toMatchObject({ status: 'COMPLETED' });
  });

  test.each([
    [{ payer_state: 'asleep' }, /one of active, inactive, cancelled/],
    [{ voucher_expires_at: 'soon' }, /a time such as/],
    [{ is_available: 'perhaps' }, /true or false/],
  ])('to %j is refused', async (change, message) => {
    await payCode('inv-1');
    expect(await post('/payments', { merchant_payment_id: 'inv-1', ...change })).toMatchObject({
      status: 400,
      json: { message: expect.stringMatching(message) },
    });
  });
});

test('everything that the console and the back office did is preserved across a restart', async () => {
  const paymentId = await payCode('inv-1');
  await payCode('inv-2');
  await refund(paymentId, 're_1', 100);
  await sandbox.merchantConsole.refund({ merchantPaymentId: 'inv-1', amount: 50 });
  await sandbox.backOffice.release({ merchantPaymentId: 'inv-1' });
  await sandbox.backOffice.payOut();
  await sandbox.backOffice.change({ merchantPaymentId: 'inv-1', payerState: 'inactive', isAvailable: false });
  await sandbox.merchantConsole.cancel({ merchantPaymentId: 'inv-2' });
  const before = sandbox.ledger();
  await sandbox.close();
  await start();
  expect(sandbox.ledger()).toEqual(before);
  expect(sandbox.backOffice.sales()).toMatchObject([{ amount: -1000 }]);
});

test('callers cannot modify the ledger through a result', async () => {
  await payCode('inv-1');
  const result = await sandbox.merchantConsole.refund({ merchantPaymentId: 'inv-1', amount: 10 });
  if (result.isAccepted) {
    result.payment.refunds.length = 0;
  }
  expect(entry()?.refunds).toHaveLength(1);
});
