/**
 * retrieveWebhookDelivery: one delivery with its attempts.
 */
import { DomainError } from '../../../domain/errors.ts';
import type { WebhookDelivery } from '../../../domain/webhook-delivery.ts';
import { isId } from '../../../lib/ids.ts';
import { findDelivery } from '../../../store/webhooks/deliveries.ts';
import type { ServiceDeps } from '../../deps.ts';

/** @throws not_found when the merchant has no such delivery */
export async function retrieveWebhookDelivery(
  { db }: ServiceDeps,
  { merchantId, deliveryId }: { merchantId: string; deliveryId: string },
): Promise<WebhookDelivery> {
  const delivery = isId('wd', deliveryId) ? await findDelivery(db, deliveryId, merchantId) : undefined;
  if (!delivery) {
    throw deliveryNotFound();
  }
  return delivery;
}

export function deliveryNotFound(): DomainError {
  return new DomainError('not_found', 'There is no delivery with this id');
}
