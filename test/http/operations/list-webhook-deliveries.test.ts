import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestGateway, type TestGateway, type TestMerchant } from '../../support/gateway.ts';
import { scriptedSender } from '../../support/scripted-sender.ts';
import { ENDPOINTS, newEndpoint, seedDelivery, seedEvent } from '../../support/webhooks.ts';

const STATUSES = ['succeeded', 'failed', 'pending'];

let gateway: TestGateway;
let merchant: TestMerchant;
let endpointId: string;
/** Newest first. */
let ids: string[];

beforeAll(async () => {
  gateway = await startTestGateway({ webhookSender: scriptedSender() });
  merchant = await gateway.newMerchant();
  endpointId = (await newEndpoint(gateway, merchant)).id;
  const another = (await newEndpoint(gateway, merchant)).id;
  ids = [];
  for (let index = 0; index < 24; index += 1) {
    const type = index % 2 === 0 ? 'payment_intent.succeeded' : 'payment_intent.expired';
    const event = await seedEvent(gateway.deps.db, { ...merchant, type });
    ids.push(
      await seedDelivery(gateway.deps.db, endpointId, event, { status: STATUSES[index % 3] ?? 'failed' }),
    );
    await seedDelivery(gateway.deps.db, another, event);
  }
  ids.reverse();
});
afterAll(() => gateway.close());

const list = (query = '', as = merchant) =>
  gateway.request('GET', `${ENDPOINTS}/${endpointId}/deliveries${query}`, { as });
const idsOf = (body: { id: string }[]) => body.map(({ id }) => id);

describe('GET /v1/webhook_endpoints/{id}/deliveries', () => {
  it('returns the deliveries to this endpoint, newest event first, 20 by default', async () => {
    const { status, body } = await list();
    expect([status, idsOf(body)]).toEqual([200, ids.slice(0, 20)]);
    expect(body[0]).toMatchObject({ webhook_endpoint_id: endpointId, status: 'pending', tries: 0 });
    expect(body[0]).toHaveProperty('next_try_at');
    expect(body[0]).not.toHaveProperty('ended_at');
    expect(body[1]).toHaveProperty('ended_at');
    expect(body[0]).not.toHaveProperty('attempts');
  });

  it('pages by starting_after', async () => {
    expect(idsOf((await list(`?limit=5&starting_after=${ids[4]}`)).body)).toEqual(ids.slice(5, 10));
    expect((await list(`?starting_after=${ids.at(-1)}`)).body).toEqual([]);
    expect((await list('?starting_after=nonsense')).body).toEqual([]);
    expect((await list('?starting_after=wd_01JHMB5V00ZX8Y7W6V5T4S3R2Q')).body).toEqual([]);
  });

  it('filters by status and by type', async () => {
    const failed = await list('?status=failed');
    expect(failed.body).toHaveLength(8);
    expect(failed.body.every(({ status }: { status: string }) => status === 'failed')).toBe(true);
    expect((await list('?event_type=payment_intent.expired')).body).toHaveLength(12);
    expect((await list('?event_type=payment_intent.expired&status=failed')).body).toHaveLength(4);
    expect((await list('?event_type=payment_intent.created')).body).toEqual([]);
  });

  it.each([
    ['limit=0', 'limit', 'min_value'],
    ['limit=101', 'limit', 'max_value'],
    ['status=lost', 'status', 'enum'],
    ['event_type=payment_intent.paid', 'event_type', 'enum'],
    ['page=2', 'page', 'unknown_property'],
  ])('refuses ?%s', async (query, field, constraint) => {
    const { status, body } = await list(`?${query}`);
    expect([status, body.details.field, body.details.constraint]).toEqual([400, field, constraint]);
  });

  it('does not find an endpoint that the merchant does not have', async () => {
    expect((await list('', await gateway.newMerchant())).status).toBe(404);
    expect((await gateway.request('GET', `${ENDPOINTS}/${endpointId}/deliveries`)).status).toBe(401);
  });
});
