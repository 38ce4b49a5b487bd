import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createDeliverer, type Deliverer } from '../../../src/services/webhooks/deliver-webhooks.ts';
import { createSendPace } from '../../../src/services/webhooks/send-pace.ts';
import { query } from '../../../src/store/db/query.ts';
import type { OutgoingWebhook, SendResult } from '../../../src/webhook-sender/sender.ts';
import { createTestClock, type TestClock } from '../../support/clock.ts';
import { startTestGateway, type TestGateway, type TestMerchant } from '../../support/gateway.ts';
import { responded, type ScriptedSender, scriptedSender } from '../../support/scripted-sender.ts';
import { DELIVERIES, ENDPOINTS, newEndpoint, seedDelivery, seedEvent } from '../../support/webhooks.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Of a process that is never busy, however slow the machine is. */
const IDLE_PACE = createSendPace({ nowMs: () => 0, utilization: () => 0 });

let gateway: TestGateway;
let clock: TestClock;
let sender: ScriptedSender;
let merchant: TestMerchant;
let deliverer: Deliverer;

beforeAll(async () => {
  clock = createTestClock();
  sender = scriptedSender();
  gateway = await startTestGateway({ clock, webhookSender: sender });
});
afterAll(() => gateway.close());
beforeEach(async () => {
  await gateway.deps.db.raw('truncate webhook_deliveries, webhook_endpoints, outbox_events');
  sender.sent.splice(0);
  sender.respond = () => responded(204);
  merchant = await gateway.newMerchant();
  deliverer = createDeliverer({ ...gateway.deps, random: () => 0.5 }, IDLE_PACE);
});

interface SeededEndpoint {
  readonly id: string;
  readonly url: string;
}

async function endpointOf(owner = merchant, fields: Record<string, unknown> = {}): Promise<SeededEndpoint> {
  const url = `https://${randomUUID()}.example.com/`;
  const { id } = await newEndpoint(gateway, owner, { url, ...fields });
  return { id, url };
}

/** Makes deliveries that are due now, and returns their ids. */
async function due(endpoint: SeededEndpoint, count = 1, owner = merchant): Promise<string[]> {
  const ids: string[] = [];
  for (let n = 0; n < count; n += 1) {
    const event = await seedEvent(gateway.deps.db, { merchantId: owner.merchantId, at: clock.now() });
    const id = await seedDelivery(gateway.deps.db, endpoint.id, event);
    await query(gateway.deps.db, 'update webhook_deliveries set next_try_at = :now where id = :id', {
      now: clock.now(),
      id,
    });
    ids.push(id);
  }
  return ids;
}

/** Starts everything that is due and waits until it has ended. */
async function run(): Promise<void> {
  while ((await deliverer.runOnce()).taken > 0) {
    await deliverer.finish();
  }
}

const shown = async (id: string) =>
  (await gateway.request('GET', `${DELIVERIES}/${id}`, { as: merchant })).body;
const shownEndpoint = async ({ id }: SeededEndpoint) =>
  (await gateway.request('GET', `${ENDPOINTS}/${id}`, { as: merchant })).body;
const urls = () => sender.sent.map(({ url }) => url);

/** A receiver that does not respond until it is released. */
function hang(...hanging: string[]) {
  const releases: ((result: SendResult) => void)[] = [];
  sender.respond = (webhook: OutgoingWebhook) =>
    hanging.includes(webhook.url) ? new Promise((resolve) => releases.push(resolve)) : responded(204);
  return (result: SendResult) => {
    for (const release of releases.splice(0)) {
      release(result);
    }
  };
}

const TIMED_OUT: SendResult = {
  kind: 'no_response',
  problem: 'timed_out',
  message: 'No response within 15 seconds',
  durationMs: 15_000,
};

describe('a delivery', () => {
  it('sends the event with the key of its endpoint and is shown as succeeded, with its attempt', async () => {
    const endpoint = await endpointOf();
    const [id = ''] = await due(endpoint);
    await run();
    const { event_id: eventId } = await shown(id);
    expect(sender.sent).toEqual([
      {
        url: endpoint.url,
        eventId,
        body: '{}',
        keys: [expect.stringMatching(/^whsec_/)],
        timestamp: Math.floor(clock.now().getTime() / 1000),
      },
    ]);
    expect(await shown(id)).toMatchObject({
      status: 'succeeded',
      tries: 1,
      attempts: [{ duration_ms: 1, status: 204 }],
    });
  });

  it('is tried again when the response is not 2xx, when the delay has passed', async () => {
    const [id = ''] = await due(await endpointOf());
    sender.respond = () => responded(302);
    await run();
    expect(await shown(id)).toMatchObject({ status: 'pending', tries: 1, attempts: [{ status: 302 }] });
    await clock.advance(4_000);
    await run();
    expect(sender.sent).toHaveLength(1);
    sender.respond = () => responded(200);
    await clock.advance(1_000);
    await run();
    expect(await shown(id)).toMatchObject({ status: 'succeeded', tries: 2 });
  });

  it('has failed after ten tries over 76 hours, when only its own schedule counts', async () => {
    const [id = ''] = await due(await endpointOf());
    sender.respond = () => responded(500);
    const start = clock.now().getTime();
    const moments: number[] = [];
    for (let hours = 0; hours < 80; hours += 0.25) {
      await run();
      if (sender.sent.length > moments.length) {
        moments.push((clock.now().getTime() - start) / HOUR);
      }
      await clock.advance(0.25 * HOUR);
    }
    expect(await shown(id)).toMatchObject({ status: 'failed', tries: 10 });
    expect(moments).toHaveLength(10);
    expect(moments.at(-1)).toBeGreaterThan(75);
  });

  it('is sent again after the process died between the response and its record', async () => {
    const endpoint = await endpointOf();
    const [id = ''] = await due(endpoint);
    hang(endpoint.url);
    await deliverer.runOnce();
    deliverer = createDeliverer(gateway.deps, IDLE_PACE);
    await run();
    expect(sender.sent).toHaveLength(1);
    sender.respond = () => responded(204);
    await clock.advance(MINUTE);
    await run();
    expect(sender.sent.map(({ eventId }) => eventId)).toEqual([
      sender.sent[0]?.eventId,
      sender.sent[0]?.eventId,
    ]);
    expect(await shown(id)).toMatchObject({ status: 'succeeded' });
  });

  it('is signed with both keys after a rotation, until the old one ends', async () => {
    const endpoint = await endpointOf();
    const rotate = `${ENDPOINTS}/${endpoint.id}/rotate_secret`;
    await gateway.request('POST', rotate, { as: merchant, body: { overlap_seconds: 60 } });
    await due(endpoint);
    await run();
    expect(sender.sent[0]?.keys).toHaveLength(2);
    await clock.advance(MINUTE);
    await due(endpoint);
    await run();
    expect(sender.sent[1]?.keys).toEqual([sender.sent[0]?.keys[0]]);
  });

  it('of an event that was removed fails without being sent', async () => {
    const [id = ''] = await due(await endpointOf());
    const { event_id: eventId } = await shown(id);
    await query(gateway.deps.db, 'delete from events where id = :eventId', { eventId });
    await run();
    expect(await shown(id)).toMatchObject({ status: 'failed', tries: 0 });
    expect(sender.sent).toEqual([]);
  });

  it('waits a minute after a time-out and at most twice the planned time for Retry-After', async () => {
    const endpoint = await endpointOf();
    const [first = '', second = ''] = await due(endpoint, 2);
    const results = [TIMED_OUT, responded(429, 31_536_000)];
    sender.respond = () => results.shift() ?? responded(204);
    await run();
    const delays = [await shown(first), await shown(second)]
      .map(({ next_try_at: next }) => Math.round((Date.parse(next) - clock.now().getTime()) / 1000))
      .sort((a, b) => a - b);
    // Times are shown without fractions of a second.
    expect(delays[0]).toBeGreaterThanOrEqual(59);
    expect(delays[0]).toBeLessThanOrEqual(60);
    expect(delays[1]).toBeGreaterThanOrEqual(119);
    expect(delays[1]).toBeLessThanOrEqual(120);
  });
});

describe('receivers that hang', () => {
  it('do not delay others, and do not get more than eight requests at once', async () => {
    const hanging = await endpointOf();
    await due(hanging, 20);
    const release = hang(hanging.url);
    await deliverer.runOnce();
    expect(urls()).toHaveLength(8);
    const other = await gateway.newMerchant();
    const healthy = await endpointOf(other);
    await due(healthy, 3, other);
    await deliverer.runOnce();
    expect(urls().filter((url) => url === healthy.url)).toHaveLength(3);
    release(TIMED_OUT);
    await deliverer.finish();
    expect(await shownEndpoint(hanging)).toMatchObject({ status: 'suspended' });
  });

  it('get one request at a time after their first failure', async () => {
    const endpoint = await endpointOf();
    await due(endpoint, 1);
    sender.respond = () => responded(500);
    await run();
    await due(endpoint, 5);
    hang(endpoint.url);
    await deliverer.runOnce();
    await deliverer.runOnce();
    expect(sender.sent).toHaveLength(2);
  });
});

describe('an endpoint that fails', () => {
  const failing = async () => {
    const endpoint = await endpointOf();
    sender.respond = () => responded(500);
    await due(endpoint, 8);
    await run();
    await due(endpoint, 8);
    return endpoint;
  };

  it('is suspended, gets one delivery a period, and receives everything once it responds', async () => {
    const endpoint = await failing();
    expect(await shownEndpoint(endpoint)).toMatchObject({ status: 'suspended' });
    const before = sender.sent.length;
    await clock.advance(MINUTE);
    await run();
    expect(sender.sent).toHaveLength(before + 1);
    await clock.advance(MINUTE);
    await run();
    expect(sender.sent).toHaveLength(before + 1);
    sender.respond = () => responded(204);
    await clock.advance(10 * MINUTE);
    await run();
    expect(await shownEndpoint(endpoint)).toMatchObject({ status: 'enabled' });
    const { rows } = await gateway.deps.db.raw(
      "select count(*)::int as left from webhook_deliveries where status = 'pending'",
    );
    expect(rows).toEqual([{ left: 0 }]);
  });

  it('is disabled when it responds with 410, and the merchant gets an event', async () => {
    const endpoint = await endpointOf();
    await due(endpoint, 1);
    sender.respond = () => responded(410);
    await run();
    expect(await shownEndpoint(endpoint)).toMatchObject({ status: 'disabled', disabled_reason: 'gone' });
    expect(await query(gateway.deps.db, 'select type, object_id, fan_out from outbox_events')).toEqual([
      { type: 'webhook_endpoint.disabled', object_id: endpoint.id, fan_out: true },
    ]);
  });

  it('is disabled after 120 hours without a success, with one event, and then gets nothing', async () => {
    const endpoint = await failing();
    for (let hours = 0; hours <= 121; hours += 1) {
      await due(endpoint, 1);
      await run();
      await clock.advance(HOUR);
    }
    expect(await shownEndpoint(endpoint)).toMatchObject({ status: 'disabled', disabled_reason: 'failing' });
    expect(await query(gateway.deps.db, 'select type from outbox_events')).toHaveLength(1);
    const before = sender.sent.length;
    await clock.advance(HOUR);
    await run();
    expect(sender.sent).toHaveLength(before);
  });

  it('keeps its pending deliveries while it is disabled, and gets them when it is enabled again', async () => {
    const endpoint = await endpointOf();
    sender.respond = () => responded(410);
    const [id = ''] = await due(endpoint, 1);
    await run();
    sender.respond = () => responded(204);
    await gateway.request('PATCH', `${ENDPOINTS}/${endpoint.id}`, {
      as: merchant,
      body: { status: 'enabled' },
    });
    await clock.advance(MINUTE);
    await run();
    expect(await shown(id)).toMatchObject({ status: 'succeeded' });
  });
});

describe('an endpoint that was deleted while a request was under way', () => {
  it('stays deleted, and the delivery ends', async () => {
    const endpoint = await endpointOf();
    const [id = ''] = await due(endpoint);
    const release = hang(endpoint.url);
    await deliverer.runOnce();
    await gateway.request('DELETE', `${ENDPOINTS}/${endpoint.id}`, { as: merchant });
    release(responded(500));
    await deliverer.finish();
    await clock.advance(HOUR);
    await run();
    expect(sender.sent).toHaveLength(1);
    const rows = await query(gateway.deps.db, 'select status from webhook_endpoints');
    expect(rows).toEqual([{ status: 'deleted' }]);
    expect((await gateway.request('GET', `${DELIVERIES}/${id}`, { as: merchant })).status).toBe(404);
  });
});
