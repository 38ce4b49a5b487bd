/**
 * The webhook endpoint of the sandbox's demo merchant, so that a merchant's tests receive events without creating one.
 */
import { ConfigError } from '../../config.ts';
import { DomainError } from '../../domain/errors.ts';
import type { ServiceDeps } from '../../services/deps.ts';
import { createWebhookEndpoint } from '../../services/operations/webhook-endpoints/create-webhook-endpoint.ts';
import { openSigningKeys, workingKeys } from '../../services/webhooks/signing-keys.ts';
import { listEndpoints } from '../../store/webhooks/endpoints.ts';

/**
 * Creates the endpoint unless the merchant has one with this URL, which keeps its secret over restarts.
 * @returns the secret
 * @throws ConfigError when the URL cannot be an endpoint
 */
export async function ensureDemoWebhook(deps: ServiceDeps, merchantId: string, url: string): Promise<string> {
  const endpoints = await listEndpoints(deps.db, merchantId);
  const found = endpoints.find(({ endpoint }) => endpoint.url === url && endpoint.signature === 'hmac');
  if (found) {
    const keys = openSigningKeys(deps, found.endpoint.id, found.sealedKeys);
    return requireSecret(workingKeys(keys, deps.clock.now())[0]);
  }
  const created = await createWebhookEndpoint(deps, {
    merchantId,
    url,
    description: 'SANDBOX_WEBHOOK_URL',
    eventTypes: undefined,
    merchantStoreIds: undefined,
    ordering: 'none',
    signature: 'hmac',
    maxPerSecond: undefined,
    idempotencyId: undefined,
  }).catch((error: unknown) => {
    throw error instanceof DomainError ? new ConfigError('SANDBOX_WEBHOOK_URL', error.message) : error;
  });
  return requireSecret(created.secret);
}

function requireSecret(secret: string | undefined): string {
  if (secret === undefined) {
    throw new Error('the endpoint of the demo merchant has no secret');
  }
  return secret;
}
