import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestGateway, type TestGateway, type TestMerchant } from '../../support/gateway.ts';
import { scriptedSender } from '../../support/scripted-sender.ts';
import { DELIVERIES, newEndpoint, seedDelivery, seedEvent } from '../../support/webhooks.ts';

let gateway: TestGateway;
let merchant: TestMerchant;
beforeAll(async () => {
  gateway = await startTestGateway({ webhookSender: scriptedSender() });
  merchant = await gateway.newMerchant();
});
afterAll(() => gateway.close());

describe('GET /v1/webhook_deliveries/{id}', () => {
  it('shows a delivery with its attempts, oldest first', async () => {
    const { db } = gateway.deps;
    const endpoint = await newEndpoint(gateway, merchant);
    const event = await seedEvent(db, merchant);
    const attempts = [
      { at: '2026-01-15T10:00:00.500Z', duration_ms: 84, status: 500, response_excerpt: 'Oops' },
      { at: '2026-01-15T10:00:05.000Z', duration_ms: 15_000, problem: 'timed_out', message: 'Too slow.' },
    ];
    const id = await seedDelivery(db, endpoint.id, event, { attempts });
    const { status, body } = await gateway.request('GET', `${DELIVERIES}/${id}`, { as: merchant });
    expect(status).toBe(200);
    expect(body).toEqual({
      id,
      webhook_endpoint_id: endpoint.id,
      event_id: event.id,
      event_type: 'payment_intent.succeeded',
      status: 'pending',
      tries: 2,
      next_try_at: body.next_try_at,
      created_at: body.created_at,
      attempts: [
        { ...attempts[0], at: '2026-01-15T10:00:00Z' },
        { ...attempts[1], at: '2026-01-15T10:00:05Z' },
      ],
    });
  });

  it('does not find a delivery that the merchant does not have', async () => {
    const endpoint = await newEndpoint(gateway, merchant);
    const id = await seedDelivery(gateway.deps.db, endpoint.id, await seedEvent(gateway.deps.db, merchant));
    const other = await gateway.newMerchant();
    expect((await gateway.request('GET', `${DELIVERIES}/${id}`, { as: other })).status).toBe(404);
    for (const unknown of ['wd_01JHMB5V00ZX8Y7W6V5T4S3R2Q', 'x', endpoint.id]) {
      const { status } = await gateway.request('GET', `${DELIVERIES}/${unknown}`, { as: merchant });
      expect([unknown, status]).toEqual([unknown, 404]);
    }
    expect((await gateway.request('GET', `${DELIVERIES}/${id}`)).status).toBe(401);
  });
});
