/**
 * listWebhookEndpoints: all endpoints of a merchant, oldest first.
 */
import { listEndpoints } from '../../../store/webhooks/endpoints.ts';
import type { ServiceDeps } from '../../deps.ts';
import { type ShownEndpoint, showEndpoint } from '../../webhooks/endpoints.ts';

export async function listWebhookEndpoints(deps: ServiceDeps, merchantId: string): Promise<ShownEndpoint[]> {
  const stored = await listEndpoints(deps.db, merchantId);
  return stored.map((one) => showEndpoint(deps, one));
}
