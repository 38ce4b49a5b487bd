/**
 * What the audit log says about things: their settings, and of their secrets only fingerprints, which show that two secrets differ.
 */
import { shownStatus, type WebhookEndpoint } from '../../domain/webhook-endpoint.ts';
import type { Crypt } from '../../lib/encryption.ts';
import { sha256Hex } from '../../lib/hash.ts';
import type { ApiKey } from '../../store/api-keys.ts';
import type { SigningKey } from '../webhooks/signing-keys.ts';

/** Enough to distinguish secrets, too few to find one. */
export const FINGERPRINT_DIGITS = 12;

/** The settings of an API key. */
export function describeKey(key: ApiKey) {
  return {
    label: key.label ?? null,
    upstream: key.upstream ?? null,
    scopes: key.scopes,
    store_ids: key.storeIds ?? null,
    allowed_ips: key.allowedIps ?? null,
    max_refund_amount: key.maxRefundAmount ?? null,
    expires_at: key.expiresAt?.toISOString() ?? null,
  };
}

/** The settings of a new API key, with the fingerprint of its secret. */
export function describeNewKey(key: ApiKey) {
  return { ...describeKey(key), secret_fingerprint: key.secretKeyHash.slice(0, FINGERPRINT_DIGITS) };
}

/** The settings of a webhook endpoint. The query of its URL may be a secret. */
export function describeEndpoint(endpoint: WebhookEndpoint) {
  const [url = ''] = endpoint.url.split('?');
  const query = endpoint.url.slice(url.length);
  return {
    url,
    url_query_fingerprint: query === '' ? null : sha256Hex(query).slice(0, FINGERPRINT_DIGITS),
    description: endpoint.description ?? null,
    event_types: endpoint.eventTypes ?? null,
    merchant_store_ids: endpoint.merchantStoreIds ?? null,
    ordering: endpoint.ordering,
    signature: endpoint.signature,
    max_per_second: endpoint.maxPerSecond ?? null,
    status: shownStatus(endpoint),
  };
}

/** The keys that sign, newest first, with the ends of those that were replaced. */
export function describeSigningKeys(crypt: Crypt, keys: readonly SigningKey[]) {
  return {
    signing_keys: keys.map(({ key, expiresAt }) => ({
      fingerprint: crypt.fingerprint(key).toString('hex').slice(0, FINGERPRINT_DIGITS),
      expires_at: expiresAt?.toISOString() ?? null,
    })),
  };
}
