/**
 * Two merchants with payments, for tests of the console's lists.
 */
import { syncMerchants } from '../../../src/services/operations/sync-merchants.ts';
import type { TestGateway, TestMerchant } from '../../support/gateway.ts';
import { newCashIntent } from '../../support/refunds.ts';

export interface TwoShops {
  readonly own: TestMerchant;
  readonly other: TestMerchant;
}

/** Adds a second store, `store_002`, to the first merchant. */
export async function newShops(gateway: TestGateway): Promise<TwoShops> {
  const [own, other] = [await gateway.newMerchant(), await gateway.newMerchant()];
  await syncMerchants(gateway.deps, [
    {
      id: own.merchantId,
      name: 'カフェ東京',
      stores: [{ id: 'store_002', name: '渋谷駅前店', configs: [] }],
    },
  ]);
  return { own, other };
}

/** Paid in cash. */
export function newSale(
  gateway: TestGateway,
  merchant: TestMerchant,
  reference: string,
  fields: Record<string, unknown> = {},
): Promise<{ id: string }> {
  return newCashIntent(gateway, merchant, { merchant_ref_id: reference, ...fields });
}
