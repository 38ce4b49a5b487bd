/**
 * The responses about webhook endpoints that have more than the endpoint itself.
 */
import type { components } from '../../../generated/openapi.d.ts';
import { presentWebhookEndpoint } from '../../presenters/webhook-endpoint.ts';
import type { PingResult } from '../../services/operations/webhook-endpoints/ping-webhook-endpoint.ts';
import type { EndpointWithSecret, ShownEndpoint } from '../../services/webhooks/endpoints.ts';

type Schemas = components['schemas'];

export function presentShownEndpoint({ endpoint, ...keys }: ShownEndpoint): Schemas['WebhookEndpoint'] {
  return presentWebhookEndpoint(endpoint, keys);
}

export function presentEndpointWithSecret({
  secret,
  ...shown
}: EndpointWithSecret): Schemas['CreatedWebhookEndpoint'] {
  return { ...presentShownEndpoint(shown), ...(secret !== undefined && { secret }) };
}

export function presentPingResult(result: PingResult): Schemas['PingResult'] {
  const { isDelivered, durationMs, status, problem, responseExcerpt } = result;
  return {
    delivered: isDelivered,
    ...(status !== undefined && { status }),
    duration_ms: durationMs,
    ...(problem !== undefined && { problem }),
    ...(responseExcerpt !== undefined && { response_excerpt: responseExcerpt }),
  };
}
