/**
 * The events of refunds in the feed and their deliveries.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { query } from '../../../src/store/db/query.ts';
import { createTestClock, type TestClock } from '../../support/clock.ts';
import { sequenceUntil } from '../../support/feed.ts';
import { startTestGateway, type TestGateway, type TestMerchant } from '../../support/gateway.ts';
import { newPaidIntent, requestRefund } from '../../support/refunds.ts';
import { responded, type ScriptedSender, scriptedSender } from '../../support/scripted-sender.ts';
import { newEndpoint } from '../../support/webhooks.ts';

interface FeedEvent {
  readonly id: string;
  readonly type: string;
  readonly data: {
    readonly refund?: { readonly version: number };
    readonly payment_intent?: Record<string, unknown>;
  };
}

let clock: TestClock;
let gateway: TestGateway;
let sender: ScriptedSender;

beforeAll(async () => {
  clock = createTestClock(new Date('2026-01-15T03:00:00Z'));
  sender = scriptedSender();
  sender.respond = () => responded(204);
  gateway = await startTestGateway({
    clock,
    webhookSender: sender,
    sandbox: { webhookMode: 'manual', refundDelaySeconds: 0 },
  });
});
afterAll(() => gateway.close());

/** Two refunds, of 400 and of the rest, one after the other. */
async function refundInParts(merchant: TestMerchant): Promise<{ intentId: string; refundIds: string[] }> {
  const intent = await newPaidIntent(gateway, merchant);
  const refundIds: string[] = [];
  for (const fields of [{ amount: 400, merchant_refund_ref_id: 'r-1' }, {}]) {
    const { body } = await requestRefund(gateway, merchant, intent, fields);
    refundIds.push(body.id);
    await gateway.runPasses('refunds');
    await clock.advance(60_000);
    await gateway.runPasses('refunds');
  }
  return { intentId: intent.id, refundIds };
}

const TYPES = [
  'payment_intent.created',
  'payment_intent.requires_action',
  'payment_intent.succeeded',
  'refund.created',
  'refund.succeeded',
  'refund.created',
  'refund.succeeded',
  'payment_intent.refunded',
];

it('every step of a refund is an event with the refund as it was, and the whole refund one of the payment', async () => {
  const merchant = await gateway.newMerchant();
  const { intentId, refundIds } = await refundInParts(merchant);
  const events: FeedEvent[] = (await sequenceUntil(gateway, merchant, TYPES.length)).body.data;
  expect(events.map(({ type }) => type)).toEqual(TYPES);
  const refunds = events.map(({ data }) => data.refund).filter((refund) => refund !== undefined);
  expect(refunds).toMatchObject([
    {
      id: refundIds[0],
      payment_intent_id: intentId,
      amount: 400,
      status: 'pending',
      merchant_refund_ref_id: 'r-1',
    },
    { id: refundIds[0], amount: 400, status: 'succeeded', succeeded_at: expect.any(String) },
    { id: refundIds[1], amount: 600, status: 'pending' },
    { id: refundIds[1], amount: 600, status: 'succeeded' },
  ]);
  const versions = refunds.map(({ version }) => version);
  expect(versions).toEqual(versions.toSorted((a, b) => a - b));
  expect(events.at(-1)?.data.payment_intent).toMatchObject({
    id: intentId,
    status: 'succeeded',
    amount_refunded: 1000,
    amount_refundable: 0,
  });
});

it('an endpoint that wants the events of a payment in order gets those of its refunds in order, also when replayed', async () => {
  const merchant = await gateway.newMerchant();
  const endpoint = await newEndpoint(gateway, merchant, { ordering: 'per_payment_intent' });
  const { intentId } = await refundInParts(merchant);
  const events: FeedEvent[] = (await sequenceUntil(gateway, merchant, TYPES.length)).body.data;
  const keys = () =>
    query<{ object_id: string }>(
      gateway.deps.db,
      'select distinct object_id from webhook_deliveries where endpoint_id = :id',
      { id: endpoint.id },
    );
  expect(await keys()).toEqual([{ object_id: intentId }]);

  await query(gateway.deps.db, 'delete from webhook_deliveries where endpoint_id = :id', { id: endpoint.id });
  const replayed = await gateway.request('POST', `/v1/webhook_endpoints/${endpoint.id}/replay`, {
    as: merchant,
    body: { from: '2026-01-15T00:00:00Z', to: '2026-01-16T00:00:00Z', only: 'all' },
  });
  expect([replayed.status, replayed.body.count]).toEqual([200, TYPES.length]);
  expect(await keys()).toEqual([{ object_id: intentId }]);
  sender.sent.splice(0);
  for (let run = 0; run < 2 * TYPES.length; run += 1) {
    await gateway.runPasses('deliveries');
  }
  expect(sender.sent.map(({ eventId }) => eventId)).toEqual(events.map(({ id }) => id));
});

it('an endpoint can subscribe to events of refunds alone', async () => {
  const merchant = await gateway.newMerchant();
  const endpoint = await newEndpoint(gateway, merchant, {
    event_types: ['refund.succeeded', 'refund.failed'],
  });
  await refundInParts(merchant);
  await sequenceUntil(gateway, merchant, TYPES.length);
  const rows = await query<{ event_type: string }>(
    gateway.deps.db,
    'select event_type from webhook_deliveries where endpoint_id = :id',
    { id: endpoint.id },
  );
  expect(rows).toEqual([{ event_type: 'refund.succeeded' }, { event_type: 'refund.succeeded' }]);
});
