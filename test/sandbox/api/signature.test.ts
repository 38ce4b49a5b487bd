/** The signature check against vectors that PayPay published, and against vectors of this project. */

import { describe, expect, test } from 'vitest';
import { authenticate, computeBodyHash, computeMac } from '../../../src/sandbox/api/signature.ts';

const FAQ_BODY = Buffer.from(
  'ewogICAgIm1lcmNoYW50UGF5bWVudElkIjogIlRFU1RfUVJfUGF5bWVudCIsCiAgICAiYW1vdW50IjogewogICAgICAgICJhbW91bnQiOjEwLAogICAgICAgICJjdXJyZW5jeSI6ICJKUFkiCiAgICB9LAogICAgImNvZGVUeXBlIjogIk9SREVSX1FSIiwKICAgICJpc0F1dGhvcml6YXRpb24iOmZhbHNlLAogICAgInJlZGlyZWN0VXJsIjoiaHR0cHM6Ly9hYm91dC5wYXlwYXkubmUuanAvIiwKICAgICJyZWRpcmVjdFR5cGUiOiJXRUJfTElOSyIKfQ==',
  'base64',
);
const PAGE_BODY = Buffer.from(
  '{"sampleRequestBodyKey1":"sampleRequestBodyValue1","sampleRequestBodyKey2":"sampleRequestBodyValue2"}',
);
const OWN_BODY = Buffer.from(
  '{"merchantPaymentId":"inv-0001","amount":{"amount":1200,"currency":"JPY"},"codeType":"ORDER_QR","orderDescription":"抹茶ラテ","requestedAt":1767225600}',
);
const NOTHING = Buffer.alloc(0);

describe('published vectors', () => {
  test('PayPay FAQ, POST /v2/codes', () => {
    expect(computeBodyHash('application/json', FAQ_BODY)).toBe('T9wzkv1tUWIxzIHQUT7iDQ==');
    const mac = computeMac('sample_secret', {
      path: '/v2/codes',
      method: 'POST',
      nonce: 'fedaa4',
      epoch: '1743138611',
      contentType: 'application/json',
      body: FAQ_BODY,
    });
    expect(mac).toBe('C2a7jD7OjL1DXnZhSYQfRI2Oxfdh43htV7pG8cwgCy4=');
  });

  // The FAQ gives the path /v2/codes/payments/… but a signature for /v2/payments/…, which is a mistake on that page.
  test.each([
    ['/v2/payments/TEST_merchantPaymentID', 'JbUZwAUKeQ+WDClEjkCGwYG/juFR+Dd5RK5AfL0gK9w='],
    ['/v2/codes/payments/TEST_merchantPaymentID', '4GBwHd1rzZ5CrMRieDW/jDQcvOCeVhg4bBx4iZ6Hzw0='],
  ])('PayPay FAQ, GET %s', (path, mac) => {
    const parts = {
      path,
      method: 'GET',
      nonce: 'a360e2',
      epoch: '1743139337',
      contentType: '',
      body: NOTHING,
    };
    expect(computeMac('sample_secret', parts)).toBe(mac);
  });

  test('PayPay API Authorization page, with a charset and a trailing semicolon', () => {
    const contentType = 'application/json;charset=UTF-8;';
    expect(computeBodyHash(contentType, PAGE_BODY)).toBe('1j0FnY4flNp5CtIKa7x9MQ==');
    const mac = computeMac('APIKeySecretGenerated', {
      path: '/v2/codes',
      method: 'POST',
      nonce: 'acd028',
      epoch: '1579843452',
      contentType,
      body: PAGE_BODY,
    });
    expect(mac).toBe('NW1jKIMnzR7tEhMWtcJcaef+nFVBt7jjAGcVuxHhchc=');
  });
});

const OWN_VECTORS = [
  [
    'POST',
    '/v2/codes',
    'application/json',
    OWN_BODY,
    'N7ckn36eA53Ztahl/zjxdg==',
    'W3kbuJ4tA1cnXitAiQNDM5TDroZ/a9Y56cAIhxUdS7w=',
  ],
  [
    'POST',
    '/v2/codes',
    'application/json;charset=UTF-8;',
    OWN_BODY,
    'O/Qkzepok8cb9ZD8MjCy5A==',
    'y/0g/uRxGNrg8prnNVxb3hvRrgh+XjfQ6zuIi0QYPNQ=',
  ],
  [
    'GET',
    '/v2/codes/payments/inv-0001',
    'empty',
    NOTHING,
    'empty',
    'c9WqZt8kDSKZ8gODpgBTi997aGXeyU2jxYAJkp7o550=',
  ],
  [
    'DELETE',
    '/v2/payments/inv-0001',
    'application/json;charset=UTF-8',
    NOTHING,
    'empty',
    'ZN+ieJsWT1nb9+PZ75OPbZsOQ+u6TcHrn0l0fCWnHGc=',
  ],
  ['GET', '/v2/refunds/rf-0001', undefined, NOTHING, 'empty', 'CS55300T2ihycpAMcl5SqH4g0mYyYPbeIkstl0qfsZ0='],
] as const;

describe('authenticate', () => {
  const now = 1_767_225_600_000;
  const findSecret = (apiKey: string) => (apiKey === 'demo_key' ? 'demo_secret' : undefined);
  const get = (mac: string, epoch = '1767225600', key = 'demo_key') => ({
    authorization: `hmac OPA-Auth:${key}:${mac}:n0nce123:${epoch}:empty`,
    method: 'GET',
    target: '/v2/codes/payments/inv-0001',
    contentType: undefined,
    body: NOTHING,
  });
  const rightMac = 'c9WqZt8kDSKZ8gODpgBTi997aGXeyU2jxYAJkp7o550=';

  test.each(OWN_VECTORS)('accepts %s %s signed with %s', (method, path, contentType, body, hash, mac) => {
    const authorization = `hmac OPA-Auth:demo_key:${mac}:n0nce123:1767225600:${hash}`;
    const request = { authorization, method, target: `${path}?paymentId=04123`, contentType, body };
    expect(authenticate(request, findSecret, now)).toEqual({ apiKey: 'demo_key' });
  });

  test.each([
    ['no header', { ...get(rightMac), authorization: undefined }],
    ['another scheme', { ...get(rightMac), authorization: 'Bearer abc' }],
    ['an unknown key', get(rightMac, '1767225600', 'other_key')],
    ['another signature', get(`A${rightMac.slice(1)}`)],
    ['a signature of another length', get('short')],
    ['another method', { ...get(rightMac), method: 'DELETE' }],
    ['another path', { ...get(rightMac), target: '/v2/codes/payments/inv-0002' }],
    ['a body that was not signed', { ...get(rightMac), body: Buffer.from('{}') }],
    ['an epoch that is not a number', get(rightMac, 'soon')],
  ])('refuses %s', (_, request) => {
    expect(authenticate(request, findSecret, now)).toHaveProperty('problem');
  });

  test('accepts an epoch that is at most two minutes off, in both directions', () => {
    const at = (offsetSeconds: number) => authenticate(get(rightMac), findSecret, now + offsetSeconds * 1000);
    expect([at(120), at(-120)]).toEqual([{ apiKey: 'demo_key' }, { apiKey: 'demo_key' }]);
    expect(at(121)).toHaveProperty('problem');
    expect(at(-121)).toHaveProperty('problem');
  });
});
