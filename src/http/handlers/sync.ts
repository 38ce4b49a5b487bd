/**
 * Tag Sync.
 */
import { syncMerchants } from '../../services/operations/sync-merchants.ts';
import { requireSyncKey } from '../caller.ts';
import type { Handlers } from '../openapi/contract.ts';

export const syncHandlers = {
  async syncMerchants({ deps, body, caller, source, logCount }) {
    logCount('merchants', body.merchants.length);
    const synced = await syncMerchants(
      deps,
      body.merchants.map(
        ({ checkout_frame_ancestors: checkoutFrameAncestors, stores = [], ...merchant }) => ({
          ...merchant,
          checkoutFrameAncestors,
          stores: stores.map(
            ({ payment_processor_configs: configs = [], time_zone: timeZone, ...store }) => ({
              ...store,
              timeZone,
              configs: configs.map(({ provider, is_active: isActive, credentials }) => ({
                provider,
                isActive,
                credentials,
              })),
            }),
          ),
        }),
      ),
      { ...requireSyncKey(caller), ...source },
    );
    return { status: 200, body: { synced_merchants: synced.merchants, synced_stores: synced.stores } };
  },
} satisfies Partial<Handlers>;
