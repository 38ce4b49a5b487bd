/**
 * updateWebhookEndpoint: changes the settings that are given. Enabling begins anew: failures and suspensions of before do
 * not count any more. So does another URL, because its server has not failed.
 */
import type { ActContext } from '../../../domain/audit/act.ts';
import type { WebhookEndpoint } from '../../../domain/webhook-endpoint.ts';
import { HEALTHY } from '../../../domain/webhooks/endpoint-health.ts';
import { afterCommit, inTransaction } from '../../../store/db/query.ts';
import { saveEndpoint } from '../../../store/webhooks/endpoints.ts';
import { recordEndpointChange } from '../../audit/record-endpoint-acts.ts';
import type { ServiceDeps } from '../../deps.ts';
import {
  getEndpoint,
  getLockedEndpoint,
  requireStores,
  requireUsableUrl,
  type ShownEndpoint,
  showEndpoint,
  toFilter,
} from '../../webhooks/endpoints.ts';

export interface UpdateWebhookEndpoint {
  readonly merchantId: string;
  readonly endpointId: string;
  /** Undefined leaves a setting unchanged; an empty text or list, or a rate of 0, removes it. */
  readonly url: string | undefined;
  readonly description: string | undefined;
  readonly eventTypes: readonly string[] | undefined;
  readonly merchantStoreIds: readonly string[] | undefined;
  readonly ordering: WebhookEndpoint['ordering'] | undefined;
  readonly maxPerSecond: number | undefined;
  readonly status: 'enabled' | 'paused' | undefined;
}

/** @throws not_found, invalid_request (url, merchant_store_ids) */
export async function updateWebhookEndpoint(
  deps: ServiceDeps,
  by: ActContext,
  command: UpdateWebhookEndpoint,
): Promise<ShownEndpoint> {
  const { merchantId, endpointId, url } = command;
  // Before the URL is resolved, so that only a merchant that has the endpoint makes the gateway do so.
  await getEndpoint(deps.db, endpointId, merchantId);
  if (url !== undefined) {
    await requireUsableUrl(deps, url);
  }
  return inTransaction(deps.db, async (trx) => {
    const stored = await getLockedEndpoint(trx, endpointId, merchantId);
    const endpoint = change(stored.endpoint, command, deps.clock.now());
    await requireStores(trx, merchantId, command.merchantStoreIds);
    await saveEndpoint(trx, endpoint);
    await recordEndpointChange(deps, trx, by, stored.endpoint, endpoint);
    afterCommit(trx, () => deps.wake('deliveries'));
    return showEndpoint(deps, { ...stored, endpoint });
  });
}

function change(before: WebhookEndpoint, command: UpdateWebhookEndpoint, now: Date): WebhookEndpoint {
  const { url = before.url, description, eventTypes, merchantStoreIds, maxPerSecond } = command;
  const { ordering = before.ordering, status = before.status } = command;
  const beginsAnew = command.status === 'enabled' || url !== before.url;
  return {
    ...before,
    url,
    description: description === undefined ? before.description : description || undefined,
    eventTypes: eventTypes === undefined ? before.eventTypes : toFilter(eventTypes),
    merchantStoreIds: merchantStoreIds === undefined ? before.merchantStoreIds : toFilter(merchantStoreIds),
    ordering,
    maxPerSecond: maxPerSecond === undefined ? before.maxPerSecond : maxPerSecond || undefined,
    status,
    disabledReason: status === 'disabled' ? before.disabledReason : undefined,
    health: beginsAnew ? HEALTHY : before.health,
    updatedAt: now,
  };
}
