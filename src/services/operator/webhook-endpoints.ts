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

type Needs = Pick<ServiceDeps, 'db' | 'clock'>;

/**
 * Stops deliveries to an endpoint until it is enabled again, and records the event for the merchant.
 * @throws not_found when there is no such endpoint
 */
export function disableEndpoint(deps: Needs, by: ActContext, endpointId: string): Promise<WebhookEndpoint> {
  return changeEndpoint(deps, by, endpointId, (before) =>
    before.status === 'disabled' ? undefined : { status: 'disabled', disabledReason: 'operator' },
  );
}

/**
 * Stops deliveries to an endpoint until it is enabled again; its events wait.
 * @throws not_found when there is no such endpoint; invalid_request when it is disabled
 */
export function pauseEndpoint(deps: Needs, by: ActContext, endpointId: string): Promise<WebhookEndpoint> {
  return changeEndpoint(deps, by, endpointId, (before) => {
    requireNotDisabled(before);
    return { status: 'paused' };
  });
}

/**
 * Enables an endpoint, whatever its status; earlier failures do not count any more.
 * @throws not_found when there is no such endpoint
 */
export function enableEndpoint(deps: Needs, by: ActContext, endpointId: string): Promise<WebhookEndpoint> {
  return changeEndpoint(deps, by, endpointId, () => ({
    status: 'enabled',
    disabledReason: undefined,
    health: HEALTHY,
  }));
}

/** @param decide what to change; undefined: nothing */
function changeEndpoint(
  { db, clock }: Needs,
  by: ActContext,
  endpointId: string,
  decide: (before: WebhookEndpoint) => Partial<WebhookEndpoint> | undefined,
): Promise<WebhookEndpoint> {
  return inTransaction(db, async (trx) => {
    const { endpoint: before } = await getLockedEndpoint(trx, endpointId, undefined);
    const change = decide(before);
    if (!change) {
      return before;
    }
    const endpoint: WebhookEndpoint = { ...before, ...change, updatedAt: clock.now() };
    await saveEndpoint(trx, endpoint);
    if (endpoint.status === 'disabled') {
      await recordDisabled({ clock }, trx, endpoint);
    }
    await recordEndpointChange({ clock }, trx, by, before, endpoint);
    return endpoint;
  });
}
