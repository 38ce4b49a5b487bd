/**
 * listWebhookDeliveries: a page of the deliveries to an endpoint, newest event first.
 */
import type { DeliveryStatus, WebhookDelivery } from '../../../domain/webhook-delivery.ts';
import { isId } from '../../../lib/ids.ts';
import { listDeliveries } from '../../../store/webhooks/deliveries.ts';
import type { ServiceDeps } from '../../deps.ts';
import { getEndpoint } from '../../webhooks/endpoints.ts';

export interface ListWebhookDeliveries {
  readonly merchantId: string;
  readonly endpointId: string;
  /** The stores that the key is limited to; undefined: no limit. */
  readonly storeIds: readonly string[] | undefined;
  readonly status: DeliveryStatus | undefined;
  readonly eventType: string | undefined;
  /** The id after which the page begins. */
  readonly startingAfter: string | undefined;
  readonly limit: number;
}

/** @throws not_found when the merchant has no such endpoint */
export async function listWebhookDeliveries(
  { db }: ServiceDeps,
  { merchantId, ...filter }: ListWebhookDeliveries,
): Promise<WebhookDelivery[]> {
  await getEndpoint(db, filter.endpointId, merchantId);
  // No delivery comes after a value that is not an id.
  return filter.startingAfter === undefined || isId('wd', filter.startingAfter)
    ? listDeliveries(db, filter)
    : [];
}
