/**
 * deleteWebhookEndpoint: removes an endpoint and its keys. Its deliveries can no longer be found or claimed, and are
 * removed with those of all endpoints when they are old.
 */
import { isId } from '../../../lib/ids.ts';
import { deleteEndpoint } from '../../../store/webhooks/endpoints.ts';
import type { ServiceDeps } from '../../deps.ts';
import { endpointNotFound } from '../../webhooks/endpoints.ts';

/** @throws not_found when the merchant has no such endpoint */
export async function deleteWebhookEndpoint(
  { db, clock }: ServiceDeps,
  { merchantId, endpointId }: { merchantId: string; endpointId: string },
): Promise<void> {
  if (!isId('we', endpointId) || !(await deleteEndpoint(db, endpointId, merchantId, clock.now()))) {
    throw endpointNotFound();
  }
}
