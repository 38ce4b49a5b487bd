import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestGateway, type TestGateway } from '../../support/gateway.ts';
import { scriptedSender } from '../../support/scripted-sender.ts';
import { ENDPOINTS, newEndpoint } from '../../support/webhooks.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway({ webhookSender: scriptedSender() });
});
afterAll(() => gateway.close());

describe('GET /v1/webhook_endpoints', () => {
  it("lists the merchant's own endpoints, oldest first, without secrets", async () => {
    const [merchant, other] = [await gateway.newMerchant(), await gateway.newMerchant()];
    const first = await newEndpoint(gateway, merchant);
    const second = await newEndpoint(gateway, merchant, { signature: 'ed25519' });
    await newEndpoint(gateway, other);
    const { status, body } = await gateway.request('GET', ENDPOINTS, { as: merchant });
    expect([status, body.map(({ id }: { id: string }) => id)]).toEqual([200, [first.id, second.id]]);
    expect(body[0]).not.toHaveProperty('secret');
    expect(body[1].public_key).toMatch(/^whpk_/);
  });

  it('is empty for a merchant without endpoints, and refused without credentials', async () => {
    expect((await gateway.request('GET', ENDPOINTS, { as: await gateway.newMerchant() })).body).toEqual([]);
    expect((await gateway.request('GET', ENDPOINTS)).status).toBe(401);
  });
});
