/**
 * What makes the API reference's own examples work word for word on a new installation: merchant_001 with store_001, and
 * keys for both kinds of caller. Made once; after that the merchant's data is the user's own.
 */
import type { ServiceDeps } from '../services/deps.ts';
import { createApiKey } from '../services/manage-api-keys.ts';
import { syncMerchants } from '../services/sync-merchants.ts';
import { hasMerchant } from '../store/merchants.ts';

export const DEMO_MERCHANT_ID = 'merchant_001';
const DEMO_STORE_ID = 'store_001';

export interface Demo {
  readonly merchantId: string;
  readonly storeId: string;
  readonly apiKey: string;
  readonly secretKey: string;
  readonly syncApiKey: string;
  readonly syncSecretKey: string;
}

/** @returns the keys made now, or undefined when the demo merchant was there already */
export async function ensureDemo(deps: ServiceDeps): Promise<Demo | undefined> {
  if (await hasMerchant(deps.db, DEMO_MERCHANT_ID)) return undefined;
  await syncMerchants(deps, [
    {
      id: DEMO_MERCHANT_ID,
      name: 'Example Restaurant Chain',
      stores: [
        {
          id: DEMO_STORE_ID,
          name: 'Tokyo Branch',
          configs: [
            { provider: 'PAYPAY', isActive: true, credentials: { merchant_id: 'paypay_merchant_123' } },
          ],
        },
      ],
    },
  ]);
  const payments = await createApiKey(deps, DEMO_MERCHANT_ID);
  const sync = await createApiKey(deps, undefined);
  return {
    merchantId: DEMO_MERCHANT_ID,
    storeId: DEMO_STORE_ID,
    apiKey: payments.key.apiKey,
    secretKey: payments.secretKey,
    syncApiKey: sync.key.apiKey,
    syncSecretKey: sync.secretKey,
  };
}
