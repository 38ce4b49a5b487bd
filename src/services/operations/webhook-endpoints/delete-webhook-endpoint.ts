/**
 * deleteWebhookEndpoint: removes an endpoint and its keys. Its deliveries can no longer be found or claimed, and are
 * removed with those of all endpoints when they are old. Pending ones end, because every claim of deliveries passes over
 * each endpoint that has some.
 */
import { isId } from '../../../lib/ids.ts';
import { inTransaction } from '../../../store/db/query.ts';
import { endPending } from '../../../store/webhooks/deliveries.ts';
import { deleteEndpoint } from '../../../store/webhooks/endpoints.ts';
import type { ServiceDeps } from '../../deps.ts';
import { endpointNotFound } from '../../webhooks/endpoints.ts';

/** What one request changes at most. A longer backlog leaves an endpoint to pass over, which costs little if there are few. */
const MAX_ENDED = 10_000;

/** @throws not_found when the merchant has no such endpoint */
export async function deleteWebhookEndpoint(
  { db, clock }: ServiceDeps,
  { merchantId, endpointId }: { merchantId: string; endpointId: string },
): Promise<void> {
  const now = clock.now();
  await inTransaction(db, async (trx) => {
    if (!isId('we', endpointId) || !(await deleteEndpoint(trx, endpointId, merchantId, now))) {
      throw endpointNotFound();
    }
    await endPending(trx, { endpointId, now, limit: MAX_ENDED });
  });
}
