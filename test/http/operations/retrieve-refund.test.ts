import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestGateway, type TestGateway, type TestMerchant } from '../../support/gateway.ts';
import { getRefund, newCashIntent, newKeyWith, requestRefund } from '../../support/refunds.ts';

let gateway: TestGateway;
let merchant: TestMerchant;

beforeAll(async () => {
  gateway = await startTestGateway({ sandbox: { webhookMode: 'manual' } });
  merchant = await gateway.newMerchant();
});
afterAll(() => gateway.close());

describe('GET /v1/refunds/{id}', () => {
  it("returns the merchant's refund as it was created", async () => {
    const { body } = await requestRefund(gateway, merchant, await newCashIntent(gateway, merchant));
    expect(await getRefund(gateway, merchant, body.id)).toMatchObject({ status: 200, body });
  });

  it('knows neither another merchant’s refund, nor an unknown or malformed id', async () => {
    const { body } = await requestRefund(gateway, merchant, await newCashIntent(gateway, merchant));
    const other = await gateway.newMerchant();
    for (const [as, id] of [
      [other, body.id],
      [merchant, 're_01JHPQ3W80A1B2C3D4E5F6G7H8'],
      [merchant, 'x%00y'],
    ] as const) {
      expect(await getRefund(gateway, as, id)).toMatchObject({ status: 404, body: { code: 'not_found' } });
    }
  });

  it('needs the scope refunds', async () => {
    const { body } = await requestRefund(gateway, merchant, await newCashIntent(gateway, merchant));
    const payments = await newKeyWith(gateway, merchant, ['payments']);
    expect((await getRefund(gateway, payments, body.id)).status).toBe(403);
  });
});
