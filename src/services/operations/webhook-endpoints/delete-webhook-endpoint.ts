/**
 * deleteWebhookEndpoint: removes an endpoint and its keys. Its deliveries can no longer be found or claimed, and are
 * removed with those of all endpoints when they are old. Pending ones end, because every claim of deliveries passes over
 * each endpoint that has some.
 */
import type { ActContext } from '../../../domain/audit/act.ts';
import { inTransaction } from '../../../store/db/query.ts';
import { endPending } from '../../../store/webhooks/deliveries.ts';
import { deleteEndpoint } from '../../../store/webhooks/endpoints.ts';
import { describeEndpoint } from '../../audit/describe.ts';
import { recordEndpointAct } from '../../audit/record-endpoint-acts.ts';
import type { ServiceDeps } from '../../deps.ts';
import { getLockedEndpoint } from '../../webhooks/endpoints.ts';

/** What one request changes at most. A longer backlog leaves an endpoint to pass over, which costs little if there are few. */
const MAX_ENDED = 10_000;

/** @throws not_found when the merchant has no such endpoint */
export async function deleteWebhookEndpoint(
  { db, clock }: Pick<ServiceDeps, 'db' | 'clock'>,
  by: ActContext,
  { merchantId, endpointId }: { merchantId: string; endpointId: string },
): Promise<void> {
  const now = clock.now();
  await inTransaction(db, async (trx) => {
    const { endpoint } = await getLockedEndpoint(trx, endpointId, merchantId);
    await deleteEndpoint(trx, endpointId, merchantId, now);
    await endPending(trx, { endpointId, now, limit: MAX_ENDED });
    const before = describeEndpoint(endpoint);
    await recordEndpointAct({ clock }, trx, by, endpoint, { type: 'webhook_endpoint.deleted', before });
  });
}
