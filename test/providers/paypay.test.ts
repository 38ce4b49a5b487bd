import { createHash, createHmac } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import { createLog } from '../../src/lib/log.ts';
import { cancellableUntil } from '../../src/providers/paypay/codes.ts';
import { createPayPayProvider } from '../../src/providers/paypay/index.ts';
import { authorizationFor } from '../../src/providers/paypay/signature.ts';
import type { CodePayments, Provider, Refunds, Webhooks } from '../../src/providers/provider.ts';
import { createRegistry } from '../../src/providers/registry.ts';
import { reply, replyRaw, type ScriptedServer, startScriptedServer } from './scripted-server.ts';

const KEYS = { apiKey: 'the-key', apiSecret: 'the-secret' };
const ACCOUNT = { account: { merchantId: 'pp-1' } };
const CREATE = {
  ...ACCOUNT,
  attemptId: 'pa_1',
  amount: 1200,
  currency: 'JPY',
  requestedAt: new Date('2026-01-01T00:00:00Z'),
};
const CODE = {
  codeId: '04-abc',
  url: 'https://qr.example/28180104abc',
  deeplink: 'paypay://payment?link_key=x',
  expiryDate: 1_767_225_900,
  merchantPaymentId: 'pa_1',
  amount: { amount: 1200, currency: 'JPY' },
};
const PAID = {
  status: 'COMPLETED',
  paymentId: 'pp-77',
  merchantPaymentId: 'pa_1',
  acceptedAt: 1_767_225_700,
  amount: { amount: 1200, currency: 'JPY' },
};

let server: ScriptedServer;
let provider: Provider;
let codes: CodePayments;
let refunds: Refunds;
let webhooks: Webhooks;
const lines: string[] = [];

function connect(more: Partial<Parameters<typeof createPayPayProvider>[0]> = {}): Provider {
  return createPayPayProvider({
    baseUrl: server.url,
    ...KEYS,
    clock: systemClock,
    log: createLog('debug', { write: (line) => void lines.push(line) }),
    circuit: false,
    timeoutsMs: { post: 1_000, other: 1_000 },
    webhooks: { secret: 'hook', allowedIps: [] },
    ...more,
  });
}

beforeAll(async () => {
  server = await startScriptedServer();
  provider = connect();
  if (!provider.codes || !provider.refunds || !provider.webhooks) {
    throw new Error('the PayPay provider must have all capabilities');
  }
  ({ codes, refunds, webhooks } = provider);
});
afterAll(async () => {
  await provider.close?.();
  await server.close();
});
afterEach(() => {
  server.seen.length = 0;
});

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

describe('the signature', () => {
  const sample = { apiKey: 'sample_key', apiSecret: 'sample_secret' };
  const page = { apiKey: 'APIKeyGenerated', apiSecret: 'APIKeySecretGenerated' };
  const own = { apiKey: 'demo_key', apiSecret: 'demo_secret', nonce: 'n0nce123', epoch: 1_767_225_600 };
  it.each([
    [
      "of the FAQ's POST",
      {
        ...sample,
        nonce: 'fedaa4',
        epoch: 1_743_138_611,
        method: 'POST',
        path: '/v2/codes',
        content: { type: 'application/json', body: FAQ_BODY },
      },
      'C2a7jD7OjL1DXnZhSYQfRI2Oxfdh43htV7pG8cwgCy4=',
      'T9wzkv1tUWIxzIHQUT7iDQ==',
    ],
    [
      "of the FAQ's GET, for the path its mac belongs to",
      {
        ...sample,
        nonce: 'a360e2',
        epoch: 1_743_139_337,
        method: 'GET',
        path: '/v2/payments/TEST_merchantPaymentID',
        content: undefined,
      },
      'JbUZwAUKeQ+WDClEjkCGwYG/juFR+Dd5RK5AfL0gK9w=',
      'empty',
    ],
    [
      'of the API Authorization page',
      {
        ...page,
        nonce: 'acd028',
        epoch: 1_579_843_452,
        method: 'POST',
        path: '/v2/codes',
        content: { type: 'application/json;charset=UTF-8;', body: PAGE_BODY },
      },
      'NW1jKIMnzR7tEhMWtcJcaef+nFVBt7jjAGcVuxHhchc=',
      '1j0FnY4flNp5CtIKa7x9MQ==',
    ],
    [
      'of a body in Japanese',
      { ...own, method: 'POST', path: '/v2/codes', content: { type: 'application/json', body: OWN_BODY } },
      'W3kbuJ4tA1cnXitAiQNDM5TDroZ/a9Y56cAIhxUdS7w=',
      'N7ckn36eA53Ztahl/zjxdg==',
    ],
    [
      'of the same with a charset',
      {
        ...own,
        method: 'POST',
        path: '/v2/codes',
        content: { type: 'application/json;charset=UTF-8;', body: OWN_BODY },
      },
      'y/0g/uRxGNrg8prnNVxb3hvRrgh+XjfQ6zuIi0QYPNQ=',
      'O/Qkzepok8cb9ZD8MjCy5A==',
    ],
    [
      'of a GET',
      { ...own, method: 'GET', path: '/v2/codes/payments/inv-0001', content: undefined },
      'c9WqZt8kDSKZ8gODpgBTi997aGXeyU2jxYAJkp7o550=',
      'empty',
    ],
    [
      'of a DELETE',
      { ...own, method: 'DELETE', path: '/v2/payments/inv-0001', content: undefined },
      'ZN+ieJsWT1nb9+PZ75OPbZsOQ+u6TcHrn0l0fCWnHGc=',
      'empty',
    ],
    [
      'of refund details',
      { ...own, method: 'GET', path: '/v2/refunds/rf-0001', content: undefined },
      'CS55300T2ihycpAMcl5SqH4g0mYyYPbeIkstl0qfsZ0=',
      'empty',
    ],
  ])('%s matches the published value', (_, input, mac, bodyHash) => {
    expect(authorizationFor(input)).toBe(
      `hmac OPA-Auth:${input.apiKey}:${mac}:${input.nonce}:${input.epoch}:${bodyHash}`,
    );
  });

  it('covers the path without the query, and the content type and body as sent', async () => {
    server.script = reply(200, 'SUCCESS', { status: 'CREATED' });
    await codes.createCode({ ...CREATE, description: '抹茶' });
    await refunds.readRefund({ ...ACCOUNT, refundId: 're_1', providerPaymentId: 'pp 1' });
    const [post, get] = server.seen;
    if (!post || !get) {
      throw new Error('expected two calls');
    }
    const [, nonce, epoch] = /:([^:]+):(\d+):[^:]+$/.exec(post.headers.authorization ?? '') ?? [];
    const content = { type: post.headers['content-type'] ?? '', body: Buffer.from(post.body) };
    expect(post.headers.authorization).toBe(
      authorizationFor({
        ...KEYS,
        method: 'POST',
        path: '/v2/codes',
        content,
        nonce: nonce ?? '',
        epoch: Number(epoch),
      }),
    );
    expect(createHash('md5').update(content.type).update(content.body).digest('base64')).toBe(
      post.headers.authorization?.split(':').at(-1),
    );
    expect(get.url).toBe('/v2/refunds/re_1?paymentId=pp%201');
    expect(post.headers['x-assume-merchant']).toBe('pp-1');
  });
});

describe('creating a code', () => {
  it('sends the required fields and returns the code', async () => {
    server.script = reply(201, 'SUCCESS', CODE);
    expect(
      await codes.createCode({ ...CREATE, description: 'x'.repeat(300), storeId: 's', terminalId: 't' }),
    ).toEqual({
      kind: 'action_required',
      codeId: '04-abc',
      qrContent: CODE.url,
      deeplink: CODE.deeplink,
      expiresAt: new Date(CODE.expiryDate * 1000),
    });
    expect(JSON.parse(server.seen[0]?.body ?? '')).toEqual({
      merchantPaymentId: 'pa_1',
      amount: { amount: 1200, currency: 'JPY' },
      codeType: 'ORDER_QR',
      requestedAt: 1_767_225_600,
      orderDescription: 'x'.repeat(255),
      storeId: 's',
      terminalId: 't',
    });
  });

  it.each([
    ['a different amount', { amount: { amount: 1201, currency: 'JPY' } }],
    ['a different currency', { amount: { amount: 1200, currency: 'USD' } }],
    ['the id of a different payment', { merchantPaymentId: 'pa_2' }],
    ['no url', { url: undefined }],
    ['an invalid url', { url: 'qr' }],
    ['no codeId', { codeId: 4 }],
    ['no expiry', { expiryDate: 'soon' }],
    ['an expiry of 0', { expiryDate: 0 }],
  ])('a success with %s is unknown: such a code is never shown', async (_, change) => {
    server.script = reply(201, 'SUCCESS', { ...CODE, ...change });
    expect(await codes.createCode(CREATE)).toMatchObject({
      kind: 'unknown',
      reason: { code: 'unreadable_answer' },
    });
  });
});

describe('the outcome table', () => {
  const rows: [operation: string, status: number, code: string, kind: string][] = [
    ['createCode', 400, 'DUPLICATE_DYNAMIC_QR_REQUEST', 'duplicate'],
    ['createCode', 400, 'DYNAMIC_QR_BAD_REQUEST', 'declined'],
    ['createCode', 400, 'PRE_AUTH_CAPTURE_UNSUPPORTED_MERCHANT', 'declined'],
    ['createCode', 400, 'PRE_AUTH_CAPTURE_INVALID_EXPIRY_DATE', 'declined'],
    ['createCode', 400, 'INVALID_PARAMS', 'declined'],
    ['createCode', 418, 'NEW_CODE', 'declined'],
    ['createCode', 500, 'NEW_CODE', 'unknown'],
    ['createCode', 302, 'NEW_CODE', 'unknown'],
    ['createCode', 500, 'TRANSACTION_FAILED', 'declined'],
    ['createCode', 503, 'SUCCESS', 'unknown'],
    ['deleteCode', 200, 'SUCCESS', 'succeeded'],
    ['deleteCode', 404, 'DYNAMIC_QR_NOT_FOUND', 'not_found'],
    ['deleteCode', 400, 'DYNAMIC_QR_ALREADY_PAID', 'already_paid'],
    ['deleteCode', 400, 'DYNAMIC_QR_BAD_REQUEST', 'declined'],
    ['readPayment', 400, 'DYNAMIC_QR_PAYMENT_NOT_FOUND', 'not_found'],
    ['readPayment', 404, 'DYNAMIC_QR_PAYMENT_NOT_FOUND', 'not_found'],
    ['readPayment', 400, 'DYNAMIC_QR_BAD_REQUEST', 'unknown'],
    ['readPayment', 401, 'UNAUTHORIZED', 'unknown'],
    ['readPayment', 400, 'ORDER_NO_LONGER_AVAILABLE', 'unknown'],
    ['readPayment', 400, 'NEW_CODE', 'unknown'],
    ['cancelPayment', 202, 'REQUEST_ACCEPTED', 'accepted'],
    ['cancelPayment', 400, 'ORDER_NOT_REVERSIBLE', 'declined'],
    ['cancelPayment', 400, 'ORDER_NO_LONGER_AVAILABLE', 'declined'],
    ['cancelPayment', 500, 'INTERNAL_SERVER_ERROR', 'unknown'],
    ['createRefund', 400, 'UNACCEPTABLE_OP', 'declined'],
    ['createRefund', 400, 'CANCELED_USER', 'declined'],
    ['createRefund', 400, 'THROTTLED_MULTIPLE_REFUND_REJECTED', 'other_refund_pending'],
    ['createRefund', 401, 'UNAUTHORIZED', 'unavailable'],
    ['createRefund', 401, 'OP_OUT_OF_SCOPE', 'unavailable'],
    ['createRefund', 500, 'TRANSACTION_FAILED', 'unavailable'],
    ['createRefund', 400, 'REFUND_LIMIT_EXCEEDED', 'declined'],
    ['createRefund', 400, 'REFUND_WINDOW_EXCEED', 'declined'],
    ['createRefund', 401, 'USER_STATE_IS_NOT_ACTIVE', 'declined'],
    ['createRefund', 403, 'MERCHANT_MULTIPLE_REFUND_REJECTED', 'declined'],
    ['createRefund', 404, 'RESOURCE_NOT_FOUND', 'declined'],
    ['createRefund', 400, 'ORDER_NO_LONGER_AVAILABLE', 'declined'],
    ['createRefund', 401, 'UNAUTHORIZED', 'unavailable'],
    ['createRefund', 401, 'NEW_CODE', 'unavailable'],
    ['createRefund', 500, 'TRANSACTION_FAILED', 'unavailable'],
    ['readRefund', 404, 'NO_SUCH_REFUND_ORDER', 'not_found'],
    ['readRefund', 400, 'ORDER_NO_LONGER_AVAILABLE', 'not_found'],
    ['readRefund', 401, 'UNAUTHORIZED', 'unknown'],
  ];
  const common: [number, string, string][] = [
    [429, 'RATE_LIMIT', 'unavailable'],
    [503, 'MAINTENANCE_MODE', 'unavailable'],
    [500, 'SERVICE_ERROR', 'unknown'],
    [500, 'INTERNAL_SERVER_ERROR', 'unknown'],
    [502, 'ANYTHING', 'unknown'],
    [504, 'ANYTHING', 'unknown'],
  ];
  const call = (operation: string): Promise<{ kind: string }> => {
    const refund = {
      ...ACCOUNT,
      refundId: 're_1',
      providerPaymentId: 'pp',
      money: { amount: 1, currency: 'JPY' },
      requestedAt: new Date(),
    };
    switch (operation) {
      case 'createCode':
        return codes.createCode(CREATE);
      case 'deleteCode':
        return codes.deleteCode({ ...ACCOUNT, attemptId: 'pa_1', codeId: '04-a' });
      case 'readPayment':
        return codes.readPayment({ ...ACCOUNT, attemptId: 'pa_1' });
      case 'cancelPayment':
        return codes.cancelPayment({ ...ACCOUNT, attemptId: 'pa_1' });
      case 'createRefund':
        return refunds.createRefund(refund);
      default:
        return refunds.readRefund(refund);
    }
  };
  const operations = [
    'createCode',
    'deleteCode',
    'readPayment',
    'cancelPayment',
    'createRefund',
    'readRefund',
  ];
  const all = [
    ...rows,
    ...operations.flatMap((name) =>
      common.map(([status, code, kind]): (typeof rows)[0] => [name, status, code, kind]),
    ),
  ];

  it.each(all)('%s: HTTP %i %s is %s', async (operation, status, code, kind) => {
    server.script = reply(status, code);
    expect((await call(operation)).kind).toBe(kind);
  });

  it.each(operations)(
    '%s: no response, a partial response and a response without JSON are unknown',
    async (operation) => {
      server.script = () => undefined;
      expect(await call(operation)).toMatchObject({ kind: 'unknown', reason: { code: 'timeout' } });
      server.script = (response) => response.destroy();
      expect(await call(operation)).toMatchObject({ kind: 'unknown', reason: { code: 'connection_lost' } });
      server.script = (response) => {
        response.writeHead(200, { 'Content-Length': '1000' });
        response.write('{"resultInfo"');
        setImmediate(() => response.destroy());
      };
      expect(await call(operation)).toMatchObject({ kind: 'unknown' });
      for (const [status, text] of [
        [502, '<html>Bad Gateway</html>'],
        [200, '{'],
        [200, '[]'],
        [200, '{"resultInfo":7}'],
      ] as const) {
        server.script = replyRaw(status, text);
        expect(await call(operation)).toMatchObject({ kind: 'unknown' });
      }
      server.script = replyRaw(200, JSON.stringify({ resultInfo: {}, data: 'x'.repeat(2_000_000) }));
      expect((await call(operation)).kind).toBe('unknown');
    },
  );

  it('a refused connection is unavailable, because nothing can have taken effect', async () => {
    const unreachable = connect({ baseUrl: 'http://127.0.0.1:1' });
    expect(await unreachable.codes?.createCode(CREATE)).toMatchObject({
      kind: 'unavailable',
      reason: { code: 'not_reachable' },
    });
    await unreachable.close?.();
  });

  it('uses the numeric id where the code is missing, and Retry-After', async () => {
    server.script = reply(400, '', null, {}, '01652073');
    expect((await codes.createCode(CREATE)).kind).toBe('duplicate');
    server.script = reply(429, 'RATE_LIMIT', null, { 'Retry-After': '7' });
    expect(await codes.createCode(CREATE)).toMatchObject({ kind: 'unavailable', retryAfterMs: 7_000 });
  });
});

describe('reading a payment', () => {
  const read = async (data: unknown) => {
    server.script = reply(200, 'SUCCESS', data);
    return codes.readPayment({ ...ACCOUNT, attemptId: 'pa_1' });
  };
  const refund = (amount: number, status = 'REFUNDED') => ({
    data: [{ status, amount: { amount, currency: 'JPY' } }],
  });

  it.each([
    ['CREATED', { status: 'CREATED', acceptedAt: 0, requestedAt: 0 }, 'pending'],
    ['AUTHORIZED', { ...PAID, status: 'AUTHORIZED' }, 'pending'],
    ['COMPLETED', PAID, 'succeeded'],
    ['FAILED', { ...PAID, status: 'FAILED' }, 'failed'],
    ['CANCELED', { status: 'CANCELED' }, 'failed'],
    ['EXPIRED', { status: 'EXPIRED' }, 'failed'],
    ['REFUNDED in full', { ...PAID, status: 'REFUNDED', refunds: refund(1200) }, 'returned'],
    ['REFUNDED without a list', { ...PAID, status: 'REFUNDED' }, 'returned'],
    ['REFUNDED in part', { ...PAID, status: 'REFUNDED', refunds: refund(200) }, 'succeeded'],
    ['a new status', { ...PAID, status: 'PONDERING' }, 'unknown'],
    ['nothing', null, 'unknown'],
  ])('%s', async (_, data, kind) => {
    expect((await read(data)).kind).toBe(kind);
  });

  it('returns the amount, the time of the payment and the refunded amount', async () => {
    expect(await read({ ...PAID, refunds: refund(300, 'CREATED') })).toEqual({
      kind: 'succeeded',
      providerPaymentId: 'pp-77',
      answeredAt: expect.any(Date),
      money: { amount: 1200, currency: 'JPY' },
      paidAt: new Date(PAID.acceptedAt * 1000),
      refundedAmount: 300,
      refunds: [expect.objectContaining({ status: 'pending', money: { amount: 300, currency: 'JPY' } })],
    });
  });

  it('keeps refunds apart whose ids cannot be read, and recognises each when it is read again', async () => {
    const [first, second, third] = [
      { merchantRefundId: 'console-1', acceptedAt: 1_768_446_000 },
      { acceptedAt: 1_768_446_001 },
      { merchantRefundId: {}, acceptedAt: 1_768_446_002 },
    ].map((fields) => ({ status: 'REFUNDED', amount: { amount: 100, currency: 'JPY' }, ...fields }));
    const idsOf = async (...data: unknown[]) => {
      const observation = await read({ ...PAID, refunds: { data } });
      return observation.kind === 'succeeded' && observation.refunds.map(({ refundId }) => refundId);
    };
    const ids = ['console-1', 'unreadable_100_1768446001', 'unreadable_100_1768446002'];
    expect(await idsOf(first, second, third)).toEqual(ids);
    expect(await idsOf(third, second, first)).toEqual(ids.toReversed());
  });

  it('never accepts a payment without its id, amount and time', async () => {
    for (const change of [
      { paymentId: undefined },
      { paymentId: 4 },
      { amount: undefined },
      { amount: { amount: '1200', currency: 'JPY' } },
      { amount: { amount: -1, currency: 'JPY' } },
      { acceptedAt: 0 },
      { acceptedAt: 'now' },
      { merchantPaymentId: 'pa_2' },
      { merchantPaymentId: undefined },
    ]) {
      expect((await read({ ...PAID, ...change })).kind, JSON.stringify(change)).toBe('unknown');
    }
    await fc.assert(
      fc.asyncProperty(fc.anything({ maxDepth: 3 }), async (data) => {
        expect((await read(JSON.parse(JSON.stringify(data) ?? 'null'))).kind).not.toBe('succeeded');
      }),
      { numRuns: 200 },
    );
  });
});

describe('refunds and cancel', () => {
  it('CREATED is pending, REFUNDED is succeeded, anything else is unknown', async () => {
    const request = {
      ...ACCOUNT,
      refundId: 're_1',
      providerPaymentId: 'pp',
      money: { amount: 5, currency: 'JPY' },
      requestedAt: new Date(0),
    };
    for (const [status, kind] of [
      ['CREATED', 'pending'],
      ['REFUNDED', 'succeeded'],
      ['LOST', 'unknown'],
    ]) {
      server.script = reply(201, 'SUCCESS', { status });
      expect((await refunds.createRefund(request)).kind).toBe(kind);
      expect((await refunds.readRefund(request)).kind).toBe(kind);
    }
    expect(JSON.parse(server.seen[0]?.body ?? '')).toEqual({
      merchantRefundId: 're_1',
      paymentId: 'pp',
      amount: { amount: 5, currency: 'JPY' },
      requestedAt: 0,
    });
  });

  it.each([
    ['2026-01-15T03:00:00Z', '2026-01-15T15:14:00Z'],
    ['2026-01-15T14:59:59Z', '2026-01-15T15:14:00Z'],
    ['2026-01-15T15:00:00Z', '2026-01-16T15:14:00Z'],
    ['2026-12-31T14:59:00Z', '2026-12-31T15:14:00Z'],
  ])('a payment taken at %s can be cancelled until %s, a minute before 00:15 JST', (paidAt, until) => {
    expect(cancellableUntil(new Date(paidAt))).toEqual(new Date(until));
  });
});

describe('the client', () => {
  it('reuses connections, encodes path parameters, and logs no secrets', async () => {
    server.script = reply(200, 'SUCCESS', { status: 'CREATED' });
    await codes.readPayment({ ...ACCOUNT, attemptId: 'a/b?c' });
    await codes.readPayment({ ...ACCOUNT, attemptId: 'pa_1' });
    expect(server.seen[0]?.url).toBe('/v2/codes/payments/a%2Fb%3Fc');
    for (let index = 0; index < 8; index += 1) {
      await codes.readPayment({ ...ACCOUNT, attemptId: 'pa_1' });
    }
    expect(new Set(server.seen.map(({ peerPort }) => peerPort)).size).toBeLessThanOrEqual(3);
    const log = lines.join('');
    expect(log).toContain('OPA123');
    for (const secret of ['the-secret', 'OPA-Auth', 'secret words', 'orderDescription']) {
      expect(log).not.toContain(secret);
    }
  });

  it('opens the circuit after consecutive failures, fails fast, and closes it again', async () => {
    const guarded = connect({ circuit: { failures: 3, openMs: 50 } });
    const read = () => guarded.codes?.readPayment({ ...ACCOUNT, attemptId: 'pa_1' });
    server.script = reply(500, 'INTERNAL_SERVER_ERROR');
    for (let index = 0; index < 3; index += 1) {
      expect((await read())?.kind).toBe('unknown');
    }
    const asked = server.seen.length;
    expect(await read()).toMatchObject({ kind: 'unavailable' });
    expect(server.seen.length).toBe(asked);
    server.script = reply(200, 'SUCCESS', { status: 'CREATED' });
    await expect.poll(async () => (await read())?.kind).toBe('pending');
    await guarded.close?.();
  });
});

describe('webhooks', () => {
  const body = Buffer.from(
    '{"notification_type":"Transaction","order_id":"04900","merchant_order_id":"pa_1","state":"COMPLETED"}',
  );
  const proof = createHmac('sha256', 'hook').update(body).digest('hex');
  const from = (peerAddress: string | undefined, headers: Record<string, string | string[]> = {}) => ({
    body,
    headers,
    peerAddress,
  });

  it('are authentic with a valid signature in upper or lower case, and with no other', () => {
    for (const signature of [proof, proof.toUpperCase()]) {
      expect(webhooks.isAuthentic(from('1.2.3.4', { 'x-paypay-signature': signature }))).toBe(true);
    }
    for (const signature of ['', proof.slice(1), `${proof}0`, [proof], 'zz'.repeat(32)]) {
      const message = from('1.2.3.4', { 'x-paypay-signature': signature });
      expect([webhooks.isAuthentic(message), webhooks.hasSignature(message)]).toEqual([
        false,
        signature !== '',
      ]);
    }
    expect(
      webhooks.isAuthentic({ ...from(undefined, { 'x-paypay-signature': proof }), body: Buffer.from('{}') }),
    ).toBe(false);
    expect(webhooks.hasSignature(from('1.2.3.4'))).toBe(false);
  });

  it('are authentic from an allowed address, IPv4-mapped IPv6 included', () => {
    const listed = connect({
      webhooks: { secret: undefined, allowedIps: ['203.0.113.7', '198.51.100.0/24', '2001:db8::/32'] },
    }).webhooks;
    for (const peer of ['203.0.113.7', '::ffff:203.0.113.7', '198.51.100.255', '2001:db8::1']) {
      expect(listed?.isAuthentic(from(peer))).toBe(true);
    }
    for (const peer of ['203.0.113.8', '198.51.101.0', '2001:db9::1', 'nonsense', undefined]) {
      expect(listed?.isAuthentic(from(peer))).toBe(false);
    }
  });

  it.each([
    ['::ffff:10.0.0.0/104', ['10.1.2.3', '::ffff:10.1.2.3'], ['11.1.2.3', '::ffff:11.1.2.3', '::a01:203']],
    ['::ffff:10.1.2.3', ['10.1.2.3', '::ffff:10.1.2.3'], ['10.1.2.4']],
    ['::ffff:a01:203/128', ['10.1.2.3', '::ffff:a01:203'], ['10.1.2.2']],
    ['::ffff:0:0/96', ['10.1.2.3', '::ffff:1.1.1.1'], ['2001:db8::1']],
    ['10.0.0.0/8', ['10.1.2.3', '::ffff:10.1.2.3'], ['11.1.2.3', '2001:db8::1']],
  ])('are authentic from an allowed range in whatever form it is written: %s', (range, inside, outside) => {
    const listed = connect({ webhooks: { secret: undefined, allowedIps: [range] } }).webhooks;
    const areAuthentic = (peers: string[]) => peers.map((peer) => listed?.isAuthentic(from(peer)));
    expect(areAuthentic(inside)).toEqual(inside.map(() => true));
    expect(areAuthentic(outside)).toEqual(outside.map(() => false));
  });

  it('have the same dedupeKey if payment and state are the same', () => {
    const spelled = Buffer.from(
      '{"state":"COMPLETED", "order_id":"04900","order_amount":1200,"merchant_order_id":"pa_1","notification_type":"Transaction"}',
    );
    const failed = Buffer.from(body.toString().replace('COMPLETED', 'FAILED'));
    expect(webhooks.translate(body)).toMatchObject({
      type: 'Transaction',
      attemptId: 'pa_1',
      providerPaymentId: '04900',
    });
    expect(webhooks.translate(spelled).dedupeKey).toBe(webhooks.translate(body).dedupeKey);
    expect(webhooks.translate(failed).dedupeKey).not.toBe(webhooks.translate(body).dedupeKey);
  });

  it('of other types are deduplicated by notification_id', () => {
    const file = (id: string) =>
      Buffer.from(
        JSON.stringify({ notification_type: 'file.created', notification_id: id, path: 'https://x' }),
      );
    expect(webhooks.translate(file('n1')).dedupeKey).not.toBe(webhooks.translate(file('n2')).dedupeKey);
    expect(webhooks.translate(file('n1')).type).toBe('file.created');
  });

  it('never make translate throw, whatever the body', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array().map(Buffer.from),
          fc.anything().map((value) =>
            Buffer.from(
              JSON.stringify({
                notification_type: 'Transaction',
                order_id: value,
                merchant_order_id: value,
                state: value,
              }) ?? '',
            ),
          ),
        ),
        (bytes) => {
          const { type, dedupeKey, attemptId = '' } = webhooks.translate(bytes as Buffer);
          expect([type.length <= 64, dedupeKey.length, attemptId.length <= 64]).toEqual([true, 64, true]);
        },
      ),
    );
  });
});

describe('the registry', () => {
  it('finds providers by name and rejects duplicate names', () => {
    expect(createRegistry([provider]).find('PAYPAY')).toBe(provider);
    expect(createRegistry([provider]).find('STRIPE')).toBeUndefined();
    expect(() => createRegistry([provider, provider])).toThrow('same name');
  });
});
