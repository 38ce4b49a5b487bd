/**
 * Deliveries as the contract shows them. Optional fields that are unset are absent from the JSON.
 */
import type { components } from '../../generated/openapi.d.ts';
import type { DeliveryAttempt, WebhookDelivery } from '../domain/webhook-delivery.ts';
import { presentTimestamp } from './timestamp.ts';

type Schemas = components['schemas'];

export function presentWebhookDelivery(delivery: WebhookDelivery): Schemas['WebhookDelivery'] {
  const { nextTryAt, endedAt } = delivery;
  return {
    id: delivery.id,
    webhook_endpoint_id: delivery.endpointId,
    event_id: delivery.eventId,
    event_type: delivery.eventType,
    status: delivery.status,
    tries: delivery.tries,
    ...(nextTryAt && { next_try_at: presentTimestamp(nextTryAt) }),
    created_at: presentTimestamp(delivery.createdAt),
    ...(endedAt && { ended_at: presentTimestamp(endedAt) }),
  };
}

export function presentWebhookDeliveryWithAttempts(
  delivery: WebhookDelivery,
): Schemas['WebhookDeliveryWithAttempts'] {
  return { ...presentWebhookDelivery(delivery), attempts: delivery.attempts.map(presentAttempt) };
}

function presentAttempt(attempt: DeliveryAttempt): Schemas['WebhookAttempt'] {
  const { status, problem, message, responseExcerpt } = attempt;
  return {
    at: presentTimestamp(attempt.at),
    duration_ms: attempt.durationMs,
    ...(status !== undefined && { status }),
    ...(problem !== undefined && { problem }),
    ...(message !== undefined && { message }),
    ...(responseExcerpt !== undefined && { response_excerpt: responseExcerpt }),
  };
}
