/**
 * listWebhookEndpoints: all endpoints of a merchant, oldest first.
 */
import { listEndpoints } from '../../../store/webhooks/endpoints.ts';
import type { ServiceDeps } from '../../deps.ts';
import { type ShownEndpoint, showEndpoint } from '../../webhooks/endpoints.ts';

/** @param input `storeIds`: the stores that the key is limited to; undefined: no limit */
export async function listWebhookEndpoints(
  deps: ServiceDeps,
  { merchantId, storeIds }: { merchantId: string; storeIds: readonly string[] | undefined },
): Promise<ShownEndpoint[]> {
  const stored = await listEndpoints(deps.db, merchantId, storeIds);
  return stored.map((one) => showEndpoint(deps, one));
}
