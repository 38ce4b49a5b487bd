/**
 * What operators do with the webhook endpoints of merchants: list them, disable, pause or enable one.
 */
import type { ActContext } from '../../domain/audit/act.ts';
import type { WebhookEndpoint } from '../../domain/webhook-endpoint.ts';
import { HEALTHY } from '../../domain/webhooks/endpoint-health.ts';
import { type Db, inTransaction } from '../../store/db/query.ts';
import { listEndpoints, listEndpointsAfter, saveEndpoint } from '../../store/webhooks/endpoints.ts';
import { recordEndpointChange } from '../audit/record-endpoint-acts.ts';
import type { ServiceDeps } from '../deps.ts';
import { recordDisabled } from '../webhooks/endpoint-events.ts';
import { getLockedEndpoint, requireNotDisabled } from '../webhooks/endpoints.ts';

const PAGE = 500;

/** The endpoints of a merchant, or of all merchants, by merchant and age. */
export async function listEndpointsOf(db: Db, merchantId: string | undefined): Promise<WebhookEndpoint[]> {
  if (merchantId !== undefined) {
    return (await listEndpoints(db, merchantId)).map(({ endpoint }) => endpoint);
  }
  const all: WebhookEndpoint[] = [];
  for (;;) {
    const page = await listEndpointsAfter(db, all.at(-1), PAGE);
    all.push(...page);
    if (page.length < PAGE) {
      return all;
    }
  }
}

/**
 * Stops deliveries to an endpoint until it is enabled again, and records the event for the merchant.
 * @throws not_found when there is no such endpoint
 */
export function disableEndpoint(
  { db, clock }: Pick<ServiceDeps, 'db' | 'clock'>,
  by: ActContext,
  endpointId: string,
): Promise<WebhookEndpoint> {
  return inTransaction(db, async (trx) => {
    const { endpoint: before } = await getLockedEndpoint(trx, endpointId, undefined);
    if (before.status === 'disabled') {
      return before;
    }
    const endpoint: WebhookEndpoint = {
      ...before,
      status: 'disabled',
      disabledReason: 'operator',
      updatedAt: clock.now(),
    };
    await saveEndpoint(trx, endpoint);
    await recordDisabled({ clock }, trx, endpoint);
    await recordEndpointChange({ clock }, trx, by, before, endpoint);
    return endpoint;
  });
}

/**
 * Stops deliveries to an endpoint until it is enabled again; its events wait.
 * @throws not_found when there is no such endpoint; invalid_request when it is disabled
 */
export function pauseEndpoint(
  { db, clock }: Pick<ServiceDeps, 'db' | 'clock'>,
  by: ActContext,
  endpointId: string,
): Promise<WebhookEndpoint> {
  return inTransaction(db, async (trx) => {
    const { endpoint: before } = await getLockedEndpoint(trx, endpointId, undefined);
    requireNotDisabled(before);
    const endpoint: WebhookEndpoint = { ...before, status: 'paused', updatedAt: clock.now() };
    await saveEndpoint(trx, endpoint);
    await recordEndpointChange({ clock }, trx, by, before, endpoint);
    return endpoint;
  });
}

/**
 * Enables an endpoint, whatever its status; earlier failures do not count any more.
 * @throws not_found when there is no such endpoint
 */
export function enableEndpoint(
  { db, clock }: Pick<ServiceDeps, 'db' | 'clock'>,
  by: ActContext,
  endpointId: string,
): Promise<WebhookEndpoint> {
  return inTransaction(db, async (trx) => {
    const { endpoint: before } = await getLockedEndpoint(trx, endpointId, undefined);
    const endpoint: WebhookEndpoint = {
      ...before,
      status: 'enabled',
      disabledReason: undefined,
      health: HEALTHY,
      updatedAt: clock.now(),
    };
    await saveEndpoint(trx, endpoint);
    await recordEndpointChange({ clock }, trx, by, before, endpoint);
    return endpoint;
  });
}
