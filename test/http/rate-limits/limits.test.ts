import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { upsertMerchantLimit } from '../../../src/store/merchant-limits.ts';
import { startTestGateway, type TestGateway, type TestResponse } from '../../support/gateway.ts';

const PATH = '/v1/payment_intents';
let gateway: TestGateway | undefined;

async function start(limits: { global: number; merchant: number }): Promise<TestGateway> {
  gateway = await startTestGateway({ limits });
  return gateway;
}
afterEach(async () => {
  await gateway?.close();
  gateway = undefined;
});

function headersOf({ headers }: TestResponse) {
  return {
    limit: Number(headers.get('X-RateLimit-Limit')),
    remaining: Number(headers.get('X-RateLimit-Remaining')),
    resetInSeconds: Number(headers.get('X-RateLimit-Reset')) - Date.now() / 1000,
  };
}

describe('rate limits', () => {
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

  it("counts a payment_token's requests for the merchant of its intent", async () => {
    const { request, newMerchant, newIntent, retrieve } = await start({ global: 0, merchant: 3 });
    const merchant = await newMerchant();
    const intent = await newIntent(merchant);
    await retrieve(intent);
    expect(headersOf(await retrieve(intent))).toMatchObject({ limit: 3, remaining: 0 });
    expect((await request('GET', PATH, { as: merchant })).status).toBe(429);
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
      expect([answer.status, headersOf(answer).limit, headersOf(answer).remaining]).toEqual([status, 1, 0]);
    }
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
      expect(headersOf(answer).limit, String(answer.status)).toBe(1000);
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
