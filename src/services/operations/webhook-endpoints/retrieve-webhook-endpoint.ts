/**
 * retrieveWebhookEndpoint: one endpoint.
 */
import type { ServiceDeps } from '../../deps.ts';
import { getEndpoint, type ShownEndpoint, showEndpoint } from '../../webhooks/endpoints.ts';

/** @throws not_found when the merchant has no such endpoint */
export async function retrieveWebhookEndpoint(
  deps: ServiceDeps,
  input: { merchantId: string; endpointId: string },
): Promise<ShownEndpoint> {
  return showEndpoint(deps, await getEndpoint(deps.db, input.endpointId, input.merchantId));
}
