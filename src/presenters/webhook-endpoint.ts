/**
 * Webhook endpoints as the contract shows them. Optional fields that are unset are absent from the JSON.
 */
import type { components } from '../../generated/openapi.d.ts';
import { shownStatus, type WebhookEndpoint } from '../domain/webhook-endpoint.ts';
import { presentTimestamp } from './timestamp.ts';

type Schemas = components['schemas'];

/** What is shown of the signing keys. */
export interface ShownKeys {
  /** Of an endpoint with Ed25519. */
  readonly publicKey?: string | undefined;
  /** The end of the previous key, after a rotation. */
  readonly secretExpiresAt?: Date | undefined;
}

export function presentWebhookEndpoint(
  endpoint: WebhookEndpoint,
  { publicKey, secretExpiresAt }: ShownKeys = {},
): Schemas['WebhookEndpoint'] {
  const { health, eventTypes, merchantStoreIds } = endpoint;
  const status = shownStatus(endpoint);
  const shown: { [Field in keyof Required<Schemas['WebhookEndpoint']>]: Schemas['WebhookEndpoint'][Field] } =
    {
      id: endpoint.id,
      url: endpoint.url,
      description: endpoint.description,
      event_types: eventTypes && [...eventTypes],
      merchant_store_ids: merchantStoreIds && [...merchantStoreIds],
      ordering: endpoint.ordering,
      signature: endpoint.signature,
      public_key: publicKey,
      secret_expires_at: secretExpiresAt && presentTimestamp(secretExpiresAt),
      max_per_second: endpoint.maxPerSecond,
      status,
      disabled_reason: endpoint.disabledReason,
      failing_since: health.failingSince && presentTimestamp(health.failingSince),
      suspended_until:
        status === 'suspended' && health.suspendedUntil ? presentTimestamp(health.suspendedUntil) : undefined,
      created_at: presentTimestamp(endpoint.createdAt),
      updated_at: presentTimestamp(endpoint.updatedAt),
    };
  return shown as Schemas['WebhookEndpoint'];
}
