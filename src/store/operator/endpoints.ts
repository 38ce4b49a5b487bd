/**
 * Webhook endpoints and deliveries within the scope of an operator. A store sees the endpoints that receive its events, even those
 * of the whole merchant, but only the deliveries of its own events.
 */
import type { OperatorScope } from '../../domain/operators/grants.ts';
import type { WebhookDelivery } from '../../domain/webhook-delivery.ts';
import type { WebhookEndpoint } from '../../domain/webhook-endpoint.ts';
import { type Db, query } from '../db/query.ts';
import { findDelivery } from '../webhooks/deliveries.ts';
import { listEndpointsWhere } from '../webhooks/endpoints.ts';
import { scopeBindings } from './scope.ts';
import { concernsScope } from './scope-sql.ts';

export interface EndpointFilter {
  readonly merchantId: string | undefined;
  readonly status: 'enabled' | 'suspended' | 'paused' | 'disabled' | undefined;
  /** The endpoint after which the page begins. */
  readonly after: string | undefined;
  readonly limit: number;
}

const SUSPENDED = `(status = 'enabled' and suspended_until is not null)`;

/** Endpoints, newest first; they are at most 20 a merchant. */
export async function listEndpointsInScope(
  db: Db,
  scope: OperatorScope,
  { merchantId, status, after, limit }: EndpointFilter,
): Promise<WebhookEndpoint[]> {
  const conditions = [
    concernsScope(scope, 'webhook_endpoints.merchant_id', 'webhook_endpoints.merchant_store_ids'),
    merchantId !== undefined && 'merchant_id = :merchantId',
    status === 'suspended' && SUSPENDED,
    status !== undefined && status !== 'suspended' && `status = :status and not ${SUSPENDED}`,
    after !== undefined && 'id < :after',
  ].filter((condition) => condition !== false);
  return listEndpointsWhere(db, `${conditions.join(' and ')} order by id desc limit :limit`, {
    ...scopeBindings(scope),
    limit,
    ...(merchantId !== undefined && { merchantId }),
    ...(status !== undefined && status !== 'suspended' && { status }),
    ...(after !== undefined && { after }),
  });
}

/** How the latest deliveries to an endpoint have ended. */
export interface RecentDeliveries {
  readonly endpointId: string;
  readonly succeeded: number;
  readonly failed: number;
  readonly pending: number;
}

/** @param limit of the deliveries of each endpoint */
export function countRecentDeliveries(
  db: Db,
  endpointIds: readonly string[],
  limit: number,
): Promise<RecentDeliveries[]> {
  return query<RecentDeliveries>(
    db,
    `select endpoint.id as "endpointId",
            count(*) filter (where status = 'succeeded')::int as succeeded,
            count(*) filter (where status = 'failed')::int as failed,
            count(*) filter (where status = 'pending')::int as pending
     from unnest(cast(:endpointIds as text[])) as endpoint (id)
     cross join lateral (
       select status from webhook_deliveries where endpoint_id = endpoint.id
       order by endpoint_id desc, position desc limit :limit) as newest
     group by endpoint.id`,
    { endpointIds, limit },
  );
}

/** A delivery with whose it is and what it is about. */
export interface OwnedDelivery {
  readonly delivery: WebhookDelivery;
  readonly merchantId: string;
  /** Of the event; undefined: none. */
  readonly storeId: string | undefined;
  /** Such as a payment intent. */
  readonly objectId: string;
  readonly isBlocked: boolean;
}

export async function findOwnedDelivery(db: Db, id: string): Promise<OwnedDelivery | undefined> {
  const [row] = await query<{
    merchant_id: string;
    merchant_store_id: string | null;
    object_id: string;
    is_blocked: boolean;
  }>(
    db,
    'select merchant_id, merchant_store_id, object_id, is_blocked from webhook_deliveries where id = :id',
    { id },
  );
  const delivery = row && (await findDelivery(db, id, row.merchant_id));
  return (
    delivery && {
      delivery,
      merchantId: row.merchant_id,
      storeId: row.merchant_store_id ?? undefined,
      objectId: row.object_id,
      isBlocked: row.is_blocked,
    }
  );
}

/** An endpoint with deliveries that wait. */
export interface WaitingEndpoint {
  readonly endpointId: string;
  readonly merchantId: string;
  readonly url: string;
  readonly status: WebhookEndpoint['status'];
  readonly isSuspended: boolean;
  /** At most `max`. */
  readonly pending: number;
  readonly oldestAt: Date;
}

/** Endpoints with pending deliveries, those whose next delivery has waited longest first. @param max how far each is counted */
export function listWaitingEndpoints(db: Db, max: number, limit: number): Promise<WaitingEndpoint[]> {
  return query<WaitingEndpoint>(
    db,
    `select endpoint.id as "endpointId", endpoint.merchant_id as "merchantId", url, endpoint.status,
            endpoint.suspended_until is not null as "isSuspended", waiting.pending, waiting.oldest_at as "oldestAt"
     from webhook_endpoints endpoint
     cross join lateral (
       select count(*)::int as pending, min(created_at) as oldest_at from (
         select created_at from webhook_deliveries delivery
         where delivery.endpoint_id = endpoint.id and delivery.status = 'pending'
         order by is_blocked, next_try_at limit :max) as first) as waiting
     where endpoint.status <> 'deleted' and waiting.pending > 0
     order by waiting.oldest_at limit :limit`,
    { max, limit },
  );
}
