import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestClock, type TestClock } from '../../support/clock.ts';
import { startTestGateway, type TestGateway, type TestMerchant } from '../../support/gateway.ts';
import { newCashIntent, requestRefund } from '../../support/refunds.ts';

let clock: TestClock;
let gateway: TestGateway;
let merchant: TestMerchant;

beforeAll(async () => {
  clock = createTestClock(new Date('2026-01-15T03:00:00Z'));
  gateway = await startTestGateway({ clock, sandbox: { webhookMode: 'manual' } });
  merchant = await gateway.newMerchant();
});
afterAll(() => gateway.close());

async function list(query: string): Promise<string[]> {
  const { status, body } = await gateway.request('GET', `/v1/refunds${query}`, { as: merchant });
  expect(status).toBe(200);
  return body.map(({ id }: { id: string }) => id);
}

async function refundCash(
  fields: Record<string, unknown>,
): Promise<{ id: string; payment_intent_id: string }> {
  await clock.advance(1_000);
  const { body } = await requestRefund(gateway, merchant, await newCashIntent(gateway, merchant), fields);
  return body;
}

describe('GET /v1/refunds', () => {
  it('lists the refunds of the merchant, newest first, page by page', async () => {
    const ids = [];
    for (const amount of [10, 20, 30]) {
      ids.unshift((await refundCash({ amount })).id);
    }
    expect(await list('?limit=2')).toEqual(ids.slice(0, 2));
    expect(await list(`?limit=2&starting_after=${ids[1]}`)).toEqual(ids.slice(2));
    const other = await gateway.newMerchant();
    expect((await gateway.request('GET', '/v1/refunds', { as: other })).body).toEqual([]);
  });

  it('filters by payment intent, store, status, reason, reference and time', async () => {
    await clock.advance(1_000);
    const before = clock.now().toISOString();
    const refund = await refundCash({ amount: 1, reason: 'fraudulent', merchant_refund_ref_id: 'ref 1' });
    await clock.advance(1_000);
    const after = clock.now().toISOString();
    const another = await refundCash({ amount: 1, reason: 'duplicate' });
    for (const query of [
      `?payment_intent_id=${refund.payment_intent_id}`,
      '?reason=fraudulent',
      '?merchant_refund_ref_id=ref%201',
      `?created_from=${before}&created_to=${after}`,
    ]) {
      expect([query, await list(query)]).toEqual([query, [refund.id]]);
    }
    expect(await list(`?merchant_store_id=${merchant.storeId}&status=succeeded&limit=2`)).toEqual([
      another.id,
      refund.id,
    ]);
    expect(await list('?status=failed')).toEqual([]);
    expect(await list('?payment_intent_id=unknown')).toEqual([]);
    expect(await list('?starting_after=unknown')).toEqual([]);
  });
});
