/**
 * The delivery worker with endpoints that want the events of a payment intent in order.
 */
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createUnblocking } from '../../../src/services/jobs/unblock-deliveries.ts';
import { createDeliverer, type Deliverer } from '../../../src/services/webhooks/deliver-webhooks.ts';
import { createSendPace } from '../../../src/services/webhooks/send-pace.ts';
import { query } from '../../../src/store/db/query.ts';
import { createTestClock, type TestClock } from '../../support/clock.ts';
import { startTestGateway, type TestGateway, type TestMerchant } from '../../support/gateway.ts';
import { responded, type ScriptedSender, scriptedSender } from '../../support/scripted-sender.ts';
import { newEndpoint, type SeededEvent, seedDelivery, seedEvent } from '../../support/webhooks.ts';

const HOUR = 3_600_000;

let gateway: TestGateway;
let clock: TestClock;
let sender: ScriptedSender;
let merchant: TestMerchant;
let endpointId: string;
let deliverer: Deliverer;
let woken: string[];

beforeAll(async () => {
  clock = createTestClock();
  sender = scriptedSender();
  gateway = await startTestGateway({ clock, webhookSender: sender });
});
afterAll(() => gateway.close());
beforeEach(async () => {
  await query(gateway.deps.db, 'delete from webhook_deliveries');
  sender.sent.splice(0);
  sender.respond = () => responded(204);
  merchant = await gateway.newMerchant();
  ({ id: endpointId } = await newEndpoint(gateway, merchant, { ordering: 'per_payment_intent' }));
  woken = [];
  const wake = (name: string) => void woken.push(name);
  const pace = createSendPace({ nowMs: () => 0, utilization: () => 0 });
  deliverer = createDeliverer({ ...gateway.deps, random: () => 0.5, wake }, pace);
});

/** Events of one payment intent, whose deliveries are due. */
async function events(count: number): Promise<SeededEvent[]> {
  const seeded: SeededEvent[] = [];
  for (let n = 0; n < count; n += 1) {
    const event = await seedEvent(gateway.deps.db, { merchantId: merchant.merchantId, at: clock.now() });
    await seedDelivery(gateway.deps.db, endpointId, event, { isOrdered: true });
    seeded.push(event);
  }
  await query(gateway.deps.db, `update webhook_deliveries set next_try_at = :now where status = 'pending'`, {
    now: clock.now(),
  });
  return seeded;
}

async function run(): Promise<void> {
  while ((await deliverer.runOnce()).taken > 0) {
    await deliverer.finish();
  }
}

const sentIds = () => sender.sent.map(({ eventId }) => eventId);

it('sends the next event as soon as the one before it was accepted', async () => {
  const [first, second, third] = await events(3);
  await run();
  expect(sentIds()).toEqual([first?.id, second?.id, third?.id]);
  expect(woken).toContain('deliveries');
});

it('sends no later event while an earlier one is tried again, and all of them afterwards', async () => {
  const [first, second] = await events(2);
  sender.respond = () => responded(500);
  await run();
  await run();
  expect(sentIds()).toEqual([first?.id]);
  sender.respond = () => responded(204);
  await clock.advance(HOUR);
  await run();
  expect(sentIds()).toEqual([first?.id, first?.id, second?.id]);
});

it('reads past the events that wait, to those of other payment intents, without a pause', async () => {
  const waiting = await events(40);
  await query(
    gateway.deps.db,
    `update webhook_deliveries set object_id = 'pi_other' where position = :position`,
    {
      position: waiting.at(-1)?.position,
    },
  );
  sender.respond = ({ eventId }) => responded(eventId === waiting[0]?.id ? 500 : 204);
  await run();
  expect(sentIds()).toEqual([waiting[0]?.id, waiting.at(-1)?.id]);
});

it('goes on with the next event when one has failed for good', async () => {
  const [first, second] = await events(2);
  sender.respond = ({ eventId }) => responded(eventId === first?.id ? 500 : 204);
  for (let hours = 0; hours < 80 && !sentIds().includes(second?.id ?? ''); hours += 1) {
    await run();
    await clock.advance(HOUR);
  }
  expect(sentIds()).toEqual([...Array.from({ length: 10 }, () => first?.id), second?.id]);
});

it('goes on with the next event when one was removed before it was sent', async () => {
  const [first, second] = await events(2);
  await query(gateway.deps.db, 'delete from events where id = :id', { id: first?.id });
  await run();
  expect(sentIds()).toEqual([second?.id]);
});

it('sends an event that a process has left blocked when the job has found it', async () => {
  const [event] = await events(1);
  await query(gateway.deps.db, 'update webhook_deliveries set is_blocked = true');
  await run();
  expect(sentIds()).toEqual([]);
  const unblock = createUnblocking();
  const limits = { limit: 1, concurrency: 1 };
  expect(await unblock(gateway.deps, limits)).toEqual({ taken: 1, done: 1, failed: 0 });
  // It is past the last object now, and begins with the first one again.
  await query(gateway.deps.db, 'update webhook_deliveries set is_blocked = true');
  expect(await unblock(gateway.deps, limits)).toMatchObject({ done: 0 });
  expect(await unblock(gateway.deps, limits)).toMatchObject({ done: 1 });
  await run();
  expect(sentIds()).toEqual([event?.id]);
});
