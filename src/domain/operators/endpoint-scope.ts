/**
 * Which webhook endpoints an operator sees, and which they may change. The events of a store may go to an endpoint of the whole
 * merchant: whoever is limited to the store sees it, but changes only endpoints that receive nothing of others.
 */
import type { OperatorScope } from './grants.ts';
import { storesInScope } from './shops.ts';

export interface EndpointOwner {
  readonly merchantId: string;
  /** Undefined: all, and events of no store. */
  readonly merchantStoreIds: readonly string[] | undefined;
}

export function seesEndpoint(scope: OperatorScope, { merchantId, merchantStoreIds }: EndpointOwner): boolean {
  const own = storesInScope(scope, merchantId);
  return (
    own === undefined ||
    (own.length > 0 && (merchantStoreIds ?? own).some((storeId) => own.includes(storeId)))
  );
}

export function mayChangeEndpoint(
  scope: OperatorScope,
  { merchantId, merchantStoreIds }: EndpointOwner,
): boolean {
  const own = storesInScope(scope, merchantId);
  return (
    own === undefined ||
    (own.length > 0 && (merchantStoreIds?.every((storeId) => own.includes(storeId)) ?? false))
  );
}
