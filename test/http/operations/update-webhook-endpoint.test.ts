import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { query } from '../../../src/store/db/query.ts';
import { startTestGateway, type TestGateway, type TestMerchant } from '../../support/gateway.ts';
import { scriptedSender } from '../../support/scripted-sender.ts';
import { ENDPOINTS, newEndpoint } from '../../support/webhooks.ts';

const ALL = {
  description: 'Order system',
  event_types: ['payment_intent.succeeded'],
  merchant_store_ids: ['store_001'],
  max_per_second: 5,
};

let gateway: TestGateway;
let merchant: TestMerchant;
beforeAll(async () => {
  gateway = await startTestGateway({ webhookSender: scriptedSender() });
  merchant = await gateway.newMerchant();
});
afterAll(() => gateway.close());

const update = (id: string, body: unknown, as = merchant) =>
  gateway.request('PATCH', `${ENDPOINTS}/${id}`, { as, body });

async function fail(id: string): Promise<void> {
  await query(
    gateway.deps.db,
    `update webhook_endpoints set failures = 3, failing_since = now(), last_failure_at = now(), suspensions = 2,
       suspended_until = now() + interval '1 hour' where id = :id`,
    { id },
  );
}

describe('PATCH /v1/webhook_endpoints/{id}', () => {
  it('changes the fields that are sent and keeps the others', async () => {
    const { id, secret: _, ...before } = await newEndpoint(gateway, merchant, ALL);
    const changes = { url: 'https://shop.example.com/2', ordering: 'per_payment_intent', max_per_second: 9 };
    const { status, body } = await update(id, changes);
    expect(status).toBe(200);
    expect(body).toEqual({ ...before, ...changes, id, updated_at: body.updated_at });
    expect((await gateway.request('GET', `${ENDPOINTS}/${id}`, { as: merchant })).body).toEqual(body);
    const none = await update(id, {});
    expect({ ...none.body, updated_at: body.updated_at }).toEqual(body);
  });

  it('removes description, filters and rate by empty values, and not by null', async () => {
    const { id } = await newEndpoint(gateway, merchant, ALL);
    const nulls = await update(id, { description: null, event_types: null, max_per_second: null });
    expect(nulls.body).toMatchObject(ALL);
    const removed = { description: '', event_types: [], merchant_store_ids: [], max_per_second: 0 };
    const { body } = await update(id, removed);
    for (const name of Object.keys(removed)) {
      expect(body).not.toHaveProperty(name);
    }
  });

  it('pauses an endpoint, keeps its failures, and forgets them when it is enabled', async () => {
    const { id } = await newEndpoint(gateway, merchant);
    await fail(id);
    const paused = await update(id, { status: 'paused' });
    expect(paused.body.status).toBe('paused');
    expect(paused.body).toHaveProperty('failing_since');
    const enabled = await update(id, { status: 'enabled' });
    expect(enabled.body.status).toBe('enabled');
    expect(enabled.body).not.toHaveProperty('failing_since');
    expect(
      await query(
        gateway.deps.db,
        'select failures, last_failure_at, suspensions, suspended_until from webhook_endpoints where id = :id',
        { id },
      ),
    ).toEqual([{ failures: 0, last_failure_at: null, suspensions: 0, suspended_until: null }]);
  });

  it('enables a disabled endpoint and removes the reason', async () => {
    const { id } = await newEndpoint(gateway, merchant);
    await query(
      gateway.deps.db,
      `update webhook_endpoints set status = 'disabled', disabled_reason = 'failing' where id = :id`,
      { id },
    );
    const renamed = await update(id, { description: 'still disabled' });
    expect(renamed.body).toMatchObject({ status: 'disabled', disabled_reason: 'failing' });
    const { body } = await update(id, { status: 'enabled' });
    expect(body.status).toBe('enabled');
    expect(body).not.toHaveProperty('disabled_reason');
  });

  it('ends a suspension when the URL changes, and only then', async () => {
    const { id } = await newEndpoint(gateway, merchant);
    await fail(id);
    expect((await update(id, { description: 'other' })).body.status).toBe('suspended');
    expect((await update(id, { url: 'https://shop.example.com/new' })).body.status).toBe('enabled');
  });

  it.each([
    [{ status: 'disabled' }, 'status', 'enum'],
    [{ status: 'suspended' }, 'status', 'enum'],
    [{ signature: 'ed25519' }, 'signature', 'unknown_property'],
    [{ url: '' }, 'url', 'min_length'],
    [{ event_types: ['ping'] }, 'event_types.0', 'enum'],
    [{ merchant_store_ids: ['store_of_another'] }, 'merchant_store_ids', 'unknown_store'],
    [{ max_per_second: 1001 }, 'max_per_second', 'max_value'],
    [{ description: 'a\0b' }, 'description', 'pattern'],
  ])('refuses %j and changes nothing', async (body, field, constraint) => {
    const { id } = await newEndpoint(gateway, merchant);
    const before = (await gateway.request('GET', `${ENDPOINTS}/${id}`, { as: merchant })).body;
    const refused = await update(id, { ...body, ordering: 'per_payment_intent' });
    expect([refused.status, refused.body.details.field, refused.body.details.constraint]).toEqual([
      400,
      field,
      constraint,
    ]);
    expect((await gateway.request('GET', `${ENDPOINTS}/${id}`, { as: merchant })).body).toEqual(before);
    await gateway.request('DELETE', `${ENDPOINTS}/${id}`, { as: merchant });
  });

  it('does not find an endpoint that the merchant does not have', async () => {
    const other = await gateway.newMerchant();
    const { id } = await newEndpoint(gateway, other);
    expect((await update(id, {})).status).toBe(404);
    expect((await update('x', {})).status).toBe(404);
    expect((await gateway.request('PATCH', `${ENDPOINTS}/${id}`, { body: {} })).status).toBe(401);
  });
});
