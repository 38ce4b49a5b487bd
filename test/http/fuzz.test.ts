/**
 * Mutated requests as raw bytes: request lines, headers, bodies and encodings. Whatever arrives, the process survives, no
 * response is a 5xx, and every response has the documented form. FUZZ_SEED repeats a run; LONG=1 sends 200,000 requests.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type HttpServer, listen } from '../../src/http/server.ts';
import { authorizationHeader } from '../../src/lib/signing.ts';
import { startTestGateway, type TestGateway, type TestMerchant } from '../support/gateway.ts';
import { isLongRun } from '../support/long.ts';
import { parseResponses, sendBytes } from '../support/raw-http.ts';

const REQUESTS = isLongRun ? 200_000 : 2_000;
/** Most of them wait for the timeout of an incomplete request. */
const CONCURRENCY = 64;
const SEED = Number(process.env['FUZZ_SEED'] ?? Math.floor(Math.random() * 2 ** 32));
const HEADERS = ['x-request-id', 'x-ratelimit-limit', 'x-ratelimit-remaining', 'x-ratelimit-reset'];

const INTENTS = '/v1/payment_intents';
const CREATE = '{"amount":1,"currency":"JPY","payment_method_types":["cash"],"merchant_ref_id":"注文 1"}';
const SYNC = '{"merchants":[{"id":"m","name":"M","stores":[{"id":"s","name":"店","time_zone":null}]}]}';

/** What a mutation inserts: text that means something to HTTP, JSON, URLs, JavaScript or PostgreSQL. */
const TOKENS = [
  ...['\r\n', '\r\n\r\n', '\n', '\0', ' ', '\t', ':', ';', '%', '%00', '%ff', '%2e%2e/', '?', '#', '//', '*'],
  ...['Host: b\r\n', 'Authorization: x\r\n', 'Content-Length: 5\r\n', 'Content-Length: -1\r\n'],
  ...['Transfer-Encoding: chunked\r\n', 'Transfer-Encoding: gzip, chunked\r\n', 'Expect: 100-continue\r\n'],
  ...['Expect: more\r\n', 'Upgrade: websocket\r\n', 'Connection: upgrade\r\n', 'Content-Encoding: br\r\n'],
  ...[
    'Content-Type: text/plain\r\n',
    'Content-Type: application/json; charset=utf-16\r\n',
    'Accept: text/html\r\n',
  ],
  ...['Idempotency-Key: k\r\n', 'Idempotency-Key: é\r\n', 'Accept-Language: ,;q=\r\n', 'Origin: null\r\n'],
  ...[
    'HTTP/1.0',
    'HTTP/2.0',
    'CONNECT a:1 HTTP/1.1\r\n',
    'HEAD',
    'OPTIONS',
    'PATCH',
    'http://a',
    'é',
    '\u{1f363}',
  ],
  ...[
    'null',
    '[]',
    '{}',
    '"',
    '\\u0000',
    '\\ud800',
    '1e999',
    '-0',
    '__proto__',
    'constructor',
    "'; --",
    'NaN',
  ],
];

let gateway: TestGateway;
let merchant: TestMerchant;
let upstream: { apiKey: string; secretKey: string };
let intent: { id: string; token: string };
/** The same application, on a server with a short timeout for the rest of a request. */
let server: HttpServer;

beforeAll(async () => {
  gateway = await startTestGateway();
  merchant = await gateway.newMerchant();
  upstream = await gateway.newSyncKey();
  intent = await gateway.newIntent(merchant, { payment_method_types: ['cash'] });
  server = await listen(gateway.app, 0, '127.0.0.1', {
    headersMs: 200,
    requestMs: 200,
    keepAliveMs: 50,
    checkMs: 20,
  });
});
afterAll(async () => {
  await server.close();
  await gateway.close();
});

type Random = (below: number) => number;

/** Mulberry32, because the same seed must give the same requests. */
function createRandom(seed: number): Random {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

function pick<T>(random: Random, from: readonly T[]): T {
  return from[random(from.length)] as T;
}

function mutate(random: Random, bytes: Buffer): Buffer {
  const [at, length] = [random(bytes.length + 1), random(12)];
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
  switch (random(6)) {
    case 0:
      return Buffer.concat([before, after.subarray(length)]);
    case 1:
      return Buffer.concat([before, after.subarray(0, length), after]);
    case 2:
      return Buffer.concat([before, Buffer.from([random(256)]), after.subarray(1)]);
    case 3:
      return before;
    default:
      return Buffer.concat([before, Buffer.from(pick(random, TOKENS)), after]);
  }
}

function mutateOften(random: Random, bytes: Buffer): Buffer {
  let mutated = bytes;
  for (let times = random(4); times > 0; times -= 1) {
    mutated = mutate(random, mutated);
  }
  return mutated;
}

/** A valid request of some operation, whose body is mutated before it is signed, and the whole after that. */
function request(random: Random): Buffer {
  const { id, token } = intent;
  const [method, target, text] = pick<readonly [string, string, string?]>(random, [
    ['GET', '/health'],
    ['GET', '/ready?a=b'],
    ['POST', INTENTS, CREATE],
    ['GET', `${INTENTS}?limit=2&status=succeeded&created_from=2026-01-01T00:00:00Z`],
    ['GET', `${INTENTS}/${id}?payment_token=${token}`],
    ['POST', `${INTENTS}/${id}/confirm`, '{"payment_method_type":"qr_mpm","provider":"PAYPAY"}'],
    ['POST', `${INTENTS}/${id}/capture`, '{"amount":2000}'],
    ['GET', `${INTENTS}/${id}/qr.png?size=200&payment_token=${token}`],
    ['GET', `${INTENTS}/${id}/events?payment_token=wrong`],
    ['GET', `/pay/${id}?payment_token=${token}&lang=en`],
    ['POST', `/pay/${id}/confirm?payment_token=${token}`],
    ['GET', '/assets/payment-page.0123456789ab.js'],
    ['POST', '/v1/sync/merchants', SYNC],
    ['POST', '/v1/webhooks/paypay', '{"merchant_order_id":"x"}'],
    ['POST', '/v1/auth/explain', '{"authorization":"HMAC-SHA256 a:1:b","method":"GET","path":"/"}'],
    ['GET', '/docs'],
  ]);
  const body = mutateOften(random, Buffer.from(text ?? ''));
  const path = target.split('?')[0] ?? '';
  const as = path.includes('sync') ? upstream : merchant;
  const lines = [
    `${method} ${target} HTTP/1.1`,
    'Host: localhost',
    'Connection: close',
    // Unsigned, because a signature takes precedence over a token, and a signed event stream would not end.
    ...(target.includes('payment_token')
      ? []
      : [`Authorization: ${authorizationHeader(as, { method, path, body }, new Date())}`]),
    ...(body.length > 0 ? ['Content-Type: application/json', `Content-Length: ${body.length}`] : []),
  ];
  return mutateOften(random, Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), body]));
}

/** Checks each response to the request, and returns how many there were. */
async function exchange(bytes: Buffer): Promise<number> {
  const responses = parseResponses(await sendBytes(server.port, bytes));
  const what = `seed ${SEED}: ${JSON.stringify(bytes.toString('latin1'))}`;
  for (const { status, headers, body } of responses) {
    expect(status, what).toBeLessThan(500);
    for (const name of HEADERS) {
      expect(headers.get(name), `${name} of ${what}`).toBeTruthy();
    }
    const isRefusedAsJson = status >= 400 && headers.get('Content-Type')?.startsWith('application/json');
    if (isRefusedAsJson && body !== undefined) {
      const form = { code: expect.any(String), message: expect.any(String), details: expect.any(Object) };
      expect(body, what).toEqual(form);
    }
  }
  return responses.length;
}

it(
  `whatever bytes arrive, every response has the documented form and none is a 5xx (seed ${SEED})`,
  async () => {
    const random = createRandom(SEED);
    let [sent, answered] = [0, 0];
    const work = async () => {
      while (sent < REQUESTS) {
        sent += 1;
        const count = await exchange(request(random));
        answered += count > 0 ? 1 : 0;
      }
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, work));
    // Some mutations leave nothing that could be answered.
    expect(answered).toBeGreaterThan(REQUESTS * 0.95);
    expect((await gateway.request('GET', '/health')).status).toBe(200);
  },
  isLongRun ? 3_600_000 : 120_000,
);
