import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { query } from '../../../src/store/db/query.ts';
import { startTestGateway, type TestGateway, type TestMerchant } from '../../support/gateway.ts';
import { scriptedSender } from '../../support/scripted-sender.ts';
import { ENDPOINTS, newEndpoint } from '../../support/webhooks.ts';

let gateway: TestGateway;
let merchant: TestMerchant;
beforeAll(async () => {
  gateway = await startTestGateway({ webhookSender: scriptedSender() });
  merchant = await gateway.newMerchant();
});
afterAll(() => gateway.close());

const retrieve = (id: string, as = merchant) => gateway.request('GET', `${ENDPOINTS}/${id}`, { as });

describe('GET /v1/webhook_endpoints/{id}', () => {
  it('shows an endpoint as it was created, without its secret', async () => {
    const { secret, ...created } = await newEndpoint(gateway, merchant, { description: 'd' });
    expect(secret).toMatch(/^whsec_/);
    expect((await retrieve(created.id)).body).toEqual(created);
  });

  it('shows that it is suspended, since when it fails, and why it is disabled', async () => {
    const { id } = await newEndpoint(gateway, merchant);
    const [failing, until] = ['2026-01-15T10:00:00Z', '2026-01-15T10:05:00Z'];
    await query(
      gateway.deps.db,
      'update webhook_endpoints set failing_since = :failing, suspended_until = :until where id = :id',
      { id, failing, until },
    );
    expect((await retrieve(id)).body).toMatchObject({
      status: 'suspended',
      failing_since: failing,
      suspended_until: until,
    });
    await query(
      gateway.deps.db,
      `update webhook_endpoints set status = 'disabled', disabled_reason = 'gone' where id = :id`,
      { id },
    );
    const { body } = await retrieve(id);
    expect(body).toMatchObject({ status: 'disabled', disabled_reason: 'gone' });
    expect(body).not.toHaveProperty('suspended_until');
  });

  it('does not find an endpoint that the merchant does not have', async () => {
    const { id } = await newEndpoint(gateway, merchant);
    expect((await retrieve(id, await gateway.newMerchant())).status).toBe(404);
    for (const other of ['we_01JHMB5V00ZX8Y7W6V5T4S3R2Q', 'x', 'pi_01JHMB5V00ZX8Y7W6V5T4S3R2Q']) {
      expect((await retrieve(other)).status).toBe(404);
    }
    expect((await gateway.request('GET', `${ENDPOINTS}/${id}`)).status).toBe(401);
  });
});
