import { connect } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contract } from '../support/contract.ts';
import { startTestGateway, type TestGateway, type TestMerchant } from '../support/gateway.ts';

const PATH = '/v1/payment_intents';
const TABLES = [
  'merchants',
  'stores',
  'payment_intents',
  'payment_attempts',
  'payment_events',
  'idempotency_keys',
  'refunds',
];

let gateway: TestGateway;
let merchant: TestMerchant;
let intent: { id: string; token: string };

beforeAll(async () => {
  gateway = await startTestGateway();
  merchant = await gateway.newMerchant();
  intent = await gateway.newIntent(merchant);
});
afterAll(() => gateway.close());

async function snapshot(): Promise<string> {
  const { db } = gateway.database;
  const rows = await Promise.all(
    TABLES.map((table) => db(table).select(db.raw('xmin::text')).orderByRaw('1')),
  );
  return JSON.stringify(rows);
}

/** Runs requests that must be refused, and checks that the database has not changed. */
async function refusedWithoutTrace(
  requests: () => Promise<{ status: number; body: { code: string } }[]>,
): Promise<void> {
  const before = await snapshot();
  for (const { status, body } of await requests()) {
    expect(status, JSON.stringify(body)).toBeGreaterThanOrEqual(400);
    expect(status, JSON.stringify(body)).toBeLessThan(500);
    expect(body.code).toBeTypeOf('string');
  }
  expect(await snapshot()).toBe(before);
}

/** Writes bytes to a socket, for requests that no HTTP client sends. */
function sendRaw(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1', () => socket.end(text));
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
  });
}

describe('bad input', () => {
  it('a body that is not JSON, or not an object, is refused with the reason', async () => {
    for (const body of ['{', '{"a":1}}', 'hello', '\u0000', '{"amount":1000,}', "{'amount':1}"]) {
      const { status, body: answer } = await gateway.request('POST', PATH, { as: merchant, body });
      expect([status, answer.details.constraint]).toEqual([400, 'json']);
    }
    for (const body of ['null', '17', '"text"', '[]', 'true']) {
      const { status, body: answer } = await gateway.request('POST', PATH, { as: merchant, body });
      expect([status, answer.details.field, answer.details.constraint]).toEqual([400, 'body', 'type']);
    }
    const none = await gateway.request('POST', PATH, { as: merchant });
    expect([none.status, none.body.details.field, none.body.details.constraint]).toEqual([
      400,
      'body',
      'required',
    ]);
  });

  it('a body of another type, or encoded, is refused with 415', async () => {
    for (const headers of [
      { 'Content-Type': 'text/plain' },
      { 'Content-Type': 'application/x-www-form-urlencoded' },
      { 'Content-Encoding': 'gzip' },
      { 'Content-Type': 'application/json; charset=shift_jis' },
      { 'Content-Type': 'application/json; charset="utf-16"' },
    ]) {
      const { status, body } = await gateway.request('POST', PATH, { as: merchant, body: '{}', headers });
      expect([status, body.code]).toEqual([415, 'unsupported_media_type']);
    }
    const { status } = await gateway.request('POST', PATH, {
      as: merchant,
      body: '{}',
      headers: { 'Content-Type': 'application/json; charset=utf-8' },
    });
    expect(status).toBe(400);
  });

  it('a body with a hundred thousand faults is refused quickly, and at most 50 of them are listed', async () => {
    const upstream = await gateway.newSyncKey();
    const many = (item: string, count: number) => Array.from({ length: count }, () => item).join(',');
    const fields = '"amount":1,"currency":"JPY","merchant_ref_id":"r"';
    const unknown = Array.from({ length: 1_500 }, (_, n) => `"u${n}":1`).join(',');
    for (const [as, path, body] of [
      [merchant, PATH, `{${fields},"payment_method_types":[${many('1', 450_000)}]}`],
      [upstream, '/v1/sync/merchants', `{"merchants":[${many('1', 200_000)}]}`],
      [upstream, '/v1/sync/merchants', `{"merchants":[${many('{}', 200_000)}]}`],
      [undefined, '/v1/auth/explain', `{${unknown}}`],
    ] as const) {
      const startedAt = performance.now();
      const { status, body: answer } = await gateway.request('POST', path, { ...(as && { as }), body });
      expect([status, answer.code]).toEqual([400, 'invalid_request']);
      expect(answer.details.errors.length).toBeLessThanOrEqual(50);
      expect(performance.now() - startedAt).toBeLessThan(2_000);
    }
    const small = `{${Array.from({ length: 200 }, (_, n) => `"u${n}":1`).join(',')}}`;
    const { body } = await gateway.request('POST', PATH, { as: merchant, body: small });
    expect(body.details.errors).toHaveLength(50);
  });

  it('a body that is not UTF-8 is refused, wherever its invalid bytes are', async () => {
    for (const bytes of [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xe3, 0x81], [0x83, 0x65]]) {
      const body = Buffer.concat([
        Buffer.from('{"amount":1,"currency":"JPY","payment_method_types":["cash"],"merchant_ref_id":"'),
        Buffer.from(bytes),
        Buffer.from('"}'),
      ]);
      const { status, body: answer } = await gateway.request('POST', PATH, { as: merchant, body });
      expect([status, answer.details.field, answer.details.constraint]).toEqual([400, 'body', 'encoding']);
    }
  });

  it('an optional body may be null, as some generated clients send it', async () => {
    for (const [operation, fields] of [
      ['cancel', {}],
      ['capture', { payment_method_types: ['cash'] }],
    ] as const) {
      const { id } = await gateway.newIntent(merchant, fields);
      const path = `${PATH}/${id}/${operation}`;
      expect((await gateway.request('POST', path, { as: merchant, body: 'null' })).status).toBe(200);
    }
  });

  it('an over-large body is refused with 413, declared or not', async () => {
    const { status, body } = await gateway.request('POST', PATH, {
      as: merchant,
      body: 'x'.repeat(1_048_577),
    });
    expect([status, body.code, body.details.max_bytes]).toEqual([413, 'payload_too_large', 1_048_576]);
    const chunked = await fetch(`${gateway.url}${PATH}`, {
      method: 'POST',
      duplex: 'half',
      body: new ReadableStream({
        pull(controller) {
          controller.enqueue(new Uint8Array(65_536));
        },
      }),
    } as RequestInit & { duplex: string }).catch(() => undefined);
    // A stranger's: it is not read to the end of what a merchant may send.
    expect(chunked?.status ?? 401).toBe(401);
  });

  it('keys with a meaning in JavaScript have none here', async () => {
    const body =
      '{"__proto__":{"amount":1},"constructor":1,"amount":1,"currency":"JPY","payment_method_types":["cash"],"merchant_ref_id":"r"}';
    const { status, body: answer } = await gateway.request('POST', PATH, { as: merchant, body });
    expect([status, answer.details.constraint]).toEqual([400, 'unknown_property']);
    expect((await gateway.request('GET', `${PATH}?__proto__=1&constructor=1`, { as: merchant })).status).toBe(
      400,
    );
    expect(({} as { amount?: number }).amount).toBeUndefined();
  });

  it('no JSON response may be cached or sniffed as another type', async () => {
    const fields = { amount: 1, currency: 'JPY', payment_method_types: ['cash'], merchant_ref_id: 'r' };
    for (const [method, path, body] of [
      ['POST', PATH, fields],
      ['POST', PATH, {}],
      ['GET', PATH, undefined],
      ['GET', '/health', undefined],
      ['GET', '/nowhere', undefined],
      ['GET', `/pay/${intent.id}`, undefined],
    ] as const) {
      const { headers } = await gateway.request(method, path, { as: merchant, body });
      const sent = [headers.get('Cache-Control'), headers.get('X-Content-Type-Options')];
      expect([path, ...sent]).toEqual([path, 'no-store', 'nosniff']);
    }
    const answer = await sendRaw('NONSENSE\r\n\r\n');
    expect(answer).toContain('Cache-Control: no-store\r\nX-Content-Type-Options: nosniff');
  });

  it('unknown routes are 404 and unknown methods 405, in the same form', async () => {
    for (const path of [
      '/v2',
      '/v1/payment_intents/',
      '/V1/payment_intents',
      '/v1//payment_intents',
      `${PATH}/${intent.id}/refund`,
      '/health/',
      '/%2e%2e/etc',
    ]) {
      expect([path, (await gateway.request('GET', path)).body.code]).toEqual([path, 'not_found']);
    }
    for (const [method, path] of [
      ['PUT', PATH],
      ['DELETE', `${PATH}/${intent.id}`],
      ['GET', `${PATH}/${intent.id}/confirm`],
      ['PATCH', '/health'],
    ] as const) {
      const { status, body } = await gateway.request(method, path);
      expect([status, body.code]).toEqual([405, 'method_not_allowed']);
    }
  });

  it('broken percent-encoding is refused, in paths and in queries', async () => {
    for (const path of [
      `${PATH}/%E0%A4%A?payment_token=x`,
      `${PATH}/%`,
      '/%ff',
      `${PATH}?merchant_ref_id=%E0%A4%A`,
    ]) {
      const { status } = await gateway.request('GET', path, { as: merchant });
      expect(status, path).toBeLessThan(500);
    }
  });

  it('HEAD is GET without a body', async () => {
    const { status, body } = await gateway.request('HEAD', '/health');
    expect([status, body]).toEqual([200, undefined]);
  });

  it('a request that is not HTTP gets an error in the same form, and the connection is closed', async () => {
    for (const text of [
      'NONSENSE\r\n\r\n',
      'GET / HTTP/1.1\r\nHost: a\r\nBad Header\r\n\r\n',
      `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(40_000)}\r\n\r\n`,
    ]) {
      const answer = await sendRaw(text);
      expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
      expect(answer).toContain('"code":"invalid_request"');
      for (const name of [
        'X-Request-Id',
        'X-RateLimit-Limit',
        'X-RateLimit-Remaining',
        'X-RateLimit-Reset',
      ]) {
        expect(answer).toContain(`${name}: `);
      }
    }
  });

  it('absolute, empty and doubled request targets are harmless', async () => {
    for (const target of [
      'http://evil.example/health',
      '//health',
      '*',
      '/?',
      '/health?x=%',
      `/${'a'.repeat(8_000)}`,
    ]) {
      expect(await sendRaw(`GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`), target).toMatch(
        /^HTTP\/1\.1 [24]\d\d /,
      );
    }
  });

  it('lone surrogates and other odd texts are stored or refused, and never cause a 5xx', async () => {
    for (const text of ['\ud800', '\u202e\u0645', '\uffff', 'a\u0001', '%00', "'; drop table x; --"]) {
      const body = {
        amount: 1,
        currency: 'JPY',
        payment_method_types: ['cash'],
        merchant_ref_id: text,
        description: text,
      };
      const { status } = await gateway.request('POST', PATH, { as: merchant, body });
      expect([201, 400]).toContain(status);
    }
  });

  it('a body that is nested deeply is refused for its form, also beside an emoji in escapes', async () => {
    const nested = '['.repeat(5_000) + ']'.repeat(5_000);
    const others = '"currency":"JPY","payment_method_types":["cash"],"merchant_ref_id":"r"';
    const body = `{"description":"\\ud83c\\udf63",${others},"amount":${nested}}`;
    const refused = await gateway.request('POST', PATH, { as: merchant, body });
    expect([refused.status, refused.body.code]).toEqual([400, 'invalid_request']);
    expect(refused.body.details.field).toBe('amount');
  });

  it('a text that cannot be stored as sent is shown as it is stored, also in the first response', async () => {
    const body = {
      amount: 1,
      currency: 'JPY',
      payment_method_types: ['cash'],
      merchant_ref_id: 'half \ud83d',
      description: '\udfff \ud83c\udf63',
    };
    const created = await gateway.request('POST', PATH, { as: merchant, body });
    expect(created.body).toMatchObject({
      merchant_ref_id: 'half \ufffd',
      description: '\ufffd \u{1f363}',
    });
    const { body: stored } = await gateway.request('GET', `${PATH}/${created.body.id}`, { as: merchant });
    expect(stored).toMatchObject({
      merchant_ref_id: created.body.merchant_ref_id,
      description: created.body.description,
    });
  });

  it('random bodies, to every operation, never cause a 5xx and change nothing', async () => {
    const paths = [
      PATH,
      `${PATH}/${intent.id}/confirm`,
      `${PATH}/${intent.id}/capture`,
      '/v1/sync/merchants',
    ];
    const upstream = await gateway.newSyncKey();
    await refusedWithoutTrace(async () => {
      const answers: { status: number; body: { code: string } }[] = [];
      const noise = fc
        .anything({ maxDepth: 3, withNullPrototype: false })
        .map((value) => JSON.stringify({ noise: value ?? null }));
      await fc.assert(
        fc.asyncProperty(fc.constantFrom(...paths), noise, async (path, body) => {
          answers.push(
            await gateway.request('POST', path, { as: path.includes('sync') ? upstream : merchant, body }),
          );
        }),
        { numRuns: 300 },
      );
      return answers;
    });
  });

  it('nearly valid bodies get a declared response', async () => {
    const odd = fc.oneof(
      fc.string(),
      fc.double(),
      fc.integer(),
      fc.constant(null),
      fc.boolean(),
      fc.array(fc.string()),
    );
    const body = fc.record(
      {
        amount: fc.oneof(fc.integer({ min: -2, max: 10 ** 12 }), odd),
        currency: fc.oneof(fc.constantFrom('JPY', 'USD', 'ZZZ'), odd),
        payment_method_types: fc.oneof(fc.constantFrom(['qr_mpm'], ['cash'], []), odd),
        merchant_ref_id: fc.oneof(fc.string({ unit: 'binary', minLength: 1 }), odd),
        merchant_store_id: fc.oneof(fc.constant('store_001'), odd),
        description: fc.oneof(fc.string({ unit: 'binary' }), odd),
        expires_in_minutes: fc.oneof(fc.integer({ min: -1, max: 1500 }), odd),
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(body, async (input) => {
        const { status } = await gateway.request('POST', PATH, { as: merchant, body: input });
        expect([201, 400]).toContain(status);
      }),
      { numRuns: 400 },
    );
  });

  it('random queries and ids get a declared response', async () => {
    const text = fc.string({ unit: 'grapheme' }).map(encodeURIComponent);
    const names = [
      'limit',
      'offset',
      'status',
      'starting_after',
      'created_from',
      'merchant_ref_id',
      'merchant_store_id',
      'payment_token',
    ];
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...names), text, text, async (name, value, id) => {
        const list = await gateway.request('GET', `${PATH}?${name}=${value}`, { as: merchant });
        const retrieve = await gateway.request('GET', `${PATH}/${id || 'x'}?payment_token=${value || 'x'}`);
        expect([list.status < 500, retrieve.status < 500]).toEqual([true, true]);
      }),
      { numRuns: 200 },
    );
  });
});

describe('the contract', () => {
  it('is served completely: every described operation responds, with its own errors', async () => {
    for (const [path, item] of Object.entries(contract.paths ?? {})) {
      for (const method of Object.keys(item ?? {})) {
        const target = path.replace('{id}', 'pi_01JHMB5V00ZX8Y7W6V5T4S3R2Q');
        const { status, body } = await gateway.request(method.toUpperCase(), target);
        expect([404, 405].includes(status) && body.message.includes('route'), `${method} ${path}`).toBe(
          false,
        );
      }
    }
  });
});
