import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  disableEndpoint,
  enableEndpoint,
  listEndpointsOf,
} from '../../../src/services/operator/webhook-endpoints.ts';
import { query } from '../../../src/store/db/query.ts';
import { BY_TEST } from '../../support/acts.ts';
import { startTestGateway, type TestGateway, type TestMerchant } from '../../support/gateway.ts';
import { scriptedSender } from '../../support/scripted-sender.ts';
import { ENDPOINTS, newEndpoint } from '../../support/webhooks.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway({ webhookSender: scriptedSender() });
});
afterAll(() => gateway.close());

describe('pgw endpoints', () => {
  it('lists the endpoints of one merchant or of all, without those that were deleted', async () => {
    const { db } = gateway.deps;
    // In the order of their ids, which is not that of their creation from the tenth merchant on.
    const [first, second] = [await gateway.newMerchant(), await gateway.newMerchant()].sort((a, b) =>
      a.merchantId < b.merchantId ? -1 : 1,
    ) as [TestMerchant, TestMerchant];
    const ids = [
      (await newEndpoint(gateway, first)).id,
      (await newEndpoint(gateway, second)).id,
      (await newEndpoint(gateway, second)).id,
    ];
    const deleted = await newEndpoint(gateway, first);
    await gateway.request('DELETE', `${ENDPOINTS}/${deleted.id}`, { as: first });
    expect((await listEndpointsOf(db, undefined)).map(({ id }) => id)).toEqual(ids);
    expect((await listEndpointsOf(db, second.merchantId)).map(({ id }) => id)).toEqual(ids.slice(1));
    expect(await listEndpointsOf(db, 'nobody')).toEqual([]);
  });

  it('disables an endpoint and records one event that shows it as disabled', async () => {
    const merchant = await gateway.newMerchant();
    const { id } = await newEndpoint(gateway, merchant);
    expect(await disableEndpoint(gateway.deps, BY_TEST, id)).toMatchObject({ status: 'disabled' });
    await disableEndpoint(gateway.deps, BY_TEST, id);
    const shown = await gateway.request('GET', `${ENDPOINTS}/${id}`, { as: merchant });
    expect(shown.body).toMatchObject({ status: 'disabled', disabled_reason: 'operator' });
    const events = await query<{ body: string; event_id: string }>(
      gateway.deps.db,
      'select event_id, merchant_id, type, fan_out, body from outbox_events where object_id = :id',
      { id },
    );
    expect(events).toMatchObject([
      { merchant_id: merchant.merchantId, type: 'webhook_endpoint.disabled', fan_out: true },
    ]);
    const body = JSON.parse(events[0]?.body ?? '');
    expect(body).toMatchObject({ id: events[0]?.event_id, api_version: 'v1' });
    expect(body.data).toEqual({ webhook_endpoint: shown.body });
  });

  it('enables an endpoint and forgets its failures', async () => {
    const merchant = await gateway.newMerchant();
    const { id } = await newEndpoint(gateway, merchant);
    await query(
      gateway.deps.db,
      `update webhook_endpoints set status = 'disabled', disabled_reason = 'failing', failing_since = now(), failures = 9
       where id = :id`,
      { id },
    );
    const { health, ...endpoint } = await enableEndpoint(gateway.deps, BY_TEST, id);
    expect(endpoint).toMatchObject({ status: 'enabled', disabledReason: undefined });
    expect(health).toMatchObject({ failures: 0, failingSince: undefined });
    const shown = await gateway.request('GET', `${ENDPOINTS}/${id}`, { as: merchant });
    expect(shown.body.status).toBe('enabled');
  });

  it.each([disableEndpoint, enableEndpoint])('%o refuses an id that does not exist', async (change) => {
    for (const id of ['we_01JHMB5V00ZX8Y7W6V5T4S3R2Q', 'x']) {
      await expect(change(gateway.deps, BY_TEST, id)).rejects.toMatchObject({ code: 'not_found' });
    }
  });
});
