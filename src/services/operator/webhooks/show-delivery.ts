/**
 * One delivery with its attempts and the body of its event, within the scope of an operator; and its redelivery.
 */
import type { ActContext } from '../../../domain/audit/act.ts';
import { isInScope, type OperatorScope } from '../../../domain/operators/grants.ts';
import type { WebhookEndpoint } from '../../../domain/webhook-endpoint.ts';
import { isId } from '../../../lib/ids.ts';
import { findEvent } from '../../../store/events/feed.ts';
import { findOwnedDelivery, type OwnedDelivery } from '../../../store/operator/endpoints.ts';
import { findEndpoint } from '../../../store/webhooks/endpoints.ts';
import type { ServiceDeps } from '../../deps.ts';
import { findDayOfEvent } from '../../events/event-day.ts';
import { redeliverWebhook } from '../../operations/webhook-endpoints/redeliver-webhook.ts';
import { deliveryNotFound } from '../../webhooks/deliveries.ts';

export interface DeliveryDetails extends OwnedDelivery {
  readonly endpoint: WebhookEndpoint | undefined;
  /** Exactly as it is sent; undefined: the event has been removed. */
  readonly body: string | undefined;
}

/** @returns undefined when there is no such delivery, or it lies outside the scope */
export async function showDelivery(
  { db }: Pick<ServiceDeps, 'db'>,
  scope: OperatorScope,
  deliveryId: string,
): Promise<DeliveryDetails | undefined> {
  const owned = isId('wd', deliveryId) ? await findOwnedDelivery(db, deliveryId) : undefined;
  if (!owned || !isInScope(scope, owned)) {
    return undefined;
  }
  const { merchantId, delivery } = owned;
  const day = findDayOfEvent(delivery.eventId);
  return {
    ...owned,
    endpoint: (await findEndpoint(db, delivery.endpointId, merchantId))?.endpoint,
    body: day === undefined ? undefined : await findEvent(db, { merchantId, id: delivery.eventId, day }),
  };
}

/** Makes the delivery due now. @throws not_found; invalid_request when its endpoint is disabled */
export async function redeliver(
  deps: ServiceDeps,
  by: ActContext,
  scope: OperatorScope,
  deliveryId: string,
): Promise<void> {
  // Whose it is never changes.
  const owned = isId('wd', deliveryId) ? await findOwnedDelivery(deps.db, deliveryId) : undefined;
  if (!owned || !isInScope(scope, owned)) {
    throw deliveryNotFound();
  }
  await redeliverWebhook(deps, by, { merchantId: owned.merchantId, deliveryId });
}
