import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { type HttpServer, listen } from '../../src/http/server.ts';
import { authorizationHeader } from '../../src/lib/signing.ts';
import { startTestGateway, type TestGateway, type TestMerchant } from '../support/gateway.ts';

const SHORT_MS = 60;
let gateway: TestGateway;
let merchant: TestMerchant;
/** The same application, on a server with short timeouts. */
let impatient: HttpServer;

beforeAll(async () => {
  gateway = await startTestGateway();
  merchant = await gateway.newMerchant();
  impatient = await listen(gateway.app, 0, '127.0.0.1', {
    headersMs: SHORT_MS,
    requestMs: 2 * SHORT_MS,
    checkMs: 10,
  });
});
afterAll(async () => {
  await impatient.close();
  await gateway.close();
});

/** Sends bytes, keeps its own side open, and resolves with everything received until the server closes. */
function send(text: string, port = Number(new URL(gateway.url).port)): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
  });
}

function expectRefusal(answer: string, status: number): void {
  expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  for (const name of ['X-Request-Id', 'X-RateLimit-Limit', 'X-RateLimit-Remaining', 'X-RateLimit-Reset']) {
    expect(answer).toContain(`${name}: `);
  }
  expect(answer).toContain('Cache-Control: no-store');
  expect(answer).toContain('Connection: close');
  const body = JSON.parse(answer.slice(answer.indexOf('\r\n\r\n') + 4));
  expect(body).toMatchObject({ code: 'invalid_request', details: { field: expect.any(String) } });
}

describe('every response from the port has the same form', () => {
  it.each([
    ['no HTTP', 400, 'NONSENSE\r\n\r\n'],
    ['HTTP/2 without negotiation', 400, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['a long header', 431, `GET /health HTTP/1.1\r\nHost: a\r\nCookie: ${'x'.repeat(20_000)}\r\n\r\n`],
    ['no Host', 400, 'GET /health HTTP/1.1\r\n\r\n'],
    ['two Hosts', 400, 'GET /health HTTP/1.1\r\nHost: a\r\nhost: b\r\n\r\n'],
    [
      'two Authorizations',
      400,
      'GET /health HTTP/1.1\r\nHost: a\r\nAuthorization: a\r\nAUTHORIZATION: a\r\n\r\n',
    ],
    [
      'a second Host behind many headers',
      400,
      `GET /health HTTP/1.1\r\nHost: a\r\n${'a:\r\n'.repeat(2_100)}Host: b\r\n\r\n`,
    ],
    ['an odd Expect', 417, 'GET /health HTTP/1.1\r\nHost: a\r\nExpect: a miracle\r\n\r\n'],
    [
      'an odd coding',
      400,
      'POST /health HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n',
    ],
    ['an unknown coding', 400, 'POST /health HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: odd\r\n\r\n'],
    [
      'two lengths',
      400,
      'POST /health HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
    ],
    [
      'length and chunks',
      400,
      'POST /health HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
    ],
    ['a tunnel', 400, 'CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n'],
  ])('%s: %i', async (_, status, text) => {
    expectRefusal(await send(text), status);
  });

  it('idle connections stay open as long as KEEP_ALIVE_MS says, which is longer than any balancer in front keeps them', async () => {
    const { http } = loadConfig({ KEEP_ALIVE_MS: '620000' });
    const server = await listen(gateway.app, 0, '127.0.0.1', { keepAliveMs: http.keepAliveMs });
    try {
      const { headers } = await fetch(`http://127.0.0.1:${server.port}/health`);
      expect(headers.get('Keep-Alive')).toBe('timeout=620');
    } finally {
      await server.close();
    }
  });

  it('a request that arrives too slowly is ended with 408, which allows a retry', async () => {
    for (const text of [
      '',
      'GET /health HTTP/1.1\r\nHo',
      'POST /v1/sync/merchants HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n{"merchants":[',
    ]) {
      expectRefusal(await send(text, impatient.port), 408);
    }
  });

  it('requests that never reach an operation are logged and counted', async () => {
    const before = gateway.logLines.length;
    expectRefusal(await send('NONSENSE\r\n\r\n'), 400);
    const lines = gateway.logLines.slice(before).map((line) => JSON.parse(line));
    expect(lines).toContainEqual(
      expect.objectContaining({ status: 400, reason: 'http', clientAddress: '127.0.0.1' }),
    );
  });
});

describe('absolute-form targets', () => {
  it('work, with the signature over the path', async () => {
    const path = '/v1/payment_intents';
    const authorization = authorizationHeader(merchant, { method: 'GET', path, body: '' }, new Date());
    for (const origin of ['http://pgw.example', 'HTTPS://pgw.example:8443']) {
      const answer = await send(
        `GET ${origin}${path}?limit=1 HTTP/1.1\r\nHost: pgw.example\r\nAuthorization: ${authorization}\r\nConnection: close\r\n\r\n`,
      );
      expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    }
    const root = await send('GET http://pgw.example HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    expect(root).toMatch(/^HTTP\/1\.1 [24]\d\d /);
  });
});

describe('methods', () => {
  it('a 405 names the methods that the path has', async () => {
    for (const [method, path, allowed] of [
      ['PUT', '/v1/payment_intents', 'GET, HEAD, POST'],
      ['GET', '/v1/sync/merchants', 'POST'],
      ['DELETE', '/health', 'GET, HEAD'],
      ['POST', '/openapi.json', 'GET, HEAD'],
    ] as const) {
      const { status, headers } = await gateway.request(method, path);
      expect(status).toBe(405);
      expect(headers.get('Allow')?.split(', ').sort().join(', ')).toBe(allowed);
    }
  });
});
