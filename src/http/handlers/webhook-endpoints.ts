/**
 * Tag WebhookEndpoints: endpoints of merchants, and the deliveries to them.
 */
import { parseDateTime } from '../../lib/date-time.ts';
import {
  presentWebhookDelivery,
  presentWebhookDeliveryWithAttempts,
} from '../../presenters/webhook-delivery.ts';
import { createWebhookEndpoint } from '../../services/operations/webhook-endpoints/create-webhook-endpoint.ts';
import { deleteWebhookEndpoint } from '../../services/operations/webhook-endpoints/delete-webhook-endpoint.ts';
import { listWebhookDeliveries } from '../../services/operations/webhook-endpoints/list-webhook-deliveries.ts';
import { listWebhookEndpoints } from '../../services/operations/webhook-endpoints/list-webhook-endpoints.ts';
import { pingWebhookEndpoint } from '../../services/operations/webhook-endpoints/ping-webhook-endpoint.ts';
import { redeliverWebhook } from '../../services/operations/webhook-endpoints/redeliver-webhook.ts';
import { replayWebhookEndpoint } from '../../services/operations/webhook-endpoints/replay-webhook-endpoint.ts';
import { retrieveWebhookDelivery } from '../../services/operations/webhook-endpoints/retrieve-webhook-delivery.ts';
import { retrieveWebhookEndpoint } from '../../services/operations/webhook-endpoints/retrieve-webhook-endpoint.ts';
import { rotateWebhookSecret } from '../../services/operations/webhook-endpoints/rotate-webhook-secret.ts';
import { updateWebhookEndpoint } from '../../services/operations/webhook-endpoints/update-webhook-endpoint.ts';
import { actContextOf, requireMerchantId, storesOf } from '../caller.ts';
import type { Handlers } from '../openapi/contract.ts';
import {
  presentEndpointWithSecret,
  presentPingResult,
  presentShownEndpoint,
} from '../presenters/webhook-endpoint.ts';

/** Of a day, in seconds: receivers change over at their next deployment. */
const DEFAULT_OVERLAP_SECONDS = 86_400;

export const webhookEndpointHandlers = {
  async createWebhookEndpoint({ deps, caller, source, body, idempotencyId }) {
    const created = await createWebhookEndpoint(deps, actContextOf(caller, source), {
      merchantId: requireMerchantId(caller),
      url: body.url,
      description: body.description,
      eventTypes: body.event_types,
      merchantStoreIds: body.merchant_store_ids,
      ordering: body.ordering ?? 'none',
      signature: body.signature ?? 'hmac',
      maxPerSecond: body.max_per_second,
      idempotencyId,
    });
    return { status: 201, body: presentEndpointWithSecret(created) };
  },

  async listWebhookEndpoints({ deps, caller }) {
    const endpoints = await listWebhookEndpoints(deps, {
      merchantId: requireMerchantId(caller),
      storeIds: storesOf(caller),
    });
    return { status: 200, body: endpoints.map(presentShownEndpoint) };
  },

  async retrieveWebhookEndpoint({ deps, caller, path }) {
    const merchantId = requireMerchantId(caller);
    const endpoint = await retrieveWebhookEndpoint(deps, { merchantId, endpointId: path.id });
    return { status: 200, body: presentShownEndpoint(endpoint) };
  },

  async updateWebhookEndpoint({ deps, caller, source, path, body }) {
    const endpoint = await updateWebhookEndpoint(deps, actContextOf(caller, source), {
      merchantId: requireMerchantId(caller),
      endpointId: path.id,
      url: body.url,
      description: body.description,
      eventTypes: body.event_types,
      merchantStoreIds: body.merchant_store_ids,
      ordering: body.ordering,
      maxPerSecond: body.max_per_second,
      status: body.status,
    });
    return { status: 200, body: presentShownEndpoint(endpoint) };
  },

  async deleteWebhookEndpoint({ deps, caller, source, path }) {
    await deleteWebhookEndpoint(deps, actContextOf(caller, source), {
      merchantId: requireMerchantId(caller),
      endpointId: path.id,
    });
    return { status: 204 };
  },

  async rotateWebhookSecret({ deps, caller, source, path, body }) {
    const rotated = await rotateWebhookSecret(deps, actContextOf(caller, source), {
      merchantId: requireMerchantId(caller),
      endpointId: path.id,
      overlapSeconds: body?.overlap_seconds ?? DEFAULT_OVERLAP_SECONDS,
    });
    return { status: 200, body: presentEndpointWithSecret(rotated) };
  },

  async pingWebhookEndpoint({ deps, caller, path }) {
    const merchantId = requireMerchantId(caller);
    const result = await pingWebhookEndpoint(deps, { merchantId, endpointId: path.id });
    return { status: 200, body: presentPingResult(result) };
  },

  async replayWebhookEndpoint({ deps, caller, source, path, body }) {
    const count = await replayWebhookEndpoint(deps, actContextOf(caller, source), {
      merchantId: requireMerchantId(caller),
      endpointId: path.id,
      storeIds: storesOf(caller),
      from: momentOf(body.from),
      to: momentOf(body.to),
      eventTypes: body.event_types,
      only: body.only ?? 'failed',
      isDryRun: body.dry_run ?? false,
    });
    return { status: 200, body: { count } };
  },

  async listWebhookDeliveries({ deps, caller, path, query }) {
    const deliveries = await listWebhookDeliveries(deps, {
      merchantId: requireMerchantId(caller),
      endpointId: path.id,
      storeIds: storesOf(caller),
      status: query.status,
      eventType: query.event_type,
      startingAfter: query.starting_after,
      limit: query.limit ?? 20,
    });
    return { status: 200, body: deliveries.map(presentWebhookDelivery) };
  },

  async retrieveWebhookDelivery({ deps, caller, path }) {
    const merchantId = requireMerchantId(caller);
    const delivery = await retrieveWebhookDelivery(deps, { merchantId, deliveryId: path.id });
    return { status: 200, body: presentWebhookDeliveryWithAttempts(delivery) };
  },

  async redeliverWebhook({ deps, caller, source, path }) {
    const merchantId = requireMerchantId(caller);
    const delivery = await redeliverWebhook(deps, actContextOf(caller, source), {
      merchantId,
      deliveryId: path.id,
    });
    return { status: 200, body: presentWebhookDelivery(delivery) };
  },
} satisfies Partial<Handlers>;

/** Parses a date-time that the validator has accepted. */
function momentOf(dateTime: string): Date {
  return parseDateTime(dateTime) as Date;
}
