/**
 * What the operations on deliveries have in common.
 */
import { DomainError } from '../../domain/errors.ts';
import type { WebhookDelivery } from '../../domain/webhook-delivery.ts';
import { isId } from '../../lib/ids.ts';
import type { Db } from '../../store/db/query.ts';
import { findDelivery } from '../../store/webhooks/deliveries.ts';

export function deliveryNotFound(): DomainError {
  return new DomainError('not_found', 'There is no delivery with this id');
}

/** @throws not_found when the merchant has no such delivery */
export async function getDelivery(db: Db, id: string, merchantId: string): Promise<WebhookDelivery> {
  const delivery = isId('wd', id) ? await findDelivery(db, id, merchantId) : undefined;
  if (!delivery) {
    throw deliveryNotFound();
  }
  return delivery;
}
