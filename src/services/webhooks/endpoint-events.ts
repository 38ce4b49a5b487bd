/**
 * Events about webhook endpoints themselves.
 */
import type { MerchantEventType } from '../../domain/merchant-events.ts';
import type { WebhookEndpoint } from '../../domain/webhook-endpoint.ts';
import { newId, timeOfId } from '../../lib/ids.ts';
import { presentWebhookEndpoint } from '../../presenters/webhook-endpoint.ts';
import type { Db } from '../../store/db/query.ts';
import { insertOutboxEvent, type OutboxEvent } from '../../store/webhooks/outbox-events.ts';
import type { ServiceDeps } from '../deps.ts';
import { renderEvent } from '../events/render-event.ts';

/**
 * Records the event of an endpoint that was disabled, in the transaction that disables it. The merchant's other endpoints
 * and the feed receive it.
 * @param endpoint as it is after the change
 */
export async function recordDisabled(
  deps: Pick<ServiceDeps, 'clock'>,
  trx: Db,
  endpoint: WebhookEndpoint,
): Promise<void> {
  await insertOutboxEvent(trx, newEndpointEvent(deps, 'webhook_endpoint.disabled', endpoint));
}

/** An event about an endpoint, which shows the endpoint as it is. A ping is not delivered to other endpoints. */
export function newEndpointEvent(
  { clock }: Pick<ServiceDeps, 'clock'>,
  type: MerchantEventType,
  endpoint: WebhookEndpoint,
): OutboxEvent {
  const eventId = newId('evt', clock.now());
  const data = { webhook_endpoint: presentWebhookEndpoint(endpoint) };
  return {
    eventId,
    merchantId: endpoint.merchantId,
    type,
    objectId: endpoint.id,
    body: renderEvent({ id: eventId, type, timestamp: timeOfId(eventId), data }),
    fanOut: type !== 'ping',
  };
}
