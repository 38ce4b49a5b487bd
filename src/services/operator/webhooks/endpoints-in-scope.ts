/**
 * Webhook endpoints within the scope of an operator: list, one with its deliveries, and its acts.
 */
import type { ActContext } from '../../../domain/audit/act.ts';
import { mayChangeEndpoint, seesEndpoint } from '../../../domain/operators/endpoint-scope.ts';
import type { OperatorScope } from '../../../domain/operators/grants.ts';
import { storesInScope } from '../../../domain/operators/shops.ts';
import type { DeliveryStatus, WebhookDelivery } from '../../../domain/webhook-delivery.ts';
import type { WebhookEndpoint } from '../../../domain/webhook-endpoint.ts';
import { isId } from '../../../lib/ids.ts';
import { type Db, inTransaction } from '../../../store/db/query.ts';
import {
  countRecentDeliveries,
  type EndpointFilter,
  listEndpointsInScope,
  type RecentDeliveries,
} from '../../../store/operator/endpoints.ts';
import { listDeliveries } from '../../../store/webhooks/deliveries.ts';
import { findEndpoint } from '../../../store/webhooks/endpoints.ts';
import type { ServiceDeps } from '../../deps.ts';
import { endpointNotFound, getLockedEndpoint } from '../../webhooks/endpoints.ts';
import { PAGE_SIZE, type Page, toPage } from '../page.ts';
import { enableEndpoint, pauseEndpoint } from '../webhook-endpoints.ts';

export type { RecentDeliveries };

/** Of how many deliveries the success is shown. */
export const RECENT = 20;

export interface EndpointRow {
  readonly endpoint: WebhookEndpoint;
  /** Undefined: there was no delivery, or those of other stores are among them. */
  readonly recent: RecentDeliveries | undefined;
}

export async function listEndpoints(
  { db }: Pick<ServiceDeps, 'db'>,
  scope: OperatorScope,
  filter: Omit<EndpointFilter, 'limit'>,
): Promise<Page<EndpointRow>> {
  const found = await listEndpointsInScope(db, scope, { ...filter, limit: PAGE_SIZE + 1 });
  const { rows, next } = toPage(found, ({ id }) => id);
  return { rows: await withRecent(db, scope, rows), next };
}

async function withRecent(
  db: Db,
  scope: OperatorScope,
  endpoints: readonly WebhookEndpoint[],
): Promise<EndpointRow[]> {
  const whole = endpoints.filter((endpoint) => mayChangeEndpoint(scope, endpoint));
  const counts = await countRecentDeliveries(
    db,
    whole.map(({ id }) => id),
    RECENT,
  );
  const byId = new Map(counts.map((count) => [count.endpointId, count]));
  return endpoints.map((endpoint) => ({ endpoint, recent: byId.get(endpoint.id) }));
}

export interface DeliveryFilter {
  readonly status: DeliveryStatus | undefined;
  readonly after: string | undefined;
}

export interface EndpointDetails extends EndpointRow {
  /** Whether the operator sees all of it, and not only the deliveries of some stores. */
  readonly isWhole: boolean;
  readonly deliveries: Page<WebhookDelivery>;
}

/** @returns undefined when there is no such endpoint, or it lies outside the scope */
export async function showEndpoint(
  { db }: Pick<ServiceDeps, 'db'>,
  scope: OperatorScope,
  endpointId: string,
  { status, after }: DeliveryFilter,
): Promise<EndpointDetails | undefined> {
  const endpoint = isId('we', endpointId)
    ? (await findEndpoint(db, endpointId, undefined))?.endpoint
    : undefined;
  if (!endpoint || !seesEndpoint(scope, endpoint)) {
    return undefined;
  }
  const isWhole = mayChangeEndpoint(scope, endpoint);
  const found = await listDeliveries(db, {
    endpointId,
    status,
    eventType: undefined,
    // The endpoint may have had other stores before.
    storeIds: storesInScope(scope, endpoint.merchantId),
    startingAfter: after !== undefined && isId('wd', after) ? after : undefined,
    limit: PAGE_SIZE + 1,
  });
  const [row] = await withRecent(db, scope, [endpoint]);
  return { endpoint, recent: row?.recent, isWhole, deliveries: toPage(found, ({ id }) => id) };
}

/** Stops deliveries, or begins them again. @throws not_found, invalid_request when it is disabled and should be paused */
export function changeEndpoint(
  deps: Pick<ServiceDeps, 'db' | 'clock' | 'wake'>,
  by: ActContext,
  scope: OperatorScope,
  { endpointId, act }: { readonly endpointId: string; readonly act: 'pause' | 'enable' },
): Promise<WebhookEndpoint> {
  return inTransaction(deps.db, async (trx) => {
    const { endpoint } = await getLockedEndpoint(trx, endpointId, undefined);
    if (!mayChangeEndpoint(scope, endpoint)) {
      throw endpointNotFound();
    }
    return (act === 'pause' ? pauseEndpoint : enableEndpoint)({ ...deps, db: trx }, by, endpointId);
  });
}
