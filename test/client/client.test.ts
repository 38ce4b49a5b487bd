/**
 * The client a merchant's server imports, against the real gateway; faults of the network between them are played by a
 * fetch of our own.
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

/** A clock on which sleeping is instant and remembered. */
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

type Play = (send: () => Promise<Response>) => Promise<Response>;

/** A client whose first tries meet the given plays, and what it sent. */
function clientWith(plays: Play[], options: Partial<ClientOptions> = {}) {
  const sent: Request[] = [];
  const clock = instantClock();
  const client = createClient({
    baseUrl: gateway.url,
    credentials: merchant,
    clock,
    random: () => 0.5,
    async fetch(request) {
      sent.push(request.clone());
      const play = plays.shift() ?? ((send) => send());
      return play(() => fetch(request));
    },
    ...options,
  });
  return { client, sent, clock };
}

const cut: Play = async () => {
  throw new TypeError('the connection was cut');
};
/** The gateway acts, its answer is lost. */
const lost: Play = async (send) => {
  await send();
  throw new TypeError('the connection was cut');
};
/** The answer breaks off in the middle of its body. */
const brokenOff: Play = async (send) => {
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
  (status: number, headers: Record<string, string> = {}): Play =>
  async () =>
    new Response('<html>', { status, headers });

/** Takes the request and says nothing. */
const blackHole = (request: Request) =>
  new Promise<Response>((_, reject) =>
    request.signal.addEventListener('abort', () => reject(request.signal.reason)),
  );

const keysOf = (sent: Request[]) => new Set(sent.map(({ headers }) => headers.get('Idempotency-Key')));

describe('a payment with the client', () => {
  it('goes from create over confirm to the wait for its end', async () => {
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

  it('is listed by the page and all through', async () => {
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

  it('is given up waiting for, with the state it was seen in last', async () => {
    const intent = await server.createPaymentIntent(input);
    const { client, clock } = clientWith([]);
    const error = await client
      .waitForPayment(intent.id, { timeoutMs: 70_000 })
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(PgwWaitError);
    expect(error).toMatchObject({ intent: { id: intent.id, status: 'requires_payment_method' } });
    expect(clock.slept.reduce((sum, ms) => sum + ms, 0)).toBe(70_000);
  });

  it('is waited for over an outage shorter than a minute, not over a longer one or a refusal', async () => {
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

  describe('whose gateway takes requests and says nothing', () => {
    const thrown = (error: unknown) => error;

    it('is given up in time, with the state it was seen in last', async () => {
      const intent = await server.createPaymentIntent(input);
      let looks = 0;
      const client = createClient({
        baseUrl: gateway.url,
        credentials: merchant,
        fetch: (request) => (looks++ === 0 ? fetch(request) : blackHole(request)),
      });
      const error = await client.waitForPayment(intent.id, { timeoutMs: 50, intervalMs: 10 }).catch(thrown);
      expect(error).toBeInstanceOf(PgwWaitError);
      expect(error).toMatchObject({ intent: { id: intent.id, status: 'requires_payment_method' } });
    });

    it('is given up in time too when it was never seen, as no answer', async () => {
      const client = createClient({ baseUrl: gateway.url, fetch: blackHole });
      const error = await client.waitForPayment('pi_1', { timeoutMs: 50, intervalMs: 10 }).catch(thrown);
      expect(error).toBeInstanceOf(PgwConnectionError);
      expect(error).toMatchObject({ message: 'GET /v1/payment_intents/pi_1 got no answer' });
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

  it('that was seen is given up, and not called an outage, when the last looks get no answer', async () => {
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

  it('that a proxy makes up are unreadable answers', async () => {
    const { client } = clientWith([answer(404)]);
    const error = await client.retrievePaymentIntent('pi_1').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ status: 404, code: 'unreadable_answer' });
  });

  it('are unreadable answers too when a proxy says that all is well', async () => {
    const { client } = clientWith([answer(200, { 'Content-Type': 'text/html' })]);
    const error = await client.retrievePaymentIntent('pi_1').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ status: 200, code: 'unreadable_answer' });
  });

  it('of the network end as PgwConnectionError after the last try', async () => {
    const { client, sent } = clientWith([cut, cut, cut], { maxRetries: 2 });
    const error = await client.retrievePaymentIntent('pi_1').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(PgwConnectionError);
    expect(sent).toHaveLength(3);
  });
});

describe('retries', () => {
  it('carry one Idempotency-Key, so that a lost answer makes no second payment', async () => {
    const { client, sent } = clientWith([lost, cut]);
    const merchant_ref_id = 'lost_answer';
    const intent = await client.createPaymentIntent({ ...input, merchant_ref_id });
    expect(sent).toHaveLength(3);
    expect(keysOf(sent).size).toBe(1);
    expect((await server.listPaymentIntents({ merchant_ref_id })).map(({ id }) => id)).toEqual([intent.id]);
  });

  it('are made for an answer that breaks off, and it is the same payment', async () => {
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

  it('use another key for another call', async () => {
    const { client, sent } = clientWith([]);
    await client.createPaymentIntent(input);
    await client.createPaymentIntent(input);
    expect(keysOf(sent).size).toBe(2);
  });

  it('sign each try with the time of that try', async () => {
    const { client, sent } = clientWith([cut, cut, cut]);
    await client.listPaymentIntents();
    expect(new Set(sent.map(({ headers }) => headers.get('Authorization'))).size).toBeGreaterThan(1);
  });

  it('wait longer each time, by chance, and as long as Retry-After asks', async () => {
    const { client, clock } = clientWith([cut, answer(502), answer(429, { 'Retry-After': '7' })]);
    await client.listPaymentIntents();
    expect(clock.slept).toEqual([375, 750, 8_500]);
  });

  it('wait until the moment that Retry-After names', async () => {
    const inFiveSeconds = new Date(Math.ceil(Date.now() / 1000) * 1000 + 5_000).toUTCString();
    const { client, clock } = clientWith([answer(503, { 'Retry-After': inFiveSeconds })]);
    await client.listPaymentIntents();
    expect(clock.slept[0]).toBeGreaterThan(5_000);
    expect(clock.slept[0]).toBeLessThan(6_500);
  });

  it('are made while the first request is still running, and for no other conflict', async () => {
    const passing = clientWith([answer(409, { 'Retry-After': '1' })]);
    await passing.client.createPaymentIntent(input);
    expect(passing.sent).toHaveLength(2);
    const lasting = clientWith([answer(409)]);
    await expect(lasting.client.createPaymentIntent(input)).rejects.toMatchObject({ status: 409 });
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
    const abort: Play = async () => {
      ending.abort(new Error('the shop closed'));
      throw new TypeError('cut');
    };
    const { client, sent } = clientWith([abort]);
    await expect(client.listPaymentIntents({}, { signal: ending.signal })).rejects.toThrow('the shop closed');
    expect(sent).toHaveLength(1);
  });

  it('are made for a try that takes too long', async () => {
    const slow = clientWith([], { timeoutMs: 50, fetch: blackHole, maxRetries: 1 });
    await expect(slow.client.listPaymentIntents()).rejects.toBeInstanceOf(PgwConnectionError);
    expect(slow.clock.slept).toHaveLength(1);
  });
});

describe('a stream of events', () => {
  const EVENTS = '/v1/payment_intents/{id}/events';

  /** A client in front of a gateway whose answers begin and whose rest comes, or not, from `feed`. */
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

  it('outlives the time that a try may take', async () => {
    const { client, feed, open } = clientOfStream('text/event-stream');
    const { data } = await open();
    // A try that began later and has taken too long: by now that time is over for the stream too.
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

  it('is no way around the bound for an answer of another kind, whose body does not come', async () => {
    const { open } = clientOfStream('application/json');
    await expect(open()).rejects.toBeInstanceOf(PgwConnectionError);
  });
});

describe('a gateway behind a path of a proxy that takes it off', () => {
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

  it('makes Idempotency-Keys too, where there is no crypto.randomUUID', async () => {
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
