/** The six operations over HTTP, as a merchant's server calls them. */

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Sandbox, startSandbox } from '../../../src/sandbox/sandbox.ts';
import { API_KEY, API_SECRET, call, createCode, makeCodeBody, send } from '../support/paypay-client.ts';

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
  test('returns 201 with codeId, url, deeplink and an expiry in 300 s', async () => {
    const before = Math.floor(Date.now() / 1000);
    const reply = await api('POST', '/v2/codes', makeCodeBody('inv-1'));
    expect(reply.status).toBe(201);
    expect(reply).toMatchObject({ code: 'SUCCESS', codeId: '08100001' });
    expect(reply.headers['x-request-id']).toMatch(/^OPA[0-9A-F]{32}$/);
    const { codeId, url, deeplink, expiryDate } = reply.data;
    expect(codeId).toMatch(/^04-[A-Za-z0-9]{16}$/);
    expect(url).toBe(`${sandbox.url}/app/cashier?code=${codeId}`);
    expect(deeplink).toBe(url);
    expect(Number(expiryDate)).toBeGreaterThanOrEqual(before + 300);
    expect(reply.data).toMatchObject({
      merchantPaymentId: 'inv-1',
      amount: { amount: 1200, currency: 'JPY' },
    });
  });

  test('echoes the fields sent, omits all others, and renames the unit price of an item', async () => {
    const orderItems = [{ name: 'tea', quantity: 2, unitPrice: { amount: 600, currency: 'JPY' }, extra: 1 }];
    const reply = await api('POST', '/v2/codes', {
      ...makeCodeBody('inv-1'),
      storeId: 'shibuya',
      terminalId: 'till-2',
      redirectUrl: 'https://shop.example/',
      redirectType: 'WEB_LINK',
      requestedAt: 1767225600,
      metadata: { any: 'thing' },
      orderItems,
    });
    expect(reply.data).toMatchObject({
      orderDescription: '抹茶ラテ',
      storeId: 'shibuya',
      terminalId: 'till-2',
      redirectUrl: 'https://shop.example/',
      redirectType: 'WEB_LINK',
      requestedAt: 1767225600,
      orderItems: [{ name: 'tea', quantity: 2, unit_price: { amount: 600, currency: 'JPY' } }],
    });
    expect(reply.data).not.toHaveProperty('storeInfo');
    expect(reply.data).not.toHaveProperty('metadata');
    await sandbox.pay({ merchantPaymentId: 'inv-1' });
    const details = await api('GET', '/v2/codes/payments/inv-1');
    expect(details.data).toMatchObject({ storeId: 'shibuya', orderItems: [{ unitPrice: { amount: 600 } }] });
  });

  const good = makeCodeBody('inv-1');
  test.each([
    ['no id', { ...good, merchantPaymentId: undefined }, 'MISSING_REQUEST_PARAMS'],
    ['no amount', { ...good, amount: undefined }, 'MISSING_REQUEST_PARAMS'],
    ['no currency', { ...good, amount: { amount: 1 } }, 'MISSING_REQUEST_PARAMS'],
    ['no code type', { ...good, codeType: null }, 'MISSING_REQUEST_PARAMS'],
    ['an id of 65 characters', makeCodeBody('a'.repeat(65)), 'INVALID_REQUEST_PARAMS'],
    ['an id with a slash', makeCodeBody('a/b'), 'INVALID_REQUEST_PARAMS'],
    ['an id that is a number', { ...good, merchantPaymentId: 7 }, 'INVALID_REQUEST_PARAMS'],
    ['another code type', { ...good, codeType: 'QR' }, 'INVALID_REQUEST_PARAMS'],
    ['dollars', { ...good, amount: { amount: 1, currency: 'USD' } }, 'INVALID_REQUEST_PARAMS'],
    ['an amount as text', { ...good, amount: { amount: '1', currency: 'JPY' } }, 'INVALID_REQUEST_PARAMS'],
    ['a fraction', { ...good, amount: { amount: 1.5, currency: 'JPY' } }, 'INVALID_REQUEST_PARAMS'],
    ['zero', makeCodeBody('inv-1', 0), 'INVALID_REQUEST_PARAMS'],
    ['twelve digits', makeCodeBody('inv-1', 100_000_000_000), 'INVALID_REQUEST_PARAMS'],
    ['a number for an amount', { ...good, amount: 5 }, 'INVALID_REQUEST_PARAMS'],
    ['a long description', { ...good, orderDescription: 'x'.repeat(256) }, 'INVALID_REQUEST_PARAMS'],
    ['an unknown redirect type', { ...good, redirectType: 'POPUP' }, 'INVALID_REQUEST_PARAMS'],
    [
      'an item without a name',
      { ...good, orderItems: [{ quantity: 1, unitPrice: 1 }] },
      'MISSING_REQUEST_PARAMS',
    ],
    ['an invalid IP address', { ...good, ipAddress: 'here' }, 'INVALID_REQUEST_PARAMS'],
    ['a list', [], 'INVALID_REQUEST_PARAMS'],
    ['pre-authorization', { ...good, isAuthorization: true }, 'PRE_AUTH_CAPTURE_UNSUPPORTED_MERCHANT'],
  ])('refuses %s', async (_, body, code) => {
    expect(await api('POST', '/v2/codes', body)).toMatchObject({
      status: 400,
      code,
      text: expect.stringContaining('"data":null'),
    });
    expect(sandbox.ledger()).toEqual([]);
  });

  test.each(['', '{', 'null', '"text"'])('refuses the body %j', async (rawBody) => {
    const reply = await call(sandbox.url, 'POST', '/v2/codes', undefined, { rawBody });
    expect(reply).toMatchObject({ status: 400, code: 'INVALID_REQUEST_PARAMS' });
  });

  test('accepts the largest amount and the longest id', async () => {
    const reply = await api('POST', '/v2/codes', makeCodeBody('a'.repeat(64), 99_999_999_999));
    expect(reply.status).toBe(201);
  });

  test('refuses a repeated id, or replays the first response, as the switch says', async () => {
    const first = await api('POST', '/v2/codes', makeCodeBody('inv-1'));
    const second = await api('POST', '/v2/codes', makeCodeBody('inv-1', 5));
    expect(second).toMatchObject({ status: 400, code: 'DUPLICATE_DYNAMIC_QR_REQUEST', codeId: '01652073' });
    sandbox.behaviour.duplicateCode = 'replay';
    const third = await api('POST', '/v2/codes', makeCodeBody('inv-1', 5));
    expect(third).toMatchObject({ status: 201, data: first.data });
  });
});

describe('payment details of an unpaid code', () => {
  const details = () => api('GET', '/v2/codes/payments/inv-1');
  const CREATED = {
    status: 200,
    code: 'SUCCESS',
    data: { status: 'CREATED', acceptedAt: 0, requestedAt: 0 },
  };
  const NOT_FOUND = { status: 400, code: 'DYNAMIC_QR_PAYMENT_NOT_FOUND' };

  test('say CREATED and nothing else until the grace period after expiry, then not found', async () => {
    await createCode(sandbox.url, 'inv-1');
    expect(await details()).toMatchObject(CREATED);
    sandbox.clock.advance(301_000);
    expect(await details()).toMatchObject(CREATED);
    sandbox.clock.advance(60_000);
    expect(await details()).toMatchObject(NOT_FOUND);
  });

  test('follow the switches', async () => {
    const { codeId } = await createCode(sandbox.url, 'inv-1');
    sandbox.behaviour.unpaidCodeDetails = 'not_found';
    sandbox.behaviour.paymentNotFoundHttpStatus = 404;
    expect(await details()).toMatchObject({ ...NOT_FOUND, status: 404 });
    await api('DELETE', `/v2/codes/${codeId}`);
    Object.assign(sandbox.behaviour, { unpaidCodeDetails: 'created', deletedCodeDetails: 'created' });
    expect(await details()).toMatchObject(CREATED);
  });

  test('change to COMPLETED when a code is paid after it was deleted', async () => {
    const { codeId, url } = await createCode(sandbox.url, 'inv-1');
    await api('DELETE', `/v2/codes/${codeId}`);
    expect(await details()).toMatchObject(NOT_FOUND);
    expect(await sandbox.pay({ qrContent: url, force: true })).toMatchObject({ isAccepted: true });
    expect((await details()).data).toMatchObject({ status: 'COMPLETED' });
  });

  test.each([-1, 1])(
    'are COMPLETED when the code is paid %i s from expiry, with force if that is too late',
    async (secondsFromExpiry) => {
      await createCode(sandbox.url, 'inv-1');
      const result = await sandbox.pay({ merchantPaymentId: 'inv-1', secondsFromExpiry });
      expect(result.isAccepted).toBe(secondsFromExpiry < 0);
      const late = await sandbox.pay({ merchantPaymentId: 'inv-1', secondsFromExpiry, force: true });
      expect(late.isAccepted).toBe(secondsFromExpiry > 0);
      expect((await details()).data).toMatchObject({ status: 'COMPLETED' });
    },
  );
});

describe('the lifecycle of a payment', () => {
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

  test('a deleted code cannot be paid, and its details are not found', async () => {
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

describe('two codes of one order', () => {
  test('can both be paid', async () => {
    await payCode('order-1-a');
    await payCode('order-1-b');
    expect(sandbox.ledger().map((one) => one.moneyTaken)).toEqual([1200, 1200]);
  });
});

describe('refunds', () => {
  const refundBody = (paymentId: string, more: object = {}) => ({
    merchantRefundId: 'rf-1',
    paymentId,
    amount: { amount: 500, currency: 'JPY' },
    requestedAt: 1767225600,
    ...more,
  });

  test('are the same for a repeated merchantRefundId, and refused for another amount under the same id', async () => {
    const paymentId = await payCode('inv-1');
    const first = await api('POST', '/v2/refunds', refundBody(paymentId, { reason: 'sorry' }));
    expect(await api('POST', '/v2/refunds', refundBody(paymentId))).toMatchObject({
      status: 200,
      data: first.data,
    });
    const other = refundBody(paymentId, { amount: { amount: 9, currency: 'JPY' } });
    expect(await api('POST', '/v2/refunds', other)).toMatchObject({
      status: 400,
      code: 'INVALID_PARAMS',
      codeId: '00200004',
    });
    expect(sandbox.ledger()[0]?.refunds).toMatchObject([{ amount: 500, reason: 'sorry', origin: 'api' }]);
  });

  test('are carried out in the first response when the delay is zero', async () => {
    const paymentId = await payCode('inv-1');
    Object.assign(sandbox.behaviour, { refundDelaySeconds: 0 });
    expect((await api('POST', '/v2/refunds', refundBody(paymentId))).data).toMatchObject({
      status: 'REFUNDED',
    });
  });

  test('with the same id are separate refunds of separate payments', async () => {
    const [one, two] = [await payCode('inv-1'), await payCode('inv-2')];
    for (const paymentId of [one, two]) {
      expect((await api('POST', '/v2/refunds', refundBody(paymentId))).data).toMatchObject({ paymentId });
    }
    expect((await api('GET', `/v2/refunds/rf-1?paymentId=${one}`)).data).toMatchObject({ paymentId: one });
    expect(sandbox.ledger().map(({ refunds }) => refunds.length)).toEqual([1, 1]);
  });

  test('are shown in the payment details', async () => {
    const paymentId = await payCode('inv-1');
    sandbox.behaviour.refundHttpStatus = 201;
    expect((await api('POST', '/v2/refunds', refundBody(paymentId))).status).toBe(201);
    sandbox.clock.advance(5_000);
    const details = await api('GET', '/v2/codes/payments/inv-1');
    expect(details.data).toMatchObject({
      status: 'REFUNDED',
      refunds: {
        data: [{ status: 'REFUNDED', merchantRefundId: 'rf-1', paymentId, amount: { amount: 500 } }],
      },
    });
  });

  test.each([
    ['no refund id', { merchantRefundId: undefined }, 400, 'MISSING_REQUEST_PARAMS'],
    ['no time', { requestedAt: undefined }, 400, 'MISSING_REQUEST_PARAMS'],
    ['an empty payment id', { paymentId: '' }, 400, 'INVALID_REQUEST_PARAMS'],
    ['an unknown payment', { paymentId: '04000' }, 404, 'RESOURCE_NOT_FOUND'],
    ['the merchant payment id', { paymentId: 'inv-1' }, 500, 'INTERNAL_SERVER_ERROR'],
    ['too much', { amount: { amount: 1201, currency: 'JPY' } }, 400, 'INVALID_PARAMS'],
  ])('are refused for %s', async (_, more, status, code) => {
    const paymentId = await payCode('inv-1');
    expect(await api('POST', '/v2/refunds', refundBody(paymentId, more))).toMatchObject({ status, code });
    expect(sandbox.ledger()[0]?.refunds).toEqual([]);
  });

  test('are found by their id alone or with the matching paymentId, but not with another', async () => {
    const paymentId = await payCode('inv-1');
    await api('POST', '/v2/refunds', refundBody(paymentId));
    expect((await api('GET', '/v2/refunds/rf-1')).status).toBe(200);
    expect((await api('GET', `/v2/refunds/rf-1?paymentId=${paymentId}`)).status).toBe(200);
    const other = await api('GET', '/v2/refunds/rf-1?paymentId=04000');
    expect(other).toMatchObject({ status: 404, code: 'NO_SUCH_REFUND_ORDER', codeId: '00200018' });
  });
});

describe('authentication', () => {
  const UNAUTHORIZED = { status: 401, code: 'UNAUTHORIZED', codeId: '08100016' };

  test.each([
    ['a wrong secret', { secret: 'wrong' }],
    ['an old epoch', { epochSeconds: Math.floor(Date.now() / 1000) - 200 }],
    [
      'a content type that was not signed',
      { headers: { 'content-type': 'application/json; charset=utf-8' } },
    ],
    ['no header', { headers: { authorization: '' } }],
  ])('refuses %s', async (_, options) => {
    expect(await call(sandbox.url, 'POST', '/v2/codes', makeCodeBody('inv-1'), options)).toMatchObject(
      UNAUTHORIZED,
    );
    expect(sandbox.ledger()).toEqual([]);
  });

  test('comes before routing, so that unauthenticated callers cannot discover routes', async () => {
    expect(await send(`${sandbox.url}/v2/nothing`, 'GET', '', {})).toMatchObject(UNAUTHORIZED);
  });

  test('does not depend on the moved clock of the sandbox', async () => {
    sandbox.clock.advance(86_400_000);
    expect((await api('GET', '/v2/codes/payments/nobody')).code).toBe('DYNAMIC_QR_PAYMENT_NOT_FOUND');
  });

  test('accepts a key that is added later', async () => {
    const options = { secret: 'later' };
    expect(await call(sandbox.url, 'GET', '/v2/refunds/x', undefined, options)).toMatchObject(UNAUTHORIZED);
    sandbox.addCredential({ apiKey: API_KEY, apiSecret: 'later', merchantId: 'm-2' });
    expect((await call(sandbox.url, 'POST', '/v2/codes', makeCodeBody('inv-1'), options)).status).toBe(201);
    expect(sandbox.ledger()).toMatchObject([{ merchantId: 'm-2' }]);
  });
});

describe("accepts what PayPay's SDKs send", () => {
  test.each(['application/json', 'application/json;charset=UTF-8', 'application/json;charset=UTF-8;'])(
    'a body as %s',
    async (contentType) => {
      const reply = await call(sandbox.url, 'POST', '/v2/codes', makeCodeBody('inv-1'), { contentType });
      expect(reply.status).toBe(201);
    },
  );

  test.each(['application/json;charset=UTF-8', 'empty'])(
    'GET with the content type %s and no body',
    async (type) => {
      const headers = { 'content-type': type };
      const reply = await call(sandbox.url, 'GET', '/v2/codes/payments/inv-1', undefined, { headers });
      expect(reply.code).toBe('DYNAMIC_QR_PAYMENT_NOT_FOUND');
    },
  );

  test('escaped and spaced JSON', async () => {
    const rawBody = String.raw`{"merchantPaymentId": "inv-1", "amount": {"amount": 1200, "currency": "JPY"}, "codeType": "ORDER_QR", "orderDescription": "\u62b9\u8336 \/"}`;
    const reply = await call(sandbox.url, 'POST', '/v2/codes', undefined, { rawBody });
    expect(reply.data).toMatchObject({ orderDescription: '抹茶 /' });
  });

  test('a signed {} when deleting a code', async () => {
    const { codeId } = await createCode(sandbox.url, 'inv-1');
    const reply = await call(sandbox.url, 'DELETE', `/v2/codes/${codeId}`, {});
    expect(reply.data).toEqual({ qrStatus: 'DELETED' });
  });

  test('a trailing slash after /v2/refunds, also in the signed path', async () => {
    expect(await api('POST', '/v2/refunds/', {})).toMatchObject({
      status: 400,
      code: 'MISSING_REQUEST_PARAMS',
    });
  });

  test('a query, which is not part of the signature', async () => {
    const reply = await api('POST', '/v2/payments?agreeSimilarTransaction=true', makeCodeBody('inv-1'));
    expect(reply).toMatchObject({ status: 401, code: 'OP_OUT_OF_SCOPE', codeId: '08100023' });
  });

  test('an empty X-ASSUME-MERCHANT, which counts as absent, and a query that overrides the header', async () => {
    const createAs = (id: string, path: string, merchant: string) =>
      call(sandbox.url, 'POST', path, makeCodeBody(id), { headers: { 'x-assume-merchant': merchant } });
    await createAs('inv-1', '/v2/codes', '');
    await createAs('inv-1', '/v2/codes', 'm-header');
    await createAs('inv-1', '/v2/codes?assumeMerchant=m-query', 'm-header');
    const merchants = sandbox.ledger().map((one) => one.merchantId);
    expect(merchants).toEqual(['600000000000000001', 'm-header', 'm-query']);
    const foreign = await call(sandbox.url, 'GET', '/v2/codes/payments/inv-1?assumeMerchant=m-other');
    expect(foreign.code).toBe('DYNAMIC_QR_PAYMENT_NOT_FOUND');
  });
});

describe('other routes return the envelope', () => {
  test.each([
    ['POST', '/v2/payments', 401, 'OP_OUT_OF_SCOPE'],
    ['POST', '/v2/payments/capture', 401, 'OP_OUT_OF_SCOPE'],
    ['POST', '/v2/payments/reauthorize', 401, 'OP_OUT_OF_SCOPE'],
    ['POST', '/v2/payments/preauthorize/revert', 401, 'OP_OUT_OF_SCOPE'],
    ['GET', '/v1/requestOrder/x', 401, 'OP_OUT_OF_SCOPE'],
    ['GET', '/v4/paymentMethods', 401, 'OP_OUT_OF_SCOPE'],
    ['GET', '/v2/payments/inv-1', 404, 'RESOURCE_NOT_FOUND'],
    ['GET', '/v2/codes', 404, 'RESOURCE_NOT_FOUND'],
    ['GET', '/v2/nothing', 404, 'RESOURCE_NOT_FOUND'],
    ['GET', '/nothing', 404, 'RESOURCE_NOT_FOUND'],
    ['GET', '/v2/codes/payments/%E3%81%82', 400, 'DYNAMIC_QR_BAD_REQUEST'],
    ['GET', '/v2/codes/payments/%E0%A4%A', 400, 'DYNAMIC_QR_BAD_REQUEST'],
    ['DELETE', '/v2/codes/inv-1', 400, 'DYNAMIC_QR_BAD_REQUEST'],
    ['DELETE', '/v2/payments/a%20b', 400, 'INVALID_REQUEST_PARAMS'],
  ])('%s %s: %i %s', async (method, path, status, code) => {
    const reply = await api(method, path);
    expect(reply).toMatchObject({ status, code });
    expect(reply.headers['x-request-id']).toMatch(/^OPA/);
    expect(JSON.parse(reply.text).resultInfo.message).toMatch(/ \| \[OPA[0-9A-F]{32}\]$/);
  });

  test('a body of more than a megabyte is refused', async () => {
    const body = { ...makeCodeBody('inv-1'), orderDescription: 'x'.repeat(1_100_000) };
    expect(await api('POST', '/v2/codes', body)).toMatchObject({
      status: 400,
      code: 'INVALID_REQUEST_PARAMS',
    });
  });
});
