/**
 * retrieveWebhookDelivery: one delivery with its attempts.
 */
import type { WebhookDelivery } from '../../../domain/webhook-delivery.ts';
import type { ServiceDeps } from '../../deps.ts';
import { getDelivery } from '../../webhooks/deliveries.ts';

/** @throws not_found when the merchant has no such delivery */
export function retrieveWebhookDelivery(
  { db }: ServiceDeps,
  { merchantId, deliveryId }: { merchantId: string; deliveryId: string },
): Promise<WebhookDelivery> {
  return getDelivery(db, deliveryId, merchantId);
}
