/**
 * API keys with limits, and merchants with several stores.
 */
import { syncMerchants } from '../../src/services/operations/sync-merchants.ts';
import { createApiKey, type NewKey } from '../../src/services/operator/api-keys.ts';
import { BY_TEST } from './acts.ts';
import type { Credentials, TestGateway, TestMerchant } from './gateway.ts';

/** Another key of the merchant, or without one of an upstream system. */
export async function newLimitedKey(
  gateway: TestGateway,
  merchant: TestMerchant | undefined,
  settings: NewKey,
): Promise<Credentials> {
  const { key, secretKey } = await createApiKey(gateway.deps, BY_TEST, merchant?.merchantId, settings);
  return { apiKey: key.apiKey, secretKey };
}

/** Adds stores to a merchant, with the PayPay account of its first one. */
export async function addStores(
  gateway: TestGateway,
  { merchantId }: TestMerchant,
  storeIds: readonly string[],
): Promise<void> {
  const credentials = { merchant_id: `paypay_${merchantId}` };
  const configs = [{ provider: 'PAYPAY' as const, isActive: true, credentials }];
  const stores = storeIds.map((id) => ({ id, name: id, configs }));
  await syncMerchants(gateway.deps, [{ id: merchantId, name: 'Test Merchant', stores }]);
}
