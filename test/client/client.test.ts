/**
 * The client that a merchant's server imports, against the real gateway. An injected fetch simulates network faults
 * between them.
 */
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  type ClientOptions,
  createClient,
  type PaymentIntent,
  type PgwClient,
  PgwConnectionError,
  PgwError,
  PgwWaitError,
} from '../../src/client/index.ts';
import type { Clock } from '../../src/lib/clock.ts';
import { startTestGateway, type TestGateway, type TestMerchant } from '../support/gateway.ts';

let gateway: TestGateway;
let merchant: TestMerchant;
let server: PgwClient;
let payer: PgwClient;

beforeAll(async () => {
  gateway = await startTestGateway();
  merchant = await gateway.newMerchant();
  server = createClient({ baseUrl: gateway.url, credentials: merchant });
  payer = createClient({ baseUrl: gateway.url });
});
afterAll(() => gateway.close());

const input = {
  amount: 1000,
  currency: 'JPY',
  payment_method_types: ['qr_mpm', 'cash'] as ('qr_mpm' | 'cash')[],
  merchant_ref_id: 'order_1',
};

describe('createClient', () => {
  it.each([
    ['', 'baseUrl must begin with https:// or http://, as https://pgw.example.com does; it is empty.'],
    [
      'localhost:8080',
      'baseUrl must begin with https:// or http://, as https://pgw.example.com does; not "localhost:8080".',
    ],
    ['ftp://pgw.example.com', expect.stringContaining('not "ftp://pgw.example.com"')],
    ['https://', expect.stringContaining('not "https://"')],
  ])('refuses the base URL "%s" with one sentence', (baseUrl, message) => {
    expect(() => createClient({ baseUrl })).toThrow(expect.objectContaining({ name: 'TypeError', message }));
  });

  it('refuses an empty key with one sentence that names it and no key', () => {
    const create = (apiKey: string, secretKey: string) =>
      createClient({ baseUrl: gateway.url, credentials: { apiKey, secretKey } });
    const message = (key: string) =>
      `credentials.${key} is empty: pass both keys, or no credentials for what a payment_token allows.`;
    expect(() => create('', 'sk_1')).toThrow(new TypeError(message('apiKey')));
    expect(() => create('ak_1', '')).toThrow(new TypeError(message('secretKey')));
  });
});

/** A clock whose sleeps return at once and are recorded. */
function instantClock(): Clock & { readonly slept: number[] } {
  const slept: number[] = [];
  let now = Date.now();
  return {
    slept,
    now: () => new Date(now),
    async sleep(durationMs) {
      slept.push(durationMs);
      now += durationMs;
    },
  };
}

type Fault = (send: () => Promise<Response>) => Promise<Response>;

/** A client whose first attempts meet the given faults in order, and the requests that it sent. */
function clientWith(faults: Fault[], options: Partial<ClientOptions> = {}) {
  const sent: Request[] = [];
  const clock = instantClock();
  const client = createClient({
    baseUrl: gateway.url,
    credentials: merchant,
    clock,
    random: () => 0.5,
    async fetch(request) {
      sent.push(request.clone());
      const fault = faults.shift() ?? ((send) => send());
      return fault(() => fetch(request));
    },
    ...options,
  });
  return { client, sent, clock };
}

const cut: Fault = async () => {
  throw new TypeError('the connection was cut');
};
/** The gateway processes the request, but its response is lost. */
const lost: Fault = async (send) => {
  await send();
  throw new TypeError('the connection was cut');
};
/** The response breaks off in the middle of its body. */
const brokenOff: Fault = async (send) => {
  const response = await send();
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode('{"id":"pi_'));
      controller.error(new TypeError('the connection was cut'));
    },
  });
  return new Response(body, response);
};
const answer =
  (status: number, headers: Record<string, string> = {}): Fault =>
  async () =>
    new Response('<html>', { status, headers });

/** Accepts the request and never responds. */
const blackHole = (request: Request) =>
  new Promise<Response>((_, reject) =>
    request.signal.addEventListener('abort', () => reject(request.signal.reason)),
  );

const keysOf = (sent: Request[]) => new Set(sent.map(({ headers }) => headers.get('Idempotency-Key')));

describe('a payment with the client', () => {
  it('is created, confirmed and waited for until it succeeds', async () => {
    const intent = await server.createPaymentIntent(input);
    const paymentToken = intent.payment_token;
    const code = await payer.confirmPaymentIntent(intent.id, { paymentToken });
    const seen: string[] = [];
    const onChange = ({ status }: PaymentIntent) => void seen.push(status);
    const waiting = payer.waitForPayment(intent.id, { paymentToken, intervalMs: 10, onChange });
    await gateway.sandbox.pay({ qrContent: code.qr_content });
    await gateway.sandbox.idle();
    await gateway.runPasses();
    expect(await waiting).toMatchObject({ status: 'succeeded', amount_captured: 1000 });
    expect(seen).toEqual(['requires_action', 'succeeded']);
    expect(await server.retrievePaymentIntent(intent.id)).toMatchObject({ status: 'succeeded' });
  });

  it('can be cancelled by the payer and captured by the merchant', async () => {
    const first = await server.createPaymentIntent(input);
    expect(await payer.cancelPaymentIntent(first.id, { paymentToken: first.payment_token })).toEqual({
      id: first.id,
      status: 'cancelled',
    });
    const second = await server.createPaymentIntent(input);
    expect(await server.capturePaymentIntent(second.id, { amount: 900 })).toMatchObject({
      amount_captured: 900,
    });
  });

  it('is listed by page and by generator', async () => {
    const merchant_ref_id = 'listed';
    for (let made = 0; made < 5; made += 1) {
      await server.createPaymentIntent({ ...input, merchant_ref_id });
    }
    const page = await server.listPaymentIntents({ merchant_ref_id, limit: 2 });
    expect(page).toHaveLength(2);
    const all: string[] = [];
    for await (const { id } of server.eachPaymentIntent({ merchant_ref_id, limit: 2 })) {
      all.push(id);
    }
    expect(new Set(all).size).toBe(5);
    expect(all.slice(0, 2)).toEqual(page.map(({ id }) => id));
  });

  it('ends the wait at the timeout, with its last known state', async () => {
    const intent = await server.createPaymentIntent(input);
    const { client, clock } = clientWith([]);
    const error = await client
      .waitForPayment(intent.id, { timeoutMs: 70_000 })
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(PgwWaitError);
    expect(error).toMatchObject({ intent: { id: intent.id, status: 'requires_payment_method' } });
    expect(clock.slept.reduce((sum, ms) => sum + ms, 0)).toBe(70_000);
  });

  it.each([-86_400_000, -3_600_000, 3_600_000, 86_400_000])(
    "signs with the gateway's time after the gateway refused its own clock, which is off by %i ms",
    async (offMs) => {
      const base = instantClock();
      const clock: Clock = { ...base, now: () => new Date(base.now().getTime() + offMs) };
      const { client, sent } = clientWith([], { clock });
      const made = await client.createPaymentIntent(input);
      await client.retrievePaymentIntent(made.id);
      // The first request was sent twice, under one Idempotency-Key, and nothing was waited for.
      expect(sent.map(({ method }) => method)).toEqual(['POST', 'POST', 'GET']);
      expect(new Set(sent.slice(0, 2).map(({ headers }) => headers.get('Idempotency-Key'))).size).toBe(1);
      expect(base.slept).toEqual([]);
    },
  );

  it("interprets a Retry-After date by the sender's clock", async () => {
    const sentAt = Date.now() + 7_200_000;
    const { client, clock } = clientWith([
      answer(503, {
        Date: new Date(sentAt).toUTCString(),
        'Retry-After': new Date(sentAt + 5_000).toUTCString(),
      }),
    ]);
    await client.createPaymentIntent(input);
    expect(clock.slept).toEqual([5_375]);
  });

  it.each([3_600_000, -3_600_000])(
    'waits as long as it was told, even if the clock is set by %i ms',
    async (setMs) => {
      const intent = await server.createPaymentIntent(input);
      const base = instantClock();
      const startedAt = base.now().getTime();
      const clock: Clock = {
        ...base,
        now: () => new Date(base.now().getTime() + (base.slept.length > 2 ? setMs : 0)),
        monotonicMs: () => base.now().getTime() - startedAt,
      };
      const client = createClient({ baseUrl: gateway.url, clock });
      const waiting = client.waitForPayment(intent.id, {
        paymentToken: intent.payment_token,
        timeoutMs: 10_000,
      });
      await expect(waiting).rejects.toBeInstanceOf(PgwWaitError);
      expect(base.slept.reduce((sum, ms) => sum + ms, 0)).toBe(10_000);
    },
  );

  it('is waited for during an outage of less than a minute, but not during a longer one or after a refusal', async () => {
    const intent = await server.createPaymentIntent(input);
    await server.capturePaymentIntent(intent.id);
    const down = (tries: number) => Array.from({ length: tries }, () => cut);
    const short = clientWith(down(12));
    expect(await short.client.waitForPayment(intent.id)).toMatchObject({ status: 'succeeded' });
    const long = clientWith(down(1_000));
    await expect(long.client.waitForPayment(intent.id)).rejects.toBeInstanceOf(PgwConnectionError);
    const refused = clientWith([]);
    await expect(refused.client.waitForPayment('pi_none')).rejects.toMatchObject({ status: 404 });
  });

  describe('whose gateway accepts requests and never responds', () => {
    const thrown = (error: unknown) => error;

    it('ends the wait at the timeout, with its last known state', async () => {
      const intent = await server.createPaymentIntent(input);
      let polls = 0;
      const client = createClient({
        baseUrl: gateway.url,
        credentials: merchant,
        // At once, because the whole wait takes 50 ms.
        fetch: async (request) => (polls++ === 0 ? Response.json(intent) : blackHole(request)),
      });
      const error = await client.waitForPayment(intent.id, { timeoutMs: 50, intervalMs: 10 }).catch(thrown);
      expect(error).toBeInstanceOf(PgwWaitError);
      expect(error).toMatchObject({ intent: { id: intent.id, status: 'requires_payment_method' } });
    });

    it('ends the wait at the timeout with a connection error if it was never retrieved', async () => {
      const client = createClient({ baseUrl: gateway.url, fetch: blackHole });
      const error = await client.waitForPayment('pi_1', { timeoutMs: 50, intervalMs: 10 }).catch(thrown);
      expect(error).toBeInstanceOf(PgwConnectionError);
      expect(error).toMatchObject({ message: 'GET /v1/payment_intents/pi_1 received no response' });
    });

    it("ends with the caller's signal", async () => {
      const ending = new AbortController();
      const client = createClient({
        baseUrl: gateway.url,
        fetch(request) {
          const answer = blackHole(request);
          ending.abort(new Error('the shop closed'));
          return answer;
        },
      });
      const waiting = client.waitForPayment('pi_1', { timeoutMs: 60_000, signal: ending.signal });
      await expect(waiting).rejects.toThrow('the shop closed');
    });
  });

  it('that was retrieved once ends the wait with a wait error even if the last polls get no response', async () => {
    const intent = await server.createPaymentIntent(input);
    const { client } = clientWith([(send) => send(), ...Array.from({ length: 100 }, () => cut)]);
    const waiting = client.waitForPayment(intent.id, { timeoutMs: 10_000 });
    await expect(waiting).rejects.toBeInstanceOf(PgwWaitError);
  });

  it('syncs merchants with an upstream key', async () => {
    const upstream = createClient({ baseUrl: gateway.url, credentials: await gateway.newSyncKey() });
    expect(await upstream.syncMerchants([{ id: 'client_m', name: 'By client' }])).toEqual({
      synced_merchants: 1,
      synced_stores: 0,
    });
  });
});

describe('errors', () => {
  it('are typed, with code, details and the id of the request', async () => {
    const error = await server
      .createPaymentIntent({ ...input, amount: 0 })
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(PgwError);
    expect(error).toMatchObject({ status: 400, code: 'invalid_request', details: { field: 'amount' } });
    expect((error as PgwError).requestId).toMatch(/^req_/);
    expect((error as PgwError).message).toBe('Amount must be greater than 0 (400 invalid_request)');
  });

  it('that come from a proxy have the code unreadable_answer', async () => {
    const { client } = clientWith([answer(404)]);
    const error = await client.retrievePaymentIntent('pi_1').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ status: 404, code: 'unreadable_answer' });
  });

  it('have the code unreadable_answer also if a proxy responds with success', async () => {
    const { client } = clientWith([answer(200, { 'Content-Type': 'text/html' })]);
    const error = await client.retrievePaymentIntent('pi_1').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ status: 200, code: 'unreadable_answer' });
  });

  it('of the network become PgwConnectionError after the last attempt', async () => {
    const { client, sent } = clientWith([cut, cut, cut], { maxRetries: 2 });
    const error = await client.retrievePaymentIntent('pi_1').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(PgwConnectionError);
    expect(sent).toHaveLength(3);
  });
});

describe('retries', () => {
  it('carry the same Idempotency-Key, so that a lost response creates no second payment', async () => {
    const { client, sent } = clientWith([lost, cut]);
    const merchant_ref_id = 'lost_answer';
    const intent = await client.createPaymentIntent({ ...input, merchant_ref_id });
    expect(sent).toHaveLength(3);
    expect(keysOf(sent).size).toBe(1);
    expect((await server.listPaymentIntents({ merchant_ref_id })).map(({ id }) => id)).toEqual([intent.id]);
  });

  it('are made for a response that breaks off, without creating a second payment', async () => {
    const { client, sent } = clientWith([brokenOff, brokenOff]);
    const merchant_ref_id = 'broken_off';
    const intent = await client.createPaymentIntent({ ...input, merchant_ref_id });
    expect(sent).toHaveLength(3);
    expect((await server.listPaymentIntents({ merchant_ref_id })).map(({ id }) => id)).toEqual([intent.id]);
  });

  it("keep the caller's own Idempotency-Key", async () => {
    const { client, sent } = clientWith([cut]);
    await client.createPaymentIntent(input, { idempotencyKey: 'order_77' });
    expect(keysOf(sent)).toEqual(new Set(['order_77']));
  });

  it('use a different key for each call', async () => {
    const { client, sent } = clientWith([]);
    await client.createPaymentIntent(input);
    await client.createPaymentIntent(input);
    expect(keysOf(sent).size).toBe(2);
  });

  it('are signed with the time of each attempt', async () => {
    const { client, sent } = clientWith([cut, cut, cut]);
    await client.listPaymentIntents();
    expect(new Set(sent.map(({ headers }) => headers.get('Authorization'))).size).toBeGreaterThan(1);
  });

  it('back off exponentially with jitter, and for at least as long as Retry-After asks', async () => {
    const { client, clock } = clientWith([cut, answer(502), answer(429, { 'Retry-After': '7' })]);
    await client.listPaymentIntents();
    expect(clock.slept).toEqual([375, 750, 8_500]);
  });

  it('wait until the date in Retry-After', async () => {
    const inFiveSeconds = new Date(Math.ceil(Date.now() / 1000) * 1000 + 5_000).toUTCString();
    const { client, clock } = clientWith([answer(503, { 'Retry-After': inFiveSeconds })]);
    await client.listPaymentIntents();
    expect(clock.slept[0]).toBeGreaterThan(5_000);
    expect(clock.slept[0]).toBeLessThan(6_500);
  });

  it('are made for a 409 while the first request is still running, and for no other conflict', async () => {
    const transient = clientWith([answer(409, { 'Retry-After': '1' })]);
    await transient.client.createPaymentIntent(input);
    expect(transient.sent).toHaveLength(2);
    const permanent = clientWith([answer(409)]);
    await expect(permanent.client.createPaymentIntent(input)).rejects.toMatchObject({ status: 409 });
  });

  it.each([[400], [401], [403], [404], [413]])('are not made for %s', async (status) => {
    const { client, sent } = clientWith([answer(status)]);
    await expect(client.listPaymentIntents()).rejects.toMatchObject({ status });
    expect(sent).toHaveLength(1);
  });

  it('are not made when the gateway asks for more than a minute', async () => {
    const { client, sent } = clientWith([answer(503, { 'Retry-After': '3600' })]);
    await expect(client.listPaymentIntents()).rejects.toMatchObject({ status: 503 });
    expect(sent).toHaveLength(1);
  });

  it("end with the caller's signal", async () => {
    const ending = new AbortController();
    const abort: Fault = async () => {
      ending.abort(new Error('the shop closed'));
      throw new TypeError('cut');
    };
    const { client, sent } = clientWith([abort]);
    await expect(client.listPaymentIntents({}, { signal: ending.signal })).rejects.toThrow('the shop closed');
    expect(sent).toHaveLength(1);
  });

  it('are made for an attempt that times out', async () => {
    const slow = clientWith([], { timeoutMs: 50, fetch: blackHole, maxRetries: 1 });
    await expect(slow.client.listPaymentIntents()).rejects.toBeInstanceOf(PgwConnectionError);
    expect(slow.clock.slept).toHaveLength(1);
  });
});

describe('a stream of events', () => {
  const EVENTS = '/v1/payment_intents/{id}/events';

  /** A client of a gateway whose responses start at once; their bodies come from `feed`, if at all. */
  function clientOfStream(type: string) {
    const feed: { controller?: ReadableStreamDefaultController<Uint8Array> } = {};
    const timeoutMs = 50;
    const begin = (request: Request) => {
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          feed.controller = controller;
          request.signal.addEventListener('abort', () => controller.error(request.signal.reason));
        },
      });
      return new Response(body, { headers: { 'Content-Type': type } });
    };
    const client = createClient({
      baseUrl: gateway.url,
      timeoutMs,
      maxRetries: 0,
      fetch: async (request) => (request.url.includes('/events') ? begin(request) : blackHole(request)),
    });
    const options = { params: { path: { id: 'pi_1' } }, parseAs: 'stream' } as const;
    return {
      client,
      feed,
      open: (signal?: AbortSignal) => client.api.GET(EVENTS, { ...options, ...(signal && { signal }) }),
    };
  }

  it('outlives the timeout of an attempt', async () => {
    const { client, feed, open } = clientOfStream('text/event-stream');
    const { data } = await open();
    // A request that started after the stream has timed out, so the stream is past that timeout too.
    await expect(client.retrievePaymentIntent('pi_1')).rejects.toBeInstanceOf(PgwConnectionError);
    feed.controller?.enqueue(new TextEncoder().encode('event: payment_intent'));
    feed.controller?.close();
    expect(await new Response(data).text()).toBe('event: payment_intent');
  });

  it("ends with the caller's signal", async () => {
    const ending = new AbortController();
    const { open } = clientOfStream('text/event-stream');
    const { data } = await open(ending.signal);
    ending.abort(new Error('the shop closed'));
    await expect(new Response(data).text()).rejects.toThrow('the shop closed');
  });

  it('is the only response without a timeout: one of another type whose body does not arrive times out', async () => {
    const { open } = clientOfStream('application/json');
    await expect(open()).rejects.toBeInstanceOf(PgwConnectionError);
  });
});

describe('a gateway behind a proxy that strips a path prefix', () => {
  it.each(['/pgw', '/pgw/', '/v1'])('accepts the signature: %s', async (prefix) => {
    const urls: string[] = [];
    const client = createClient({
      baseUrl: gateway.url + prefix,
      credentials: merchant,
      fetch(request) {
        urls.push(request.url);
        return fetch(new Request(request.url.replace(prefix.replace(/\/$/, ''), ''), request));
      },
    });
    const { id } = await client.createPaymentIntent(input);
    expect(await client.retrievePaymentIntent(id)).toMatchObject({ id });
    expect(urls[0]).toBe(`${gateway.url}${prefix.replace(/\/$/, '')}/v1/payment_intents`);
  });
});

describe('a browser on a page without https', () => {
  afterEach(() => vi.unstubAllGlobals());

  it('generates Idempotency-Keys without crypto.randomUUID', async () => {
    const sent: Request[] = [];
    const client = createClient({
      baseUrl: 'http://10.0.0.1:8080',
      async fetch(request) {
        sent.push(request);
        return Response.json({ id: 'pi_1', status: 'cancelled' });
      },
    });
    const { crypto } = globalThis;
    vi.stubGlobal('crypto', {
      getRandomValues: (bytes: Uint8Array<ArrayBuffer>) => crypto.getRandomValues(bytes),
    });
    for (const _ of ['one', 'another']) {
      await client.cancelPaymentIntent('pi_1', { paymentToken: 'token' });
    }
    expect(keysOf(sent).size).toBe(2);
    for (const key of keysOf(sent)) {
      expect(key).toMatch(/^[0-9a-f]{32}$/);
    }
  });
});
