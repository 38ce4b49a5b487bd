import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sequenceUntil } from '../../support/feed.ts';
import { startTestGateway, type TestGateway, type TestMerchant } from '../../support/gateway.ts';

let gateway: TestGateway;
let merchant: TestMerchant;
let event: { id: string };

beforeAll(async () => {
  gateway = await startTestGateway();
  merchant = await gateway.newMerchant();
  await gateway.newIntent(merchant);
  [event] = (await sequenceUntil(gateway, merchant, 1)).body.data;
});

afterAll(() => gateway.close());

describe('an event', () => {
  it('is found by its id', async () => {
    const found = await gateway.request('GET', `/v1/events/${event.id}`, { as: merchant });
    expect(found).toMatchObject({ status: 200, body: event });
  });

  it('of another merchant is not found', async () => {
    const as = await gateway.newMerchant();
    expect((await gateway.request('GET', `/v1/events/${event.id}`, { as })).status).toBe(404);
  });

  it.each([
    'evt_01JHMB8C40M7R5T9V1X3Z5B7D9',
    'evt_7ZZZZZZZZZZZZZZZZZZZZZZZZZ',
    'evt_ZZZZZZZZZZZZZZZZZZZZZZZZZZ',
    'evt_00000000000000000000000000',
    'x',
    '%00',
  ])('with the id %s is not found', async (id) => {
    expect((await gateway.request('GET', `/v1/events/${id}`, { as: merchant })).status).toBe(404);
  });

  it('is not shown without credentials', async () => {
    expect((await gateway.request('GET', `/v1/events/${event.id}`)).status).toBe(401);
  });
});
