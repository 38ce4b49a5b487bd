import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createEventStream } from '../../../src/http/event-stream.ts';
import { authorizationHeader } from '../../../src/lib/signing.ts';
import { WATCH_LIMITS } from '../../../src/services/live-status/watch-limits.ts';
import { cancelPaymentIntent } from '../../../src/services/operations/cancel-payment-intent.ts';
import { streamPaymentIntentEvents } from '../../../src/services/operations/stream-payment-intent-events.ts';
import { updateApiKey } from '../../../src/services/operator/api-keys.ts';
import { revokeApiKey } from '../../../src/store/api-keys.ts';
import { BY_TEST } from '../../support/acts.ts';
import { createTestClock, type TestClock } from '../../support/clock.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { type EventReader, openEvents } from '../../support/events.ts';
import { startTestGateway, type TestGateway, type TestMerchant } from '../../support/gateway.ts';

const PULSE_MS = 12_000;

interface Intent {
  readonly id: string;
  readonly token: string;
}

let clock: TestClock;
let database: TestDatabase;
let gateway: TestGateway;
let other: TestGateway;
let merchant: TestMerchant;
const readers: EventReader[] = [];

beforeAll(async () => {
  clock = createTestClock();
  database = await createTestDatabase();
  gateway = await startTestGateway({ clock, database, contractSample: 1 });
  other = await startTestGateway({ clock, database });
  merchant = await gateway.newMerchant();
});
afterEach(async () => {
  for (const reader of readers.splice(0)) {
    reader.leave();
  }
  await expect.poll(() => openStreams(gateway)).toBe(0);
});
afterAll(async () => {
  await gateway.close();
  await other.close();
  await database.drop();
});

const pathOf = ({ id }: Pick<Intent, 'id'>) => `/v1/payment_intents/${id}/events`;

async function watch(
  intent: Intent,
  node = gateway,
  headers: Record<string, string> = {},
): Promise<EventReader> {
  const reader = await openEvents(`${node.url}${pathOf(intent)}?payment_token=${intent.token}`, headers);
  readers.push(reader);
  return reader;
}

/** Watches as the merchant's server. */
async function watchSigned(intent: Intent, as: TestMerchant): Promise<EventReader> {
  const path = pathOf(intent);
  const Authorization = authorizationHeader(as, { method: 'GET', path, body: '' }, clock.now());
  const reader = await openEvents(`${gateway.url}${path}`, { Authorization });
  readers.push(reader);
  return reader;
}

async function gauge(node: TestGateway, name: string): Promise<number | undefined> {
  const { text } = await node.deps.metrics.render();
  const value = new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1];
  return value === undefined ? undefined : Number(value);
}

const openStreams = (node: TestGateway) => gauge(node, 'pgw_event_streams');

async function untilListening(node: TestGateway): Promise<void> {
  await expect.poll(() => gauge(node, 'pgw_event_listener_connected')).toBe(1);
}

function cancel(node: TestGateway, intent: Intent) {
  return node.request('POST', `/v1/payment_intents/${intent.id}/cancel`, { as: merchant });
}

/** Cancels like a node whose message is lost. */
function cancelUnannounced(intent: Intent) {
  const deps = { ...other.deps, announce: () => undefined };
  return cancelPaymentIntent(deps, { merchantId: merchant.merchantId, intentId: intent.id, actor: 'test' });
}

describe('GET /v1/payment_intents/{id}/events', () => {
  it('sends the current state at once, then each change, and ends when it is paid', async () => {
    const intent = await gateway.newIntent(merchant);
    const events = await watch(intent);
    const first = await events.until('requires_payment_method');
    expect(first).toEqual({ ...first, event: 'payment_intent', data: (await gateway.retrieve(intent)).body });
    const { body } = await gateway.confirm(intent);
    await events.until('requires_action');
    await gateway.sandbox.pay({ qrContent: body.qr_content });
    await expect
      .poll(async () => {
        await gateway.runPasses('webhooks');
        return (await gateway.retrieve(intent)).body.status;
      })
      .toBe('succeeded');
    const last = await events.until('succeeded');
    await events.end();
    expect(last.data).toEqual((await gateway.retrieve(intent)).body);
    const ids = events.events.map(({ id }) => id);
    expect(ids).toEqual([...new Set(ids)].sort((a, b) => a - b));
    expect(JSON.stringify(events.events)).not.toContain('_secret_');
    expect(events.retries).toEqual([2_000, 60_000]);
  });

  it('reports that a code lapsed, and that a new one is live', async () => {
    const intent = await gateway.newIntent(merchant);
    const events = await watch(intent);
    await gateway.confirm(intent);
    await events.until('requires_action');
    await clock.advance(311_000);
    await gateway.runPasses('attempts');
    const lapsed = await events.until('requires_payment_method');
    expect(lapsed.data.last_payment_error.code).toBe('code_expired');
    await gateway.confirm(intent);
    const fresh = await events.until('requires_action');
    expect(fresh.id).toBeGreaterThan(lapsed.id);
  });

  it('reports what each path changes: capture, expiry, decline', async () => {
    const [captured, expiring, declined] = [
      await gateway.newIntent(merchant, { payment_method_types: ['qr_mpm', 'cash'] }),
      await gateway.newIntent(merchant, { expires_in_minutes: 1 }),
      await gateway.newIntent(merchant),
    ];
    const { body } = await gateway.confirm(declined);
    const [cash, late, refused] = [await watch(captured), await watch(expiring), await watch(declined)];
    await gateway.request('POST', `/v1/payment_intents/${captured.id}/capture`, { as: merchant });
    await cash.until('succeeded');
    await gateway.sandbox.decline({ qrContent: body.qr_content });
    await clock.advance(5_000);
    await gateway.runPasses('attempts');
    const { data } = await refused.until('requires_payment_method');
    expect(data.last_payment_error.code).toBe('payment_failed');
    await clock.advance(60_000);
    await gateway.runPasses('expiry');
    await late.until('expired');
  });

  it('sends the state of an ended intent once, and ends', async () => {
    const intent = await gateway.newIntent(merchant);
    await cancel(gateway, intent);
    const events = await watch(intent);
    await events.end();
    expect(events.events.map(({ data }) => data.status)).toEqual(['cancelled']);
  });

  it('is only for the holder of the token and for the merchant', async () => {
    const intent = await gateway.newIntent(merchant);
    const stranger = await gateway.newMerchant();
    const refusal = async (query: string, options = {}) =>
      (await gateway.request('GET', `${pathOf(intent)}${query}`, options)).body.code;
    expect(await refusal('')).toBe('unauthorized');
    expect(await refusal('?payment_token=wrong')).toBe('invalid_token');
    expect(await refusal('', { as: stranger })).toBe('not_found');
    for (const id of ['pi_01JHMB5V00ZX8Y7W6V5T4S3R2Q', 'x', 'pi_%00']) {
      expect((await gateway.request('GET', pathOf({ id }), { as: merchant })).status).toBe(404);
    }
    const signable = { method: 'GET', path: pathOf(intent), body: '' };
    const events = await openEvents(`${gateway.url}${pathOf(intent)}`, {
      Authorization: authorizationHeader(merchant, signable, clock.now()),
    });
    readers.push(events);
    await events.until('requires_payment_method');
    expect(await openStreams(gateway)).toBe(1);
  });

  it("can be read from a merchant's page, must not be cached, and is one log line without the token", async () => {
    const intent = await gateway.newIntent(merchant);
    const { response } = await watch(intent, gateway, { Origin: 'https://shop.example' });
    expect(response.headers.get('Access-Control-Allow-Origin')).toBe('*');
    expect(response.headers.get('Cache-Control')).toBe('no-store');
    expect(response.headers.get('Content-Type')).toMatch(/^text\/event-stream/);
    const lines = () =>
      gateway.logLines.filter(
        (line) => line.includes(`"intentId":"${intent.id}"`) && line.includes('streamPaymentIntentEvents'),
      );
    await expect.poll(() => lines().length).toBe(1);
    expect(lines()[0]).toContain('"status":200');
    expect(gateway.logLines.join()).not.toContain(intent.token);
    expect(gateway.logLines.join()).not.toContain('not as the contract says');
  });

  it('a HEAD request leaves no stream open', async () => {
    const intent = await gateway.newIntent(merchant);
    const path = `${pathOf(intent)}?payment_token=${intent.token}`;
    expect((await gateway.request('HEAD', path)).status).toBe(200);
    await expect.poll(() => openStreams(gateway)).toBe(0);
  });
});

describe('a change by another node', () => {
  it('arrives by its message alone', async () => {
    const intent = await gateway.newIntent(merchant);
    const [here, there] = [await watch(intent, gateway), await watch(intent, other)];
    await untilListening(gateway);
    await untilListening(other);
    await cancel(other, intent);
    await Promise.all([here.until('cancelled'), there.until('cancelled')]);
  });

  it('whose message was lost is found by the next poll, without a read for each stream', async () => {
    const intents = await Promise.all(Array.from({ length: 20 }, () => gateway.newIntent(merchant)));
    const streams = await Promise.all(intents.map((intent) => watch(intent)));
    await Promise.all(streams.map((stream) => stream.until('requires_payment_method')));
    await untilListening(gateway);
    await Promise.all(intents.slice(0, 5).map(cancelUnannounced));
    const reads = countReads();
    await clock.advance(PULSE_MS);
    await Promise.all(streams.slice(0, 5).map((stream) => stream.until('cancelled')));
    await Promise.all(streams.slice(5).map((stream) => stream.untilComment()));
    expect(reads()).toBe(1);
  });

  it('is read once for all intents that changed together', async () => {
    const intents = await Promise.all(Array.from({ length: 10 }, () => gateway.newIntent(merchant)));
    const streams = await Promise.all(intents.map((intent) => watch(intent)));
    await Promise.all(streams.map((stream) => stream.until('requires_payment_method')));
    await untilListening(gateway);
    await Promise.all(intents.map(cancelUnannounced));
    const reads = countReads();
    for (const { id } of intents) {
      other.deps.announce(id);
    }
    await Promise.all(streams.map((stream) => stream.until('cancelled')));
    expect(reads()).toBe(1);
  });

  it('while the listening connection was lost arrives when it is replaced', async () => {
    const intent = await gateway.newIntent(merchant);
    const events = await watch(intent);
    await events.until('requires_payment_method');
    await untilListening(gateway);
    await database.db.raw(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where application_name = 'mpac-pgw listen' and datname = current_database()`,
    );
    await expect.poll(() => gauge(gateway, 'pgw_event_listener_connected')).toBe(0);
    await cancelUnannounced(intent);
    await clock.advance(100);
    await events.until('cancelled');
    expect(await gauge(gateway, 'pgw_event_listener_connected')).toBe(1);
  });
});

/** Counts the reads of watched intents that the database gets from now on. */
function countReads(): () => number {
  let reads = 0;
  database.db.on('query', ({ sql }: { sql: string }) => {
    if (sql.includes('known_version')) {
      reads += 1;
    }
  });
  return () => reads;
}

describe('a stream', () => {
  it('is forgotten when its client leaves', async () => {
    const intent = await gateway.newIntent(merchant);
    const events = await watch(intent);
    await events.until('requires_payment_method');
    expect(await openStreams(gateway)).toBe(1);
    events.leave();
    await expect.poll(() => openStreams(gateway)).toBe(0);
  });

  it('is forgotten when its client leaves while it waits behind another response', async () => {
    const intent = await gateway.newIntent(merchant);
    const request = `GET ${pathOf(intent)}?payment_token=${intent.token} HTTP/1.1\r\nHost: a\r\n\r\n`;
    const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1');
    socket.write(request.repeat(2));
    await expect.poll(() => openStreams(gateway)).toBe(2);
    socket.destroy();
    await expect.poll(() => openStreams(gateway)).toBe(0);
  });

  it("is refused as a payer's ninth, until another has ended", async () => {
    const intent = await gateway.newIntent(merchant);
    const open = await Promise.all(Array.from({ length: 8 }, () => watch(intent)));
    const path = `${pathOf(intent)}?payment_token=${intent.token}`;
    const { status, body, headers } = await gateway.request('GET', path);
    expect([status, body.code, body.details]).toEqual([
      429,
      'rate_limit_exceeded',
      { scope: 'payment_intent_streams', limit: 8 },
    ]);
    expect(headers.get('Retry-After')).toBe('5');
    open[0]?.leave();
    await expect.poll(() => openStreams(gateway)).toBe(7);
    await (await watch(intent)).until('requires_payment_method');
  });

  it("leaves two streams of an intent for the merchant's servers when its payer has the maximum", async () => {
    const intent = await gateway.newIntent(merchant);
    await Promise.all(Array.from({ length: 8 }, () => watch(intent)));
    const own = [await watchSigned(intent, merchant), await watchSigned(intent, merchant)];
    expect(own.map(({ response }) => response.status)).toEqual([200, 200]);
    const { status, body } = await gateway.request('GET', pathOf(intent), { as: merchant });
    expect([status, body.details]).toEqual([429, { scope: 'payment_intent_streams', limit: 10 }]);
  });

  it('ends within a pulse when the API key that opened it is revoked; others go on', async () => {
    const owner = await gateway.newMerchant();
    const intent = await gateway.newIntent(owner, { expires_in_minutes: 120 });
    const [signed, payers] = [await watchSigned(intent, owner), await watch(intent)];
    await signed.until('requires_payment_method');
    await clock.advance(PULSE_MS);
    await signed.untilComment();
    await revokeApiKey(gateway.deps.db, owner.apiKey, clock.now());
    await clock.advance(PULSE_MS);
    await signed.end();
    await payers.untilComment();
    expect((await gateway.request('GET', pathOf(intent), { as: owner })).status).toBe(401);
  });

  it('ends within a pulse when the API key that opened it is limited otherwise', async () => {
    const owner = await gateway.newMerchant();
    const intent = await gateway.newIntent(owner, { expires_in_minutes: 120 });
    const signed = await watchSigned(intent, owner);
    await signed.until('requires_payment_method');
    await updateApiKey(gateway.deps, BY_TEST, owner.apiKey, { allowedIps: ['203.0.113.7'] });
    await clock.advance(PULSE_MS);
    await signed.end();
  });

  it('is refused when the node has the maximum number of streams', async () => {
    const small = await startTestGateway({ clock, database, watchLimits: { ...WATCH_LIMITS, perNode: 1 } });
    const intents = [await gateway.newIntent(merchant), await gateway.newIntent(merchant)] as const;
    await watch(intents[0], small);
    const path = `${pathOf(intents[1])}?payment_token=${intents[1].token}`;
    const { status, body } = await small.request('GET', path);
    expect([status, body.details.scope]).toEqual([429, 'node_streams']);
    await small.close();
  });

  it('ends after an hour and says when to reconnect', async () => {
    const events = await watch(await gateway.newIntent(merchant, { expires_in_minutes: 120 }));
    await clock.advance(3_600_000);
    await events.end();
    expect(events.retries).toEqual([2_000, 4_000]);
  });

  it('is dropped when its client reads nothing', async () => {
    const intent = await gateway.newIntent(merchant);
    const { body, watcher } = createEventStream(gateway.deps);
    const closed = once(body, 'close');
    const input = { merchantId: merchant.merchantId, intentId: intent.id, key: undefined };
    body.once('close', await streamPaymentIntentEvents(gateway.deps, input, watcher));
    for (let count = 0; !body.destroyed; count += 1) {
      if (count > 100_000) {
        throw new Error('it buffers without bound');
      }
      watcher.pulse();
    }
    await closed;
    expect(await openStreams(gateway)).toBe(0);
  });
});

describe('a node that shuts down', () => {
  it('ends its streams with a time to reconnect, and waits for no client, even one that reads nothing', async () => {
    const node = await startTestGateway({ clock, database });
    const intent = await gateway.newIntent(merchant);
    const events = await watch(intent, node);
    const stalled = connect(Number(new URL(node.url).port), '127.0.0.1');
    stalled.write(`GET ${pathOf(intent)}?payment_token=${intent.token} HTTP/1.1\r\nHost: x\r\n\r\n`);
    await expect.poll(() => openStreams(node)).toBe(2);
    await node.close();
    await events.end();
    expect(events.events.length).toBe(1);
    expect(events.retries).toEqual([2_000, 4_000]);
    stalled.destroy();
  });

  it('does not wait for a connection that was opened in advance and never used', async () => {
    const node = await startTestGateway({ clock, database });
    const unused = connect(Number(new URL(node.url).port), '127.0.0.1');
    await once(unused, 'connect');
    // Served after it, so the server knows of it.
    await node.request('GET', '/health');
    const ended = once(unused, 'close');
    await node.close();
    await ended;
  });

  it('still sends the current state to a new stream, because a browser gives up after a refusal', async () => {
    const intent = await gateway.newIntent(merchant);
    const { body, watcher } = createEventStream(gateway.deps);
    const deps = { ...gateway.deps, isDraining: () => true };
    const input = { merchantId: merchant.merchantId, intentId: intent.id, key: undefined };
    body.once('close', await streamPaymentIntentEvents(deps, input, watcher));
    const text = (await body.toArray()).join('');
    expect(text).toContain('"status":"requires_payment_method"');
    expect(text).toMatch(/retry: 4000\n\n$/);
  });
});
