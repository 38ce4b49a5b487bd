import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { query } from '../../../src/store/db/query.ts';
import { startTestGateway, type TestGateway, type TestMerchant } from '../../support/gateway.ts';
import { scriptedSender } from '../../support/scripted-sender.ts';
import { DELIVERIES, ENDPOINTS, newEndpoint, seedDelivery, seedEvent } from '../../support/webhooks.ts';

let gateway: TestGateway;
let merchant: TestMerchant;
beforeAll(async () => {
  gateway = await startTestGateway({ webhookSender: scriptedSender() });
  merchant = await gateway.newMerchant();
});
afterAll(() => gateway.close());

const remove = (id: string, as = merchant) => gateway.request('DELETE', `${ENDPOINTS}/${id}`, { as });

describe('DELETE /v1/webhook_endpoints/{id}', () => {
  it('responds without a body; endpoint, keys and deliveries are gone', async () => {
    const { db } = gateway.deps;
    const { id } = await newEndpoint(gateway, merchant);
    const event = await seedEvent(db, merchant);
    const deliveryId = await seedDelivery(db, id, event);
    const { status, bytes, headers } = await remove(id);
    expect([status, bytes.length, headers.get('Content-Type')]).toEqual([204, 0, null]);
    expect(headers.get('X-RateLimit-Limit')).not.toBeNull();
    expect(await query(db, 'select status, secrets from webhook_endpoints where id = :id', { id })).toEqual([
      { status: 'deleted', secrets: null },
    ]);
    const as = merchant;
    expect((await gateway.request('GET', ENDPOINTS, { as })).body).toEqual([]);
    const gone = [
      ['GET', `${ENDPOINTS}/${id}`],
      ['DELETE', `${ENDPOINTS}/${id}`],
      ['POST', `${ENDPOINTS}/${id}/ping`],
      ['POST', `${ENDPOINTS}/${id}/rotate_secret`],
      ['GET', `${ENDPOINTS}/${id}/deliveries`],
      ['GET', `${DELIVERIES}/${deliveryId}`],
      ['POST', `${DELIVERIES}/${deliveryId}/redeliver`],
    ] as const;
    for (const [method, path] of gone) {
      expect([path, (await gateway.request(method, path, { as })).status]).toEqual([path, 404]);
    }
    expect((await gateway.request('PATCH', `${ENDPOINTS}/${id}`, { as, body: {} })).status).toBe(404);
    const period = { from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z' };
    expect((await gateway.request('POST', `${ENDPOINTS}/${id}/replay`, { as, body: period })).status).toBe(
      404,
    );
  });

  it('ends the pending deliveries, so that claims do not pass over the endpoint for 30 days', async () => {
    const { db } = gateway.deps;
    const { id } = await newEndpoint(gateway, merchant);
    const deliveryId = await seedDelivery(db, id, await seedEvent(db, merchant));
    await remove(id);
    const rows = await query(db, 'select status from webhook_deliveries where id = :deliveryId', {
      deliveryId,
    });
    expect(rows).toEqual([{ status: 'failed' }]);
  });

  it("does not delete another merchant's endpoint", async () => {
    const other = await gateway.newMerchant();
    const { id } = await newEndpoint(gateway, other);
    expect((await remove(id)).status).toBe(404);
    expect((await gateway.request('DELETE', `${ENDPOINTS}/${id}`)).status).toBe(401);
    expect((await gateway.request('GET', `${ENDPOINTS}/${id}`, { as: other })).status).toBe(200);
  });
});
