/**
 * redeliverWebhook: makes one delivery due now, whatever its status.
 */
import type { ActContext } from '../../../domain/audit/act.ts';
import { DomainError } from '../../../domain/errors.ts';
import type { WebhookDelivery } from '../../../domain/webhook-delivery.ts';
import { afterCommit, inTransaction } from '../../../store/db/query.ts';
import { isEventRemoved, makeDue } from '../../../store/webhooks/deliveries.ts';
import { recordAct } from '../../audit/record-acts.ts';
import type { ServiceDeps } from '../../deps.ts';
import { getDelivery } from '../../webhooks/deliveries.ts';
import { getLockedEndpoint, requireNotDisabled } from '../../webhooks/endpoints.ts';

/** @throws not_found, also when the event has been removed; invalid_request when the endpoint is disabled */
export function redeliverWebhook(
  deps: ServiceDeps,
  by: ActContext,
  { merchantId, deliveryId }: { merchantId: string; deliveryId: string },
): Promise<WebhookDelivery> {
  return inTransaction(deps.db, async (trx) => {
    const before = await getDelivery(trx, deliveryId, merchantId);
    requireNotDisabled((await getLockedEndpoint(trx, before.endpointId, merchantId)).endpoint);
    if (await isEventRemoved(trx, before.position)) {
      throw new DomainError('not_found', 'The event of this delivery was removed after 30 days');
    }
    await makeDue(trx, [deliveryId], deps.clock.now());
    afterCommit(trx, () => deps.wake('deliveries'));
    const delivery = await getDelivery(trx, deliveryId, merchantId);
    await recordAct(deps, trx, {
      ...by,
      type: 'webhook_delivery.redelivered',
      objectType: 'webhook_delivery',
      objectId: deliveryId,
      merchantId,
      before: { status: before.status },
      after: { status: delivery.status, webhook_endpoint: before.endpointId, event: before.eventId },
    });
    return delivery;
  });
}
