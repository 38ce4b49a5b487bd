/**
 * What the operations on webhook endpoints have in common: refusals, the checks of settings, and what is shown of keys.
 */
import { DomainError, invalidField } from '../../domain/errors.ts';
import type { WebhookEndpoint } from '../../domain/webhook-endpoint.ts';
import { isId } from '../../lib/ids.ts';
import { publicKeyOf } from '../../lib/webhooks/keys.ts';
import type { ShownKeys } from '../../presenters/webhook-endpoint.ts';
import type { Db } from '../../store/db/query.ts';
import {
  findEndpoint,
  listUnknownStores,
  lockEndpoint,
  type StoredEndpoint,
} from '../../store/webhooks/endpoints.ts';
import type { ServiceDeps } from '../deps.ts';
import { openSigningKeys, overlapEndOf, type SigningKey } from './signing-keys.ts';

/** An endpoint with what is shown of its keys. */
export interface ShownEndpoint extends ShownKeys {
  readonly endpoint: WebhookEndpoint;
}

/** An endpoint with its new secret, which is shown this once. */
export interface EndpointWithSecret extends ShownEndpoint {
  /** Undefined for Ed25519, where the public key is enough. */
  readonly secret: string | undefined;
}

export function endpointNotFound(): DomainError {
  return new DomainError('not_found', 'There is no webhook endpoint with this id');
}

/** @throws not_found when the merchant has no such endpoint */
export async function getEndpoint(db: Db, id: string, merchantId: string): Promise<StoredEndpoint> {
  return requireFound(isId('we', id) ? await findEndpoint(db, id, merchantId) : undefined);
}

/**
 * The endpoint, locked until the end of the transaction.
 * @param merchantId undefined for operators
 * @throws not_found when the merchant has no such endpoint
 */
export async function getLockedEndpoint(
  trx: Db,
  id: string,
  merchantId: string | undefined,
): Promise<StoredEndpoint> {
  return requireFound(isId('we', id) ? await lockEndpoint(trx, id, merchantId) : undefined);
}

function requireFound(stored: StoredEndpoint | undefined): StoredEndpoint {
  if (!stored) {
    throw endpointNotFound();
  }
  return stored;
}

export function showEndpoint(
  deps: Pick<ServiceDeps, 'crypt' | 'clock' | 'log'>,
  stored: StoredEndpoint,
): ShownEndpoint {
  return showWithKeys(deps, stored.endpoint, readableKeys(deps, stored.endpoint.id, stored.sealedKeys));
}

/** The signing keys; none after the loss of the encryption key, until the secret is rotated. */
export function readableKeys(
  deps: Pick<ServiceDeps, 'crypt' | 'log'>,
  endpointId: string,
  sealedKeys: Buffer,
): SigningKey[] {
  try {
    return openSigningKeys(deps, endpointId, sealedKeys);
  } catch (err) {
    deps.log.error({ err, endpointId }, 'the signing keys of a webhook endpoint cannot be decrypted');
    return [];
  }
}

/** @param keys of the endpoint, newest first */
export function showWithSecret(
  deps: Pick<ServiceDeps, 'clock'>,
  endpoint: WebhookEndpoint,
  keys: readonly SigningKey[],
): EndpointWithSecret {
  const secret = endpoint.signature === 'hmac' ? keys[0]?.key : undefined;
  return { ...showWithKeys(deps, endpoint, keys), secret };
}

function showWithKeys(
  { clock }: Pick<ServiceDeps, 'clock'>,
  endpoint: WebhookEndpoint,
  keys: readonly SigningKey[],
): ShownEndpoint {
  const [newest] = keys;
  return {
    endpoint,
    publicKey: endpoint.signature === 'ed25519' && newest ? publicKeyOf(newest.key) : undefined,
    secretExpiresAt: overlapEndOf(keys, clock.now()),
  };
}

/**
 * Resolves the host name, so it must not be called inside a transaction.
 * @throws invalid_request when the gateway would not send events to this URL
 */
export async function requireUsableUrl(deps: Pick<ServiceDeps, 'webhookSender'>, url: string): Promise<void> {
  const fault = await deps.webhookSender.findUrlFault(url);
  if (fault) {
    throw invalidField('url', fault.constraint, fault.message);
  }
}

/** @throws invalid_request when one of them is not a store of the merchant */
export async function requireStores(
  db: Db,
  merchantId: string,
  storeIds: readonly string[] | undefined,
): Promise<void> {
  const [unknown] = storeIds ? await listUnknownStores(db, merchantId, storeIds) : [];
  if (unknown !== undefined) {
    throw unknownStoreOfEndpoint(unknown);
  }
}

export function unknownStoreOfEndpoint(storeId: string): DomainError {
  const message = `Merchant store ids must be stores of this merchant; ${storeId} is not`;
  return invalidField('merchant_store_ids', 'unknown_store', message);
}

/**
 * @throws invalid_request when the endpoint is disabled, because nothing would be sent
 */
export function requireNotDisabled({ status }: WebhookEndpoint): void {
  if (status === 'disabled') {
    const message = 'This webhook endpoint is disabled; enable it first';
    throw invalidField('status', 'unexpected_state', message, {
      allowed: ['enabled', 'paused', 'suspended'],
    });
  }
}

/** Without repetitions; undefined for an empty list, which means all. */
export function toFilter(values: readonly string[] | undefined): readonly string[] | undefined {
  return values === undefined || values.length === 0 ? undefined : [...new Set(values)];
}
