import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemClock } from '../../../src/lib/clock.ts';
import { removeDeliveries } from '../../../src/services/jobs/remove-deliveries.ts';
import { startTestGateway, type TestGateway } from '../../support/gateway.ts';
import { ENDPOINTS, newEndpoint, seedDelivery, seedEvent } from '../../support/webhooks.ts';

const DAY_MS = 24 * 3_600_000;

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.close());

/** Runs the job this many days from now. */
function runAfter(days: number, limit = 100) {
  const now = () => new Date(systemClock.now().getTime() + days * DAY_MS);
  const deps = { ...gateway.deps, clock: { ...systemClock, now } };
  return removeDeliveries(deps, { limit, concurrency: 1 });
}

it('removes deliveries 30 days after they were created, whatever their status, the oldest first', async () => {
  const merchant = await gateway.newMerchant();
  const endpoint = await newEndpoint(gateway, merchant);
  const ids: string[] = [];
  for (const status of ['succeeded', 'pending', 'failed']) {
    const event = await seedEvent(gateway.deps.db, { merchantId: merchant.merchantId });
    ids.push(await seedDelivery(gateway.deps.db, endpoint.id, event, { status }));
  }
  const left = async () => {
    const { body } = await gateway.request('GET', `${ENDPOINTS}/${endpoint.id}/deliveries`, { as: merchant });
    return body.map(({ id }: { id: string }) => id).sort();
  };

  expect(await runAfter(29)).toEqual({ taken: 0, done: 0, failed: 0 });
  expect(await left()).toEqual(ids);
  expect(await runAfter(31, 2)).toEqual({ taken: 2, done: 2, failed: 0 });
  expect(await left()).toEqual(ids.slice(2));
  expect(await runAfter(31, 2)).toMatchObject({ done: 1 });
});
