import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBodyBudget } from '../../../src/http/admission/body.ts';
import { authorizationHeader } from '../../../src/lib/signing.ts';
import { eventually } from '../../support/eventually.ts';
import { startTestGateway, type TestGateway } from '../../support/gateway.ts';
import { sendBytes } from '../../support/raw-http.ts';

const NOW = () => Math.floor(Date.now() / 1000);

describe('a caller who is not known', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startTestGateway();
  });
  afterAll(() => gateway.close());

  /** The status of a request whose body is announced but never sent. */
  async function statusBeforeBody(path: string, bytes: number, authorization?: string): Promise<string> {
    const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1');
    const header = authorization === undefined ? '' : `Authorization: ${authorization}\r\n`;
    socket.write(`POST ${path} HTTP/1.1\r\nHost: a\r\n${header}Content-Length: ${bytes}\r\n\r\n{`);
    try {
      for await (const chunk of socket) {
        return String(chunk).slice(9, 12);
      }
      return 'closed';
    } finally {
      socket.destroy();
    }
  }

  it.each([
    ['without a header', '/v1/sync/merchants', undefined, '401'],
    ['with a header of another form', '/v1/sync/merchants', 'Bearer x', '401'],
    ['with an unknown key', '/v1/sync/merchants', `HMAC-SHA256 ak_x:${NOW()}:${'0'.repeat(64)}`, '401'],
    ['for an operation of the payer', '/v1/payment_intents/pi_1/confirm', undefined, '413'],
    ['for the payment page', '/pay/pi_1/confirm', undefined, '413'],
    ['for the webhooks of a provider', '/v1/webhooks/paypay', undefined, '413'],
    ['for an operation without a credential', '/v1/auth/explain', undefined, '413'],
    ['for a route that does not exist', '/v1/nowhere', undefined, '404'],
  ])('is answered before a body of more than 16 KB is read: %s', async (_, path, authorization, expected) => {
    expect(await statusBeforeBody(path, 16_385, authorization)).toBe(expected);
  });

  it('is answered before the body is read if the key lacks the scope or the timestamp is too old', async () => {
    const { apiKey } = await gateway.newMerchant();
    const header = (seconds: number) => `HMAC-SHA256 ${apiKey}:${seconds}:${'0'.repeat(64)}`;
    expect(await statusBeforeBody('/v1/sync/merchants', 16_385, header(NOW()))).toBe('403');
    expect(await statusBeforeBody('/v1/payment_intents', 16_385, header(NOW() - 400))).toBe('401');
  });

  it('cannot make the gateway parse JSON: a wrong signature is refused before the body is parsed', async () => {
    const { apiKey } = await gateway.newMerchant();
    const { status, body } = await gateway.request('POST', '/v1/payment_intents', {
      as: { apiKey, secretKey: 'wrong' },
      body: 'not JSON',
    });
    expect([status, body.details.reason]).toEqual([401, 'signature_mismatch']);
  });
});

describe('a body that nothing reads', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startTestGateway();
  });
  afterAll(() => gateway.close());

  /** What is received until the first response is whole. */
  async function answerTo(method: string, path: string, headers: string, body = ''): Promise<string> {
    const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1');
    socket.write(`${method} ${path} HTTP/1.1\r\nHost: a\r\n${headers}\r\n\r\n${body}`);
    let received = '';
    try {
      for await (const chunk of socket) {
        received += chunk;
        if (/^HTTP\/1.1 [2-5].*\r\n\r\n/ms.test(received)) {
          break;
        }
      }
      return received;
    } finally {
      socket.destroy();
    }
  }

  /** Status and connection of a response without an interim one before it. */
  function summaryOf(response: string): string {
    return `${response.slice(9, 12)} ${/\r\nConnection: ([\w-]+)\r\n/.exec(response)?.[1]}`;
  }

  const PREFLIGHT = 'Origin: https://a.example\r\nAccess-Control-Request-Method: POST\r\n';
  it.each([
    ['of the documentation', 'POST', '/docs', '', 405],
    ['of a reader of the contract', 'GET', '/openapi.json', '', 200],
    ['of a preflight', 'OPTIONS', '/v1/payment_intents/pi_1/confirm', PREFLIGHT, 204],
    ['of an unknown route', 'POST', '/nowhere', '', 404],
  ])('costs 16 KB at most, then the connection: %s', async (_, method, path, headers, status) => {
    const large = await answerTo(method, path, `${headers}Content-Length: 16385`, '{');
    const small = await answerTo(method, path, `${headers}Content-Length: 2`, '{}');
    expect([summaryOf(large), summaryOf(small)]).toEqual([`${status} close`, `${status} keep-alive`]);
  });

  it('is not asked for with 100 Continue', async () => {
    const expecting = 'Expect: 100-continue\r\nContent-Length: 1000';
    const refused = await answerTo('POST', '/v1/payment_intents', expecting);
    expect(summaryOf(refused)).toBe('401 close');
    const read = await answerTo('POST', '/v1/webhooks/paypay', expecting, ' '.repeat(1000));
    expect(read).toMatch(/^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 401 /);
  });
});

describe('larger bodies in memory', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startTestGateway();
  });
  afterAll(() => gateway.close());

  const port = () => Number(new URL(gateway.url).port);
  const synced = () => gateway.logLines.filter((line) => line.includes('"operationId":"syncMerchants"'));

  it('are limited per process and per API key until their requests have ended', () => {
    const budget = createBodyBudget({ processBytes: 100, keyBytes: 60 });
    budget.reserve('a', 60);
    expect(() => budget.reserve('a', 1)).toThrow('try again shortly');
    budget.reserve('b', 40);
    expect(() => budget.reserve('c', 1)).toThrow('try again shortly');
    budget.release('a', 60);
    budget.reserve('c', 60);
    expect(() => budget.reserve('a', 1)).toThrow('try again shortly');
  });

  it('are not counted for a client that has gone, even before its key was looked up', async () => {
    const key = await gateway.newSyncKey();
    const authorization = `HMAC-SHA256 ${key.apiKey}:${NOW()}:${'0'.repeat(64)}`;
    const head = `POST /v1/sync/merchants HTTP/1.1\r\nHost: a\r\nAuthorization: ${authorization}\r\nContent-Length: 16000000\r\n\r\n{`;
    // The second waits behind another response, which never closes.
    for (const request of [head, `GET /ready HTTP/1.1\r\nHost: a\r\n\r\n${head}`, head, head]) {
      const before = synced().length;
      const socket = connect(port(), '127.0.0.1', () => {
        socket.write(request, () => socket.resetAndDestroy());
      });
      socket.on('error', () => undefined);
      await eventually(() => expect(synced().length).toBeGreaterThan(before));
    }
    expect(gateway.logLines.filter((line) => line.includes('"status":5'))).toEqual([]);
    const body = JSON.stringify({ merchants: [] }).padEnd(15_999_999);
    const { status } = await gateway.request('POST', '/v1/sync/merchants', { as: key, body });
    expect(status).not.toBe(503);
  });

  it('are counted by what has arrived, so that many small chunked bodies are taken at once', async () => {
    const merchant = await gateway.newMerchant();
    const path = '/v1/payment_intents';
    const body = JSON.stringify({
      amount: 1000,
      currency: 'JPY',
      payment_method_types: ['qr_mpm'],
      merchant_ref_id: 'order_1',
      merchant_store_id: merchant.storeId,
    });
    const head = [
      `POST ${path} HTTP/1.1`,
      'Host: a',
      'Connection: close',
      'Content-Type: application/json',
      `Authorization: ${authorizationHeader(merchant, { method: 'POST', path, body }, new Date())}`,
      'Transfer-Encoding: chunked',
      '',
      body.length.toString(16),
    ].join('\r\n');
    const clients = Array.from({ length: 40 }, () => {
      const socket = connect(port(), '127.0.0.1');
      socket.write(`${head}\r\n`);
      return { socket, received: text(socket) };
    });
    // By now the others are being read.
    await sendBytes(port(), `${head}\r\n${body}\r\n0\r\n\r\n`);
    for (const { socket } of clients) {
      socket.write(`${body}\r\n0\r\n\r\n`);
    }
    const responses = await Promise.all(clients.map(({ received }) => received));
    expect(responses.map((response) => response.slice(9, 12))).toEqual(clients.map(() => '201'));
  });
});
