/** The control interface: what a tester or a program can change in the sandbox over HTTP. */

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Sandbox, startSandbox } from '../../../src/sandbox/sandbox.ts';
import { API_KEY, API_SECRET, call, control, createCode, send } from '../support/paypay-client.ts';

let sandbox: Sandbox;
const get = (path: string) => control(sandbox.url, 'GET', path);
const post = (path: string, body?: unknown) => control(sandbox.url, 'POST', path, body);

beforeEach(async () => {
  const credentials = [{ apiKey: API_KEY, apiSecret: API_SECRET }];
  sandbox = await startSandbox({ credentials, webhookMode: 'manual' });
});

afterEach(() => sandbox.close());

describe('POST /_control/pay and /_control/decline', () => {
  test('pay by the content of the QR code', async () => {
    const { url } = await createCode(sandbox.url, 'inv-1');
    const answer = await post('/pay', { qr_content: url });
    expect(answer).toMatchObject({ status: 200, json: { status: 'COMPLETED', message: 'Paid.' } });
    expect(answer.json['payment']).toMatchObject({ merchant_payment_id: 'inv-1', money_taken: 1200 });
  });

  test('pay by deeplink, by codeId and by the merchant payment id', async () => {
    const one = await createCode(sandbox.url, 'inv-1');
    const two = await createCode(sandbox.url, 'inv-2');
    await createCode(sandbox.url, 'inv-3');
    expect(await post('/pay', { qr_content: one['deeplink'] })).toMatchObject({ status: 200 });
    expect(await post('/pay', { qr_content: two.codeId })).toMatchObject({ status: 200 });
    expect(await post('/pay', { merchant_payment_id: 'inv-3' })).toMatchObject({ status: 200 });
    expect(sandbox.ledger().map((payment) => payment.status)).toEqual([
      'COMPLETED',
      'COMPLETED',
      'COMPLETED',
    ]);
  });

  test('decline fails the payment', async () => {
    const { url } = await createCode(sandbox.url, 'inv-1');
    expect(await post('/decline', { qr_content: url })).toMatchObject({
      status: 200,
      json: { status: 'FAILED' },
    });
  });

  test('a cancelled payment is paid and immediately returned', async () => {
    const { url } = await createCode(sandbox.url, 'inv-1');
    await call(sandbox.url, 'DELETE', '/v2/payments/inv-1');
    const answer = await post('/pay', { qr_content: url });
    expect(answer.json).toMatchObject({
      status: 'FAILED',
      message: expect.stringContaining('immediately returned'),
    });
  });

  test('force pays a deleted code, and seconds_from_expiry pays before or after the expiry', async () => {
    const { codeId } = await createCode(sandbox.url, 'inv-1');
    await createCode(sandbox.url, 'inv-2');
    await call(sandbox.url, 'DELETE', `/v2/codes/${codeId}`);
    expect(await post('/pay', { qr_content: codeId })).toMatchObject({
      status: 409,
      json: { error: 'code_deleted' },
    });
    expect(await post('/pay', { qr_content: codeId, force: true })).toMatchObject({ status: 200 });
    const late = { merchant_payment_id: 'inv-2', seconds_from_expiry: 1 };
    expect(await post('/pay', late)).toMatchObject({ status: 409, json: { error: 'code_expired' } });
    expect(await post('/pay', { ...late, seconds_from_expiry: -1 })).toMatchObject({ status: 200 });
  });

  test('twice: the message says that the second payment is refused', async () => {
    const { url } = await createCode(sandbox.url, 'inv-1');
    const answer = await post('/pay', { qr_content: url, twice: true });
    expect(answer.json['message']).toMatch(/^Second time: The code has already been paid/);
    expect(sandbox.ledger()).toMatchObject([{ moneyTaken: 1200 }]);
  });

  test.each([
    [{}, 400, 'invalid_request', /either qr_content/],
    [{ qr_content: 'x', merchant_payment_id: 'y' }, 400, 'invalid_request', /either qr_content/],
    [{ qr_content: 7 }, 400, 'invalid_request', /qr_content must be a string/],
    [{ qr_content: 'https://elsewhere.example/' }, 404, 'code_not_found', /Send the complete url of a code/],
    [{ merchant_payment_id: 'nobody' }, 404, 'code_not_found', /No code was created/],
    [{ merchant_payment_id: 'shared' }, 409, 'ambiguous', /merchant_id/],
    [{ merchant_payment_id: 'shared', force: 'perhaps' }, 400, 'invalid_request', /true or false/],
  ])('%j answers %i %s', async (body, status, error, message) => {
    await createCode(sandbox.url, 'shared');
    await call(sandbox.url, 'POST', '/v2/codes?assumeMerchant=m-2', {
      merchantPaymentId: 'shared',
      amount: { amount: 1, currency: 'JPY' },
      codeType: 'ORDER_QR',
    });
    const answer = await post('/pay', body);
    expect(answer).toMatchObject({ status, json: { error, message: expect.stringMatching(message) } });
  });

  test('merchant_id selects the merchant when two used the same id', async () => {
    await createCode(sandbox.url, 'shared');
    const answer = await post('/pay', { merchant_payment_id: 'shared', merchant_id: '600000000000000001' });
    expect(answer.status).toBe(200);
  });

  test.each([
    ['JSON that curl declares as a form', (url: string) => JSON.stringify({ qr_content: url })],
    ['a form', (url: string) => `qr_content=${encodeURIComponent(url)}`],
  ])('accepts %s', async (_, makeBody) => {
    const { url } = await createCode(sandbox.url, 'inv-1');
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const answer = await send(`${sandbox.url}/_control/pay`, 'POST', makeBody(url), headers);
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.text)).toMatchObject({ status: 'COMPLETED' });
  });

  test.each(['{', '[]', '7'])('refuses the body %s with a message', async (body) => {
    const answer = await send(`${sandbox.url}/_control/pay`, 'POST', body, {
      'content-type': 'application/json',
    });
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.text).message).toMatch(/JSON/);
  });
});

test('GET /_control/payments lists the ledger with refunds', async () => {
  await createCode(sandbox.url, 'inv-1');
  await createCode(sandbox.url, 'inv-2');
  expect((await get('/payments')).json['payments']).toHaveLength(2);
  expect((await get('/payments?merchant_payment_id=inv-2')).json['payments']).toMatchObject([
    { merchant_payment_id: 'inv-2', status: 'CREATED', refunds: [], is_cancelled: false, money_taken: 0 },
  ]);
});

test('GET /_control/calls lists the API calls', async () => {
  await createCode(sandbox.url, 'inv-1');
  expect((await get('/calls')).json['calls']).toMatchObject([{ operation: 'createCode', http_status: 201 }]);
});

describe('/_control/faults', () => {
  test('sets, lists and removes faults', async () => {
    const fault = { operation: 'paymentDetails', kind: 'slow', times: 3, delay_ms: 50, when: 'after' };
    const set = await post('/faults', fault);
    expect(set).toMatchObject({ status: 200, json: { faults: [{ id: 'fault_1', ...fault }] } });
    expect(sandbox.faults.list()).toMatchObject([{ delayMs: 50, times: 3 }]);
    expect(await control(sandbox.url, 'DELETE', '/faults/fault_9')).toMatchObject({ status: 404 });
    expect(await control(sandbox.url, 'DELETE', '/faults/fault_1')).toMatchObject({ json: { faults: [] } });
    await post('/faults', { operation: 'any', kind: 'error', probability: 0.2 });
    expect(await control(sandbox.url, 'DELETE', '/faults')).toMatchObject({
      status: 200,
      json: { faults: [] },
    });
  });

  test.each([
    [{}, /Send operation/],
    [{ operation: 'capture', kind: 'hang' }, /operation must be one of createCode/],
    [{ operation: 'any', kind: 'explode' }, /kind must be one of hang/],
    [{ operation: 'any', kind: 'hang', times: 0 }, /at least 1/],
    [{ operation: 'any', kind: 'hang', probability: 2 }, /from 0 to 1/],
    [{ operation: 'any', kind: 'refuse', result: 'NO_SUCH_CODE' }, /result codes/],
    [{ operation: 'any', kind: 'wrong_answer', wrong: 'colour' }, /wrong must be one of/],
  ])('refuses %j', async (body, message) => {
    const answer = await post('/faults', body);
    expect(answer).toMatchObject({ status: 400, json: { message: expect.stringMatching(message) } });
    expect(sandbox.faults.list()).toEqual([]);
  });
});

describe('/_control/webhooks', () => {
  test('changes the settings and does not reveal the secret', async () => {
    const url = 'http://127.0.0.1:1/hook';
    const answer = await post('/webhooks', { url, secret: 'shh', mode: 'auto', profile: 'long' });
    expect(answer.json['settings']).toEqual({ url, mode: 'auto', profile: 'long', is_signed: true });
    expect(JSON.stringify(answer.json)).not.toContain('shh');
    expect(await post('/webhooks', { url: 'ftp://x' })).toMatchObject({ status: 400 });
    await post('/webhooks', { url: null });
    expect(sandbox.webhooks.url).toBeUndefined();
  });

  test('lists, drops, duplicates and delivers webhooks', async () => {
    await createCode(sandbox.url, 'inv-1');
    await post('/pay', { merchant_payment_id: 'inv-1' });
    expect((await get('/webhooks')).json['webhooks']).toMatchObject([{ id: 'wh_1', status: 'pending' }]);
    expect((await post('/webhooks/wh_1/duplicate')).json['webhook']).toMatchObject({ id: 'wh_2' });
    expect((await post('/webhooks/wh_1/drop')).json['webhook']).toMatchObject({ status: 'dropped' });
    expect((await post('/webhooks/wh_2/deliver')).json['webhook']).toMatchObject({ id: 'wh_2' });
    expect(await post('/webhooks/wh_9/deliver')).toMatchObject({
      status: 404,
      json: { error: 'webhook_not_found' },
    });
    expect(await post('/webhooks/wh_1/sing')).toMatchObject({
      status: 404,
      json: { error: 'action_not_found' },
    });
  });

  test('forges webhooks, and sets delivery faults under their wire name', async () => {
    expect(await post('/webhooks/forge', {})).toMatchObject({ status: 400 });
    expect(await post('/webhooks/forge', { payload: { state: 'COMPLETED' } })).toMatchObject({ status: 200 });
    expect(await post('/webhooks/games', { game: 'chess' })).toMatchObject({ status: 400 });
    const answer = await post('/webhooks/games', { game: 'delay', delay_ms: 10, times: 2 });
    expect(answer.json['games']).toEqual([{ id: 'game_1', game: 'delay', delay_ms: 10, times: 2 }]);
    expect(sandbox.webhooks.deliveryFaults.list()).toMatchObject([{ kind: 'delay', delayMs: 10 }]);
    expect((await post('/webhooks/games/clear')).json['games']).toEqual([]);
  });
});

describe('/_control/clock', () => {
  test('advances the clock, sets it and resets it', async () => {
    expect((await post('/clock', { advance_seconds: 60 })).json['offset_seconds']).toBe(60);
    const moment = '2026-01-02T00:14:59+09:00';
    const set = await post('/clock', { now: moment });
    expect(Date.parse(String(set.json['now'])) - Date.parse(moment)).toBeLessThan(1_000);
    expect((await post('/clock', { reset: true })).json['offset_seconds']).toBe(0);
    expect((await get('/clock')).json['message']).toMatch(/^The sandbox's time is 2/);
  });

  test.each([{}, { now: 'noon' }, { advance_seconds: 'many' }])('refuses %j', async (body) => {
    expect(await post('/clock', body)).toMatchObject({ status: 400, json: { error: 'invalid_request' } });
  });
});

test('/_control/behaviour changes existing switches to valid values only', async () => {
  const answer = await post('/behaviour', { duplicate_code: 'replay', code_lifetime_seconds: 10 });
  expect(answer.json['behaviour']).toMatchObject({ duplicate_code: 'replay', code_lifetime_seconds: 10 });
  expect(sandbox.behaviour).toMatchObject({ duplicateCode: 'replay', codeLifetimeSeconds: 10 });
  expect(await post('/behaviour', { mood: 'good' })).toMatchObject({ status: 400 });
  expect(await post('/behaviour', { max_refunds: -1 })).toMatchObject({ status: 400 });
  expect(await post('/behaviour', { notify_failed: 'no' })).toMatchObject({ status: 400 });
  expect(await post('/behaviour', { duplicate_code: 'dance' })).toMatchObject({ status: 400 });
});

test('/_control/reset removes payments, faults and webhooks and resets the clock', async () => {
  await createCode(sandbox.url, 'inv-1');
  await sandbox.pay({ merchantPaymentId: 'inv-1' });
  sandbox.faults.add({ operation: 'any', kind: 'hang' });
  sandbox.clock.advance(1_000);
  expect((await post('/reset')).status).toBe(200);
  expect([
    sandbox.ledger(),
    sandbox.faults.list(),
    sandbox.webhooks.list(),
    sandbox.clock.offsetMs(),
  ]).toEqual([[], [], [], 0]);
});

describe("requests that a web page sends through a tester's browser", () => {
  const reset = (headers: Record<string, string>, method = 'POST') =>
    send(
      `${sandbox.url}/_control/${method === 'GET' ? 'payments' : 'reset'}`,
      method,
      method === 'GET' ? '' : '{}',
      {
        'content-type': 'application/json',
        ...headers,
      },
    );

  test.each([
    ['another site', { 'sec-fetch-site': 'cross-site' }],
    ['another port of this machine', { 'sec-fetch-site': 'same-site' }],
    ['another origin, by a browser without Sec-Fetch-Site', { origin: 'https://evil.example' }],
    ['another port, by a browser without Sec-Fetch-Site', { origin: 'http://127.0.0.1:1' }],
    ['a sandboxed frame', { origin: 'null' }],
    [
      'a DNS name that was made to resolve to this machine',
      { host: 'evil.example', origin: 'http://evil.example' },
    ],
    ['such a name, without Origin', { host: 'evil.example:8081' }],
    ['such a name that looks like a loopback address', { host: '127.0.0.1.evil.example' }],
  ])('are refused when they come from %s', async (_, headers) => {
    await createCode(sandbox.url, 'inv-1');
    for (const method of ['POST', 'GET']) {
      const answer = await reset(headers, method);
      expect([answer.status, JSON.parse(answer.text).error]).toEqual([403, 'forbidden']);
    }
    expect(sandbox.ledger()).toHaveLength(1);
  });

  test.each([
    ['programs, which send no Origin', () => ({})],
    ['its own pages', () => ({ origin: sandbox.url, 'sec-fetch-site': 'same-origin' })],
    [
      'its own pages by another loopback name',
      () => ({ host: `localhost:${sandbox.port}`, origin: `http://localhost:${sandbox.port}` }),
    ],
    ['its IPv6 address', () => ({ host: `[::1]:${sandbox.port}` })],
  ])('are accepted from %s', async (_, headers) => {
    expect((await reset(headers())).status).toBe(200);
  });

  test('are accepted by the address under which the sandbox is known', async () => {
    const named = await startSandbox({ credentials: [], publicUrl: 'https://sandbox.example' });
    const headers = {
      host: 'sandbox.example',
      origin: 'https://sandbox.example',
      'content-type': 'application/json',
    };
    expect((await send(`${named.url}/_control/reset`, 'POST', '{}', headers)).status).toBe(200);
    await named.close();
  });
});

describe('the address of webhooks', () => {
  test.each([
    'http://10.0.0.1/hook',
    'https://evil.example/',
    'http://localhost.evil.example',
    'http://127.0.0.1@evil.example/',
    'http://',
  ])('may not be %s, unless an option allows other machines', async (url) => {
    expect(await post('/webhooks', { url })).toMatchObject({
      status: 400,
      json: { error: 'invalid_request' },
    });
    expect(sandbox.webhooks.url).toBeUndefined();
  });

  test('may be on another machine when an option allows it', async () => {
    const open = await startSandbox({ credentials: [], allowRemoteWebhooks: true });
    const url = 'https://gateway.example/v1/webhooks/paypay';
    expect(await control(open.url, 'POST', '/webhooks', { url })).toMatchObject({ status: 200 });
    expect(open.webhooks.url).toBe(url);
    await open.close();
  });
});
