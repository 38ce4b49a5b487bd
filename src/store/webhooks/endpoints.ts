/**
 * Webhook endpoints. A deleted endpoint keeps its row, because deliveries refer to it, but no function here finds it. Its
 * signing keys stay sealed here; services/webhooks/signing-keys.ts opens them.
 */
import type { EndpointHealth, WebhookEndpoint } from '../../domain/webhook-endpoint.ts';
import { storableText } from '../../lib/text.ts';
import { type Db, execute, query } from '../db/query.ts';

/** An endpoint with its sealed signing keys. */
export interface StoredEndpoint {
  readonly endpoint: WebhookEndpoint;
  readonly sealedKeys: Buffer;
}

interface EndpointRow {
  readonly id: string;
  readonly merchant_id: string;
  readonly url: string;
  readonly description: string | null;
  readonly event_types: string[] | null;
  readonly merchant_store_ids: string[] | null;
  readonly ordering: WebhookEndpoint['ordering'];
  readonly signature: WebhookEndpoint['signature'];
  readonly max_per_second: number | null;
  readonly status: WebhookEndpoint['status'];
  readonly disabled_reason: WebhookEndpoint['disabledReason'] | null;
  readonly failures: number;
  readonly failing_since: Date | null;
  readonly last_failure_at: Date | null;
  readonly suspensions: number;
  readonly suspended_until: Date | null;
  readonly created_at: Date;
  readonly updated_at: Date;
  readonly secrets: Buffer;
}

const COLUMNS = `id, merchant_id, url, description, event_types, merchant_store_ids, ordering, signature, max_per_second,
  status, disabled_reason, failures, failing_since, last_failure_at, suspensions, suspended_until, created_at, updated_at,
  secrets`;

/**
 * Locks a merchant against new endpoints, so that concurrent creates cannot exceed the maximum. The lock does not block
 * payments, which only refer to the merchant.
 */
export async function lockEndpointsOf(trx: Db, merchantId: string): Promise<void> {
  await execute(trx, 'select from merchants where id = :merchantId for no key update', { merchantId });
}

/**
 * The endpoints of a merchant, oldest first.
 * @param storeIds only those that receive events of no other stores; undefined: all
 */
export async function listEndpoints(
  db: Db,
  merchantId: string,
  storeIds?: readonly string[] | undefined,
): Promise<StoredEndpoint[]> {
  const ofStores = storeIds === undefined ? '' : 'and merchant_store_ids <@ cast(:storeIds as text[])';
  const rows = await query<EndpointRow>(
    db,
    `select ${COLUMNS} from webhook_endpoints
     where merchant_id = :merchantId and status <> 'deleted' ${ofStores} order by merchant_id, id`,
    { merchantId, ...(storeIds && { storeIds }) },
  );
  return rows.map(toStored);
}

/** Endpoints of all merchants, for operators; in the order of merchant and age, after the given one. */
export async function listEndpointsAfter(
  db: Db,
  after: Pick<WebhookEndpoint, 'merchantId' | 'id'> | undefined,
  limit: number,
): Promise<WebhookEndpoint[]> {
  const rows = await query<EndpointRow>(
    db,
    `select ${COLUMNS} from webhook_endpoints
     where (merchant_id, id) > (:merchantId, :id) and status <> 'deleted' order by merchant_id, id limit :limit`,
    { merchantId: after?.merchantId ?? '', id: after?.id ?? '', limit },
  );
  return rows.map((row) => toStored(row).endpoint);
}

/** Endpoints by the conditions of an operator's list. @param conditions with the order and the limit */
export async function listEndpointsWhere(
  db: Db,
  conditions: string,
  bindings: Readonly<Record<string, unknown>>,
): Promise<WebhookEndpoint[]> {
  const rows = await query<EndpointRow>(
    db,
    `select ${COLUMNS} from webhook_endpoints where status <> 'deleted' and ${conditions}`,
    bindings,
  );
  return rows.map((row) => toStored(row).endpoint);
}

/** @param merchantId undefined for operators, who see those of all merchants */
export function findEndpoint(
  db: Db,
  id: string,
  merchantId: string | undefined,
): Promise<StoredEndpoint | undefined> {
  return select(db, id, merchantId, '');
}

/** Locks an endpoint against other changes; deliveries may still be added. */
export function lockEndpoint(
  trx: Db,
  id: string,
  merchantId: string | undefined,
): Promise<StoredEndpoint | undefined> {
  return select(trx, id, merchantId, 'for no key update');
}

async function select(
  db: Db,
  id: string,
  merchantId: string | undefined,
  lock: '' | 'for no key update',
): Promise<StoredEndpoint | undefined> {
  const ofMerchant = merchantId === undefined ? '' : 'and merchant_id = :merchantId';
  const [row] = await query<EndpointRow>(
    db,
    `select ${COLUMNS} from webhook_endpoints where id = :id ${ofMerchant} and status <> 'deleted' ${lock}`,
    { id, ...(merchantId !== undefined && { merchantId }) },
  );
  return row && toStored(row);
}

/** The endpoint that an earlier run of an idempotent request has created since a time. */
export async function findEndpointCreatedBy(
  db: Db,
  merchantId: string,
  idempotencyId: string,
  since: Date,
): Promise<StoredEndpoint | undefined> {
  const [row] = await query<EndpointRow>(
    db,
    `select ${COLUMNS} from webhook_endpoints
     where merchant_id = :merchantId and status <> 'deleted' and idempotency_id = :idempotencyId and created_at > :since`,
    { merchantId, idempotencyId, since },
  );
  return row && toStored(row);
}

/** @param idempotencyId of the request that creates it, if it has an Idempotency-Key */
export async function insertEndpoint(
  trx: Db,
  { endpoint, sealedKeys }: StoredEndpoint,
  idempotencyId: string | undefined,
): Promise<void> {
  const { id, merchantId, signature, createdAt } = endpoint;
  await execute(
    trx,
    `insert into webhook_endpoints (
       id, merchant_id, url, description, event_types, merchant_store_ids, ordering, signature, max_per_second, status,
       secrets, idempotency_id, created_at, updated_at)
     values (
       :id, :merchantId, :url, :description, cast(:eventTypes as text[]), cast(:merchantStoreIds as text[]), :ordering,
       :signature, :maxPerSecond, :status, :sealedKeys, :idempotencyId, :createdAt, :createdAt)`,
    {
      ...settingsOf(endpoint),
      ...{ id, merchantId, signature, sealedKeys, createdAt, idempotencyId: idempotencyId ?? null },
    },
  );
}

/** Saves settings, status and health. */
export async function saveEndpoint(trx: Db, endpoint: WebhookEndpoint): Promise<void> {
  const { id, disabledReason, health, updatedAt } = endpoint;
  await execute(
    trx,
    `update webhook_endpoints
     set url = :url, description = :description, event_types = cast(:eventTypes as text[]),
         merchant_store_ids = cast(:merchantStoreIds as text[]), ordering = :ordering, max_per_second = :maxPerSecond,
         status = :status, disabled_reason = :disabledReason, failures = :failures, failing_since = :failingSince,
         last_failure_at = :lastFailureAt, suspensions = :suspensions, suspended_until = :suspendedUntil,
         updated_at = :updatedAt
     where id = :id`,
    {
      ...settingsOf(endpoint),
      ...healthBindings(health),
      ...{ id, disabledReason: disabledReason ?? null, updatedAt },
    },
  );
}

export async function replaceSealedKeys(trx: Db, id: string, sealedKeys: Buffer, now: Date): Promise<void> {
  await execute(trx, 'update webhook_endpoints set secrets = :sealedKeys, updated_at = :now where id = :id', {
    id,
    sealedKeys,
    now,
  });
}

/** Deletes an endpoint and its keys; false when the merchant has no such endpoint. */
export async function deleteEndpoint(db: Db, id: string, merchantId: string, now: Date): Promise<boolean> {
  const deleted = await execute(
    db,
    `update webhook_endpoints set status = 'deleted', disabled_reason = null, secrets = null, updated_at = :now
     where id = :id and merchant_id = :merchantId and status <> 'deleted'`,
    { id, merchantId, now },
  );
  return deleted === 1;
}

/** Those of the given ids that are not stores of the merchant. */
export async function listUnknownStores(
  db: Db,
  merchantId: string,
  ids: readonly string[],
): Promise<string[]> {
  const rows = await query<{ id: string }>(
    db,
    `select asked.id from unnest(cast(:ids as text[])) as asked (id)
     where not exists (select from stores where stores.merchant_id = :merchantId and stores.id = asked.id)`,
    { merchantId, ids },
  );
  return rows.map(({ id }) => id);
}

function settingsOf(endpoint: WebhookEndpoint) {
  return {
    url: endpoint.url,
    description: endpoint.description === undefined ? null : storableText(endpoint.description),
    eventTypes: endpoint.eventTypes ?? null,
    merchantStoreIds: endpoint.merchantStoreIds ?? null,
    ordering: endpoint.ordering,
    maxPerSecond: endpoint.maxPerSecond ?? null,
    status: endpoint.status,
  };
}

function healthBindings(health: EndpointHealth) {
  return {
    failures: health.failures,
    failingSince: health.failingSince ?? null,
    lastFailureAt: health.lastFailureAt ?? null,
    suspensions: health.suspensions,
    suspendedUntil: health.suspendedUntil ?? null,
  };
}

function toStored(row: EndpointRow): StoredEndpoint {
  const endpoint: WebhookEndpoint = {
    id: row.id,
    merchantId: row.merchant_id,
    url: row.url,
    description: row.description ?? undefined,
    eventTypes: row.event_types ?? undefined,
    merchantStoreIds: row.merchant_store_ids ?? undefined,
    ordering: row.ordering,
    signature: row.signature,
    maxPerSecond: row.max_per_second ?? undefined,
    status: row.status,
    disabledReason: row.disabled_reason ?? undefined,
    health: {
      failures: row.failures,
      failingSince: row.failing_since ?? undefined,
      lastFailureAt: row.last_failure_at ?? undefined,
      suspensions: row.suspensions,
      suspendedUntil: row.suspended_until ?? undefined,
    },
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
  return { endpoint, sealedKeys: row.secrets };
}
