import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { upsertMerchantLimit } from '../../../src/store/merchant-limits.ts';
import { createTestClock } from '../../support/clock.ts';
import {
  type RequestOptions,
  startTestGateway,
  type TestGateway,
  type TestResponse,
} from '../../support/gateway.ts';

const PATH = '/v1/payment_intents';
let gateway: TestGateway | undefined;

async function start({
  trustedProxies = [],
  ...limits
}: {
  global: number;
  merchant: number;
  trustedProxies?: readonly string[];
}): Promise<TestGateway> {
  gateway = await startTestGateway({ limits, trustedProxies });
  return gateway;
}
afterEach(async () => {
  await gateway?.close();
  gateway = undefined;
});

/** Documentation is not an operation of the contract. */
async function readDocs(url: string): Promise<{ status: number; body: Record<string, unknown> }> {
  const { status, text } = await fetch(`${url}/docs`).then(async (answer) => ({
    status: answer.status,
    text: await answer.text(),
  }));
  return { status, body: status === 200 ? {} : JSON.parse(text) };
}

function headersOf({ headers }: TestResponse) {
  return {
    limit: Number(headers.get('X-RateLimit-Limit')),
    remaining: Number(headers.get('X-RateLimit-Remaining')),
    resetInSeconds: Number(headers.get('X-RateLimit-Reset')) - Date.now() / 1000,
  };
}

describe('rate limits', () => {
  it("show the end of the window by the gateway's clock, not by that of the machine", async () => {
    const clock = createTestClock(new Date('2030-01-01T00:00:00Z'));
    gateway = await startTestGateway({ limits: { global: 10, merchant: 10 }, clock });
    const { headers } = await gateway.request('GET', PATH);
    expect(headers.get('X-RateLimit-Reset')).toBe(String(clock.now().getTime() / 1000 + 60));
  });

  it("pass exactly the allowed number of a merchant's requests, then refuse with Retry-After", async () => {
    const { request, newMerchant } = await start({ global: 0, merchant: 5 });
    const [merchant, other] = [await newMerchant(), await newMerchant()];
    const answers = [];
    for (let index = 0; index < 7; index += 1) {
      answers.push(await request('GET', PATH, { as: merchant }));
    }
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 429, 429]);
    expect(answers.map((answer) => headersOf(answer).remaining)).toEqual([4, 3, 2, 1, 0, 0, 0]);
    const refused = answers.at(-1);
    expect(refused?.body).toMatchObject({
      code: 'rate_limit_exceeded',
      details: { scope: 'merchant', limit: 5 },
    });
    expect(Number(refused?.headers.get('Retry-After'))).toBeGreaterThan(0);
    expect(refused && headersOf(refused).resetInSeconds).toBeLessThanOrEqual(61);
    expect((await request('GET', PATH, { as: other })).status).toBe(200);
  });

  it("count a merchant's payers separately from its signed requests, in a window of the same size", async () => {
    const { request, newMerchant, newIntent, retrieve } = await start({ global: 0, merchant: 3 });
    const merchant = await newMerchant();
    const intent = await newIntent(merchant);
    const answers = [];
    for (let index = 0; index < 4; index += 1) {
      answers.push(await retrieve(intent));
    }
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 429]);
    expect(answers.at(-1)?.body.details).toEqual({ scope: 'merchant_payers', limit: 3 });
    expect((await request('GET', PATH, { as: merchant })).status).toBe(200);
  });

  it('count the payers of one intent separately from those of another', async () => {
    const { newMerchant, newIntent, retrieve } = await start({ global: 0, merchant: 100_000 });
    const merchant = await newMerchant();
    const [busy, other] = [await newIntent(merchant), await newIntent(merchant)];
    const answers = await Promise.all(Array.from({ length: 121 }, () => retrieve(busy)));
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.map(({ body }) => body.details)).toEqual([{ scope: 'payment_intent', limit: 120 }]);
    expect((await retrieve(other)).status).toBe(200);
  });

  it('let no stranger use up the limits of merchants and payers, whatever the request', async () => {
    const { request, newMerchant, newIntent, retrieve, url } = await start({ global: 400, merchant: 60 });
    const merchant = await newMerchant();
    const intent = await newIntent(merchant);
    const strange: readonly [string, string, RequestOptions?][] = [
      ['GET', '/nothing'],
      ['DELETE', PATH],
      ['GET', PATH],
      ['GET', '/docs'],
      ['POST', '/v1/auth/explain', { body: {} }],
      ['GET', PATH, { headers: { Authorization: 'HMAC-SHA256 nonsense' } }],
      ['GET', PATH, { as: { apiKey: 'ak_unknown', secretKey: 'sk' } }],
      ['GET', PATH, { as: { apiKey: merchant.apiKey, secretKey: 'wrong' } }],
      ['GET', `${PATH}/${intent.id}?payment_token=${intent.id}_secret_${'x'.repeat(24)}`],
    ];
    const statuses = new Map<number, number>();
    for (let index = 0; index < 450; index += 1) {
      const [method, path, options] = strange[index % strange.length] as (typeof strange)[number];
      const { status, body } = path === '/docs' ? await readDocs(url) : await request(method, path, options);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      if (status === 429) {
        expect(body.details).toEqual({ scope: 'client_address', limit: 20 });
      }
    }
    expect(statuses.get(429)).toBe(430);
    expect((await request('GET', PATH, { as: merchant })).status).toBe(200);
    expect((await newIntent(merchant)).id).toMatch(/^pi_/);
    expect((await retrieve(intent)).status).toBe(200);
  });

  it('give strangers of one address a quarter of what all strangers have: a fifth of the global limit', async () => {
    const { request, newMerchant } = await start({ global: 100, merchant: 0, trustedProxies: ['127.0.0.1'] });
    const merchant = await newMerchant();
    const from = (address: string) => request('GET', '/nothing', { headers: { 'X-Forwarded-For': address } });
    const scopes = [];
    for (let index = 0; index < 30; index += 1) {
      const { status, body } = await from(`203.0.113.${index % 5}`);
      scopes.push(status === 429 ? body.details.scope : status);
    }
    expect(scopes.slice(0, 20)).toEqual(Array.from({ length: 20 }, () => 404));
    expect(scopes.slice(20, 25)).toEqual(Array.from({ length: 5 }, () => 'strangers'));
    expect(new Set(scopes.slice(25))).toEqual(new Set(['client_address']));
    expect((await request('GET', PATH, { as: merchant })).status).toBe(200);
  });

  it('never refuse the script and the style sheet of the payment page, whatever strangers have used up', async () => {
    const { request, newMerchant, newIntent, url } = await start({ global: 20, merchant: 10 });
    const { id, token } = await newIntent(await newMerchant());
    const page = await request('GET', `/pay/${id}?payment_token=${token}`);
    const assets = [...String(page.body).matchAll(/"(\/assets\/[^"]+)"/g)].map(([, path = '']) => path);
    expect(assets).toHaveLength(2);
    await request('GET', '/nowhere');
    expect((await request('GET', '/nowhere')).status).toBe(429);
    for (const path of [...assets, ...assets]) {
      const { status, headers } = await fetch(url + path);
      expect([status, headers.get('X-RateLimit-Limit')]).toEqual([200, '20']);
    }
  });

  it("do not count in the global window what a merchant's own limit refuses", async () => {
    const { request, newMerchant } = await start({ global: 6, merchant: 2 });
    const [loud, quiet] = [await newMerchant(), await newMerchant()];
    for (let index = 0; index < 20; index += 1) {
      await request('GET', PATH, { as: loud });
    }
    expect((await request('GET', PATH, { as: quiet })).status).toBe(200);
  });

  it('pass the allowed number of requests of all merchants; the 429 shows the limit that was exceeded', async () => {
    const { request, newMerchant } = await start({ global: 4, merchant: 3 });
    const merchants = [await newMerchant(), await newMerchant()];
    for (const merchant of [merchants[0], merchants[1], merchants[0], merchants[1]]) {
      expect((await request('GET', PATH, merchant && { as: merchant })).status).toBe(200);
    }
    const refused = await request('GET', PATH, merchants[0] && { as: merchants[0] });
    expect([refused.status, refused.body.details.scope, headersOf(refused).limit]).toEqual([
      429,
      'global',
      4,
    ]);
  });

  it('never refuse health, readiness or webhooks, whose responses still have the headers', async () => {
    const { request } = await start({ global: 1, merchant: 1 });
    await request('GET', '/nowhere');
    for (const [method, path, status] of [
      ['GET', '/health', 200],
      ['GET', '/ready', 200],
      ['POST', '/v1/webhooks/paypay', 401],
    ] as const) {
      const answer = await request(method, path);
      expect([answer.status, headersOf(answer).limit]).toEqual([status, 1]);
    }
    expect((await request('GET', '/nowhere')).status).toBe(429);
  });

  it("count a refused webhook as a stranger's, and still never refuse a webhook", async () => {
    const { request } = await start({ global: 100, merchant: 1 });
    const statuses = [];
    for (let index = 0; index < 10; index += 1) {
      statuses.push((await request('POST', '/v1/webhooks/paypay', { body: {} })).status);
    }
    expect(new Set(statuses)).toEqual(new Set([401]));
    expect((await request('GET', '/nowhere')).status).toBe(429);
  });

  it('are in the headers of every response: errors, unknown routes and methods, preflight', async () => {
    const { request } = await start({ global: 1000, merchant: 10 });
    const answers = [
      await request('GET', '/nowhere'),
      await request('DELETE', PATH),
      await request('GET', PATH),
      await request('POST', PATH, { body: 'x'.repeat(1_048_577) }),
      await request('OPTIONS', `${PATH}/pi_1`, {
        headers: { Origin: 'https://shop.example', 'Access-Control-Request-Method': 'GET' },
      }),
    ];
    for (const answer of answers) {
      expect(headersOf(answer).limit, String(answer.status)).toBe(answer.status === 204 ? 1000 : 50);
      expect(answer.headers.get('X-Request-Id')).toMatch(/^req_/);
    }
    expect(answers.map(({ status }) => status)).toEqual([404, 405, 401, 413, 204]);
  });

  it('are switched off by 0', async () => {
    const { request, newMerchant } = await start({ global: 0, merchant: 0 });
    const merchant = await newMerchant();
    for (let index = 0; index < 20; index += 1) {
      expect((await request('GET', PATH, { as: merchant })).status).toBe(200);
    }
  });

  it('follow the own limit of a merchant', async () => {
    const { request, newMerchant, deps } = await start({ global: 0, merchant: 100 });
    const merchant = await newMerchant();
    await upsertMerchantLimit(deps.db, { merchantId: merchant.merchantId, requestsPerMinute: 2 }, new Date());
    await expect.poll(async () => headersOf(await request('GET', PATH, { as: merchant })).limit).toBe(2);
  });
});

describe('CORS', () => {
  let shop: TestGateway;
  beforeAll(async () => {
    shop = await startTestGateway();
  });
  afterAll(() => shop.close());
  const preflight = (path: string, method: string) =>
    shop.request('OPTIONS', path, {
      headers: {
        Origin: 'https://shop.example',
        'Access-Control-Request-Method': method,
        'Access-Control-Request-Headers': 'content-type,idempotency-key',
      },
    });

  it.each([
    ['/v1/payment_intents/pi_1', 'GET'],
    ['/v1/payment_intents/pi_1/confirm', 'POST'],
    ['/v1/payment_intents/pi_1/cancel', 'POST'],
  ])('lets a browser of any origin call %s', async (path, method) => {
    const { headers } = await preflight(path, method);
    expect(headers.get('Access-Control-Allow-Origin')).toBe('*');
    expect(headers.get('Access-Control-Allow-Methods')).toContain(method);
    expect(headers.get('Access-Control-Allow-Headers')?.toLowerCase()).toContain('idempotency-key');
    expect(headers.get('Access-Control-Allow-Credentials')).toBeNull();
    const answer = await shop.request(method, path, { headers: { Origin: 'https://shop.example' } });
    expect(answer.headers.get('Access-Control-Allow-Origin')).toBe('*');
    expect(answer.headers.get('Access-Control-Expose-Headers')).toContain('X-RateLimit-Remaining');
  });

  it.each(['/v1/payment_intents', '/v1/payment_intents/pi_1/capture', '/v1/sync/merchants'])(
    'not %s, which is signed',
    async (path) => {
      const { headers } = await shop.request('POST', path, { headers: { Origin: 'https://shop.example' } });
      expect(headers.get('Access-Control-Allow-Origin')).toBeNull();
    },
  );
});
