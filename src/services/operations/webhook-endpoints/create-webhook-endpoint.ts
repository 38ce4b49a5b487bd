/**
 * createWebhookEndpoint: a URL that receives the merchant's events, with a new signing key.
 */
import type { ActContext } from '../../../domain/audit/act.ts';
import { invalidField } from '../../../domain/errors.ts';
import type { WebhookEndpoint } from '../../../domain/webhook-endpoint.ts';
import { HEALTHY } from '../../../domain/webhooks/endpoint-health.ts';
import { newId, timeOfId } from '../../../lib/ids.ts';
import { type Db, inTransaction } from '../../../store/db/query.ts';
import {
  findEndpointCreatedBy,
  insertEndpoint,
  listEndpoints,
  lockEndpointsOf,
} from '../../../store/webhooks/endpoints.ts';
import { describeEndpoint, describeSigningKeys } from '../../audit/describe.ts';
import { recordEndpointAct } from '../../audit/record-endpoint-acts.ts';
import type { ServiceDeps } from '../../deps.ts';
import { RETENTION_MS } from '../../idempotency/stored-responses.ts';
import {
  type EndpointWithSecret,
  readableKeys,
  requireStores,
  requireUsableUrl,
  showWithSecret,
  toFilter,
} from '../../webhooks/endpoints.ts';
import { createSigningKey, type SigningKey, sealSigningKeys } from '../../webhooks/signing-keys.ts';

const MAX_ENDPOINTS = 20;

export interface CreateWebhookEndpoint {
  readonly merchantId: string;
  readonly url: string;
  readonly description: string | undefined;
  readonly eventTypes: readonly string[] | undefined;
  readonly merchantStoreIds: readonly string[] | undefined;
  readonly ordering: WebhookEndpoint['ordering'];
  readonly signature: WebhookEndpoint['signature'];
  readonly maxPerSecond: number | undefined;
  /** The same in all repetitions of one idempotent request. */
  readonly idempotencyId: string | undefined;
}

/** @throws invalid_request (url, merchant_store_ids, or too many endpoints) */
export async function createWebhookEndpoint(
  deps: ServiceDeps,
  by: ActContext,
  command: CreateWebhookEndpoint,
): Promise<EndpointWithSecret> {
  await requireUsableUrl(deps, command.url);
  const { endpoint, keys } = await inTransaction(deps.db, async (trx) => {
    await lockEndpointsOf(trx, command.merchantId);
    return (await findOwn(deps, trx, command)) ?? insertNew(deps, trx, by, command);
  });
  return showWithSecret(deps, endpoint, keys);
}

interface WithKeys {
  readonly endpoint: WebhookEndpoint;
  readonly keys: readonly SigningKey[];
}

/** What an earlier run of this same request has created, if it died before its response was stored. */
async function findOwn(
  deps: ServiceDeps,
  trx: Db,
  { merchantId, idempotencyId }: CreateWebhookEndpoint,
): Promise<WithKeys | undefined> {
  if (idempotencyId === undefined) {
    return undefined;
  }
  const since = new Date(deps.clock.now().getTime() - RETENTION_MS);
  const stored = await findEndpointCreatedBy(trx, merchantId, idempotencyId, since);
  return (
    stored && { endpoint: stored.endpoint, keys: readableKeys(deps, stored.endpoint.id, stored.sealedKeys) }
  );
}

async function insertNew(
  deps: ServiceDeps,
  trx: Db,
  by: ActContext,
  command: CreateWebhookEndpoint,
): Promise<WithKeys> {
  if ((await listEndpoints(trx, command.merchantId)).length >= MAX_ENDPOINTS) {
    const message = `A merchant has at most ${MAX_ENDPOINTS} webhook endpoints; delete one first`;
    throw invalidField('url', 'max_items', message);
  }
  const endpoint = newEndpoint(command, deps.clock.now());
  await requireStores(trx, command.merchantId, endpoint.merchantStoreIds);
  const keys = [createSigningKey(command.signature)];
  const sealedKeys = sealSigningKeys(deps, endpoint.id, keys);
  await insertEndpoint(trx, { endpoint, sealedKeys }, command.idempotencyId);
  const after = { ...describeEndpoint(endpoint), ...describeSigningKeys(deps.crypt, keys) };
  await recordEndpointAct(deps, trx, by, endpoint, { type: 'webhook_endpoint.created', after });
  return { endpoint, keys };
}

function newEndpoint(command: CreateWebhookEndpoint, now: Date): WebhookEndpoint {
  const id = newId('we', now);
  const createdAt = timeOfId(id);
  return {
    id,
    merchantId: command.merchantId,
    url: command.url,
    description: command.description,
    eventTypes: toFilter(command.eventTypes),
    merchantStoreIds: toFilter(command.merchantStoreIds),
    ordering: command.ordering,
    signature: command.signature,
    maxPerSecond: command.maxPerSecond,
    status: 'enabled',
    disabledReason: undefined,
    health: HEALTHY,
    createdAt,
    updatedAt: createdAt,
  };
}
