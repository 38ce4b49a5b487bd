/**
 * Reports with the client.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createClient } from '../../src/client/index.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { newCashIntent } from '../support/refunds.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.close());

it('reportDaily adds up the payments of a day', async () => {
  const merchant = await gateway.newMerchant();
  await newCashIntent(gateway, merchant, { amount: 300 });
  const pgw = createClient({ baseUrl: gateway.url, credentials: merchant });
  const now = Date.now();
  const [from, to] = [now - 86_400_000, now + 86_400_000].map((ms) =>
    new Date(ms).toISOString().slice(0, 10),
  ) as [string, string];
  const { totals } = await pgw.reportDaily({ from, to, group_by: 'method' });
  expect(totals).toEqual([
    {
      currency: 'JPY',
      payment_count: 1,
      amount_captured: 300,
      refund_count: 0,
      amount_refunded: 0,
      amount_net: 300,
    },
  ]);
});
