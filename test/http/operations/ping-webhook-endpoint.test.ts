import { Ajv } from 'ajv';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { query } from '../../../src/store/db/query.ts';
import { contract } from '../../support/contract.ts';
import { startTestGateway, type TestGateway, type TestMerchant } from '../../support/gateway.ts';
import { scriptedSender } from '../../support/scripted-sender.ts';
import { ENDPOINTS, newEndpoint, response } from '../../support/webhooks.ts';

const sender = scriptedSender();
let nowMs = Date.parse('2026-01-15T10:00:00Z');
let gateway: TestGateway;
let merchant: TestMerchant;

beforeAll(async () => {
  const clock = { now: () => new Date(nowMs), sleep: async () => undefined };
  gateway = await startTestGateway({ clock, webhookSender: sender });
});
afterAll(() => gateway.close());
beforeEach(async () => {
  sender.respond = async () => response(200);
  merchant = await gateway.newMerchant();
});

function createSignal(): { sent: Promise<void>; send: () => void } {
  let send: () => void = () => undefined;
  const sent = new Promise<void>((resolve) => {
    send = resolve;
  });
  return { sent, send };
}

const ping = (id: string, headers = {}, as = merchant) =>
  gateway.request('POST', `${ENDPOINTS}/${id}/ping`, { as, headers });

describe('POST /v1/webhook_endpoints/{id}/ping', () => {
  it('sends a signed event with the endpoint, which is in the feed and goes to no other endpoint', async () => {
    const { id, secret } = await newEndpoint(gateway, merchant);
    const { status, body } = await ping(id);
    expect([status, body]).toEqual([
      200,
      { delivered: true, status: 200, duration_ms: 4, response_excerpt: 'ok' },
    ]);
    const sent = sender.sent.at(-1);
    expect(sent).toMatchObject({
      url: 'https://shop.example.com/webhooks',
      keys: [secret],
      timestamp: nowMs / 1000,
    });
    const shown = await gateway.request('GET', `${ENDPOINTS}/${id}`, { as: merchant });
    expect(JSON.parse(sent?.body ?? '')).toEqual({
      id: sent?.eventId,
      type: 'ping',
      timestamp: new Date(nowMs).toISOString().replace('.000Z', 'Z'),
      api_version: 'v1',
      data: { webhook_endpoint: shown.body },
    });
    expect(
      await query(
        gateway.deps.db,
        'select type, object_id, fan_out, body from outbox_events where event_id = :id',
        {
          id: sent?.eventId ?? '',
        },
      ),
    ).toEqual([{ type: 'ping', object_id: id, fan_out: false, body: sent?.body }]);
  });

  it('sends what the callback of the contract describes', async () => {
    const { id } = await newEndpoint(gateway, merchant, { signature: 'ed25519', max_per_second: 5 });
    await ping(id);
    const ajv = new Ajv({ strict: false, formats: { 'date-time': true, int64: true, 'iso-4217': true } });
    const isEvent = ajv.addSchema(contract, 'contract').getSchema('contract#/components/schemas/Event');
    expect(isEvent?.(JSON.parse(sender.sent.at(-1)?.body ?? '')), JSON.stringify(isEvent?.errors)).toBe(true);
    expect(contract.paths?.[ENDPOINTS]?.post?.callbacks).toMatchObject({
      event: { '{$request.body#/url}': { post: { operationId: 'receiveEvent' } } },
    });
  });

  it('has stored the event before it calls the endpoint', async () => {
    const { id } = await newEndpoint(gateway, merchant);
    let stored: unknown[] = [];
    sender.respond = async () => {
      stored = await query(gateway.deps.db, 'select from outbox_events where object_id = :id', { id });
      return response(200);
    };
    await ping(id);
    expect(stored).toHaveLength(1);
  });

  it.each([
    [response(500, 'Oops'), { delivered: false, status: 500, response_excerpt: 'Oops' }, /only 2xx/],
    [response(302, ''), { delivered: false, status: 302 }, /redirect 302, which is not followed/],
    [response(410), { delivered: false, status: 410 }, /410 \(Gone\)/],
    [
      {
        kind: 'no_response',
        durationMs: 15_000,
        problem: 'timed_out',
        message: 'Nothing in 15 seconds.',
      } as const,
      { delivered: false, duration_ms: 15_000 },
      /^Nothing in 15 seconds\.$/,
    ],
  ])('says in words what is wrong: %j', async (result, expected, problem) => {
    const { id } = await newEndpoint(gateway, merchant);
    sender.respond = async () => result;
    const { status, body } = await ping(id);
    expect(status).toBe(200);
    expect(body).toMatchObject(expected);
    expect(body.problem).toMatch(problem);
  });

  it.each(['paused', 'disabled'])('also for an endpoint that is %s, which remains so', async (wanted) => {
    const { id } = await newEndpoint(gateway, merchant);
    const reason = wanted === 'disabled' ? 'gone' : null;
    await query(
      gateway.deps.db,
      'update webhook_endpoints set status = :wanted, disabled_reason = :reason where id = :id',
      { id, wanted, reason },
    );
    expect((await ping(id)).body.delivered).toBe(true);
    const shown = await gateway.request('GET', `${ENDPOINTS}/${id}`, { as: merchant });
    expect(shown.body.status).toBe(wanted);
  });

  it('repeated with the same key returns the same result and sends nothing', async () => {
    const { id } = await newEndpoint(gateway, merchant);
    const headers = { 'Idempotency-Key': 'ping' };
    const first = await ping(id, headers);
    const count = sender.sent.length;
    expect((await ping(id, headers)).body).toEqual(first.body);
    expect(sender.sent).toHaveLength(count);
  });

  it('refuses a second ping of an endpoint while one runs, and not one of another endpoint', async () => {
    const [one, other] = [await newEndpoint(gateway, merchant), await newEndpoint(gateway, merchant)];
    const reached = createSignal();
    const released = createSignal();
    sender.respond = async () => {
      reached.send();
      await released.sent;
      return response(200);
    };
    const first = ping(one.id);
    await reached.sent;
    sender.respond = async () => response(200);
    const second = await ping(one.id);
    expect([second.status, second.body.details.scope]).toEqual([429, 'webhook_endpoint_pings']);
    expect(Number(second.headers.get('Retry-After'))).toBeGreaterThan(0);
    expect((await ping(other.id)).status).toBe(200);
    released.send();
    expect((await first).status).toBe(200);
    expect((await ping(one.id)).status).toBe(200);
  });

  it('allows a merchant ten pings a minute, whatever another merchant does', async () => {
    const { id } = await newEndpoint(gateway, merchant);
    for (let index = 0; index < 10; index += 1) {
      expect((await ping(id)).status).toBe(200);
    }
    const refused = await ping(id);
    expect([refused.status, refused.body.details]).toEqual([429, { scope: 'merchant_pings', limit: 10 }]);
    const other = await gateway.newMerchant();
    const theirs = await newEndpoint(gateway, other);
    expect((await ping(theirs.id, {}, other)).status).toBe(200);
    nowMs += 60_000;
    expect((await ping(id)).status).toBe(200);
  });

  it('does not find an endpoint that the merchant does not have, and sends nothing', async () => {
    const { id } = await newEndpoint(gateway, merchant);
    const count = sender.sent.length;
    expect((await ping(id, {}, await gateway.newMerchant())).status).toBe(404);
    expect((await gateway.request('POST', `${ENDPOINTS}/${id}/ping`)).status).toBe(401);
    expect(sender.sent).toHaveLength(count);
  });
});
