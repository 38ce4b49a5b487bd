/**
 * Refusals at the level of HTTP, before an operation is called, are declared for every operation.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HttpServer, listen } from '../../src/http/server.ts';
import { contract, requireDeclared } from '../support/contract.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { parseResponse, sendBytes } from '../support/raw-http.ts';

const operations = Object.entries(contract.paths ?? {}).flatMap(([template, item]) =>
  Object.keys(item ?? {}).map((method) => ({
    method: method.toUpperCase(),
    path: template
      .replace('{id}', 'pi_01JHMB5V00ZX8Y7W6V5T4S3R2Q')
      .replace('{file}', 'payment-page.0123456789ab.js'),
  })),
);

const REFUSALS: readonly [string, number, string][] = [
  ['two hosts', 400, 'Host: b\r\n\r\n'],
  ['a malformed header', 400, 'Odd Header\r\n\r\n'],
  ['an unfinished request', 408, 'Cookie: '],
  ['a body of 20 MB', 413, 'Content-Length: 20000000\r\n\r\n'],
  ['an unknown expectation', 417, 'Expect: a miracle\r\n\r\n'],
  ['long headers', 431, `Cookie: ${'x'.repeat(20_000)}\r\n\r\n`],
];

let gateway: TestGateway;
/** The same application, on a server with short timeouts for slow requests. */
let impatient: HttpServer;
let port: number;

beforeAll(async () => {
  gateway = await startTestGateway();
  port = Number(new URL(gateway.url).port);
  impatient = await listen(gateway.app, 0, '127.0.0.1', { headersMs: 60, requestMs: 60, checkMs: 10 });
});
afterAll(async () => {
  await impatient.close();
  await gateway.close();
});

describe('a refusal of HTTP itself is declared for every operation', () => {
  it.each(REFUSALS)('%s: %i', async (_, status, rest) => {
    const server = status === 408 ? impatient.port : port;
    for (const { method, path } of operations) {
      const text = await sendBytes(server, `${method} ${path} HTTP/1.1\r\nHost: a\r\n${rest}`);
      const response = parseResponse(text);
      expect([method, path, response.status]).toEqual([method, path, status]);
      requireDeclared(method, path, response);
    }
  });
});

describe('a body that an operation does not take is ignored', () => {
  it.each(['{', 'hello', 'null', '\u00ff', '{"payment_token":"x"}'])('%s', async (body) => {
    const merchant = await gateway.newMerchant();
    const { id, token } = await gateway.newIntent(merchant);
    for (const path of ['/health', '/ready', `/v1/payment_intents/${id}?payment_token=${token}`]) {
      const length = Buffer.byteLength(body);
      const head = `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: text/plain`;
      const text = await sendBytes(port, `${head}\r\nContent-Length: ${length}\r\n\r\n${body}`);
      expect([path, parseResponse(text).status]).toEqual([path, 200]);
    }
  });
});
