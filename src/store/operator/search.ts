/**
 * What the search of the console reads beyond payments by their ids: shops by name, payments by amount, what carries a request id.
 */
import type { OperatorScope } from '../../domain/operators/grants.ts';
import { isEmpty } from '../../domain/operators/scope.ts';
import type { IdBounds } from '../../lib/ids.ts';
import { type Db, query } from '../db/query.ts';
import { all, eachShop, inScope, scopeBindings } from './scope.ts';

/** A merchant, or one of its stores. */
export interface NamedShop {
  readonly merchantId: string;
  readonly merchantName: string;
  readonly storeId: string | undefined;
  readonly storeName: string | undefined;
}

interface ShopRow {
  readonly merchant_id: string;
  readonly merchant_name: string;
  readonly store_id: string | null;
  readonly store_name: string | null;
}

/** The merchants and stores of a scope. A merchant of which only stores are in the scope is not among them. */
const shopsOf = (scope: OperatorScope) => `
  select id as merchant_id, name as merchant_name, null as store_id, null as store_name
  from merchants where ${inScope(scope, undefined, 'id')}
  union all
  select merchants.id, merchants.name, stores.id, stores.name
  from stores join merchants on merchants.id = stores.merchant_id
  where ${inScope(scope, 'stores.id', 'stores.merchant_id')}`;

/** Merchants and stores in the order of their ids, each merchant before its stores. */
export async function listShops(db: Db, scope: OperatorScope, limit: number): Promise<NamedShop[]> {
  if (isEmpty(scope)) {
    return [];
  }
  const rows = await query<ShopRow>(
    db,
    `select * from (${shopsOf(scope)}) as shops order by merchant_id, store_id nulls first limit :limit`,
    { limit, ...scopeBindings(scope) },
  );
  return rows.map(toShop);
}

/** Merchants and stores with this id, or with a name that contains the text; those with the id come first. */
export async function searchShops(
  db: Db,
  scope: OperatorScope,
  text: string,
  limit: number,
): Promise<NamedShop[]> {
  if (isEmpty(scope)) {
    return [];
  }
  // Merchants and stores are few beside payments, so their names are compared one by one: a part of a name is found as well.
  const rows = await query<ShopRow>(
    db,
    `select * from (
       select shops.*, coalesce(store_id, merchant_id) = :text as has_id,
              coalesce(store_name, merchant_name) as name
       from (${shopsOf(scope)}) as shops) as named
     where has_id or position(lower(:text) in lower(normalize(name, nfkc))) > 0
     order by has_id desc, merchant_id, store_id nulls first limit :limit`,
    { text, limit, ...scopeBindings(scope) },
  );
  return rows.map(toShop);
}

function toShop(row: ShopRow): NamedShop {
  return {
    merchantId: row.merchant_id,
    merchantName: row.merchant_name,
    storeId: row.store_id ?? undefined,
    storeName: row.store_name ?? undefined,
  };
}

/** What happened in a period that a payment of this amount belongs to. */
export interface AmountSearch extends Required<IdBounds> {
  readonly amount: number;
  readonly from: Date;
  readonly to: Date;
}

/** The ids of payments of this amount that were created or paid in the period, newest first. */
export async function searchAmount(
  db: Db,
  scope: OperatorScope,
  search: AmountSearch,
  limit: number,
): Promise<string[]> {
  if (isEmpty(scope)) {
    return [];
  }
  const conditions = `(amount = :amount or amount_captured = :amount)
    and (created_at >= :from and created_at < :to or succeeded_at >= :from and succeeded_at < :to)`;
  const found =
    scope.kind === 'everything'
      ? `select id from payment_intents where id >= :idFrom and id < :idBelow and ${conditions} order by id desc limit :limit`
      : eachShop(
          scope,
          (ofShop) =>
            `select id from payment_intents where ${ofShop} and id collate "C" >= :idFrom and id collate "C" < :idBelow
             and ${conditions} order by id collate "C" desc limit :limit`,
        );
  const rows = await query<{ id: string }>(
    db,
    `select id from (${found}) as found order by id desc limit :limit`,
    { ...search, limit, ...scopeBindings(scope) },
  );
  return rows.map(({ id }) => id);
}

/** What was done in a request: an act of the audit log, or a change of a merchant by a sync. */
export interface RequestTrace {
  readonly source: 'audit' | 'sync';
  readonly objectType: string;
  readonly objectId: string;
  readonly merchantId: string | undefined;
  readonly storeId: string | undefined;
  readonly what: string;
  readonly at: Date;
}

/** What carries this request id, oldest first. */
export async function searchRequest(db: Db, requestId: string, limit: number): Promise<RequestTrace[]> {
  const rows = await query<{
    source: RequestTrace['source'];
    object_type: string;
    object_id: string;
    merchant_id: string | null;
    store_id: string | null;
    what: string;
    at: Date;
  }>(
    db,
    `(select 'audit' as source, object_type, object_id, merchant_id, store_id, type as what, created_at as at
      from audit_log where request_id = :requestId order by position limit :limit)
     union all
     (select 'sync', 'merchant', merchant_id, merchant_id, store_id, field, created_at
      from merchant_events where request_id = :requestId order by id limit :limit)
     limit :limit`,
    { requestId, limit },
  );
  return rows.map((row) => ({
    source: row.source,
    objectType: row.object_type,
    objectId: row.object_id,
    merchantId: row.merchant_id ?? undefined,
    storeId: row.store_id ?? undefined,
    what: row.what,
    at: row.at,
  }));
}

/** The owner of an object that is not a payment, and what an event is about. */
export interface FoundOwner {
  readonly merchantId: string;
  readonly storeId: string | undefined;
  readonly intentId: string | undefined;
}

/** The event with this id; `day` is the UTC date in it. */
export async function findEventOwner(db: Db, id: string, day: string): Promise<FoundOwner | undefined> {
  return firstOwner(
    db,
    `select merchant_id, merchant_store_id, coalesce(intent_id, object_id) as intent_id
     from events where id = :id and day = cast(:day as date)`,
    { id, day },
  );
}

export async function findDeliveryOwner(db: Db, id: string): Promise<FoundOwner | undefined> {
  return firstOwner(
    db,
    'select merchant_id, merchant_store_id, object_id as intent_id from webhook_deliveries where id = :id',
    { id },
  );
}

async function firstOwner(
  db: Db,
  sql: string,
  bindings: Readonly<Record<string, string>>,
): Promise<FoundOwner | undefined> {
  const [row] = await query<{ merchant_id: string; merchant_store_id: string | null; intent_id: string }>(
    db,
    sql,
    bindings,
  );
  return (
    row && {
      merchantId: row.merchant_id,
      storeId: row.merchant_store_id ?? undefined,
      intentId: row.intent_id,
    }
  );
}

/** Endpoints that are disabled or whose last deliveries failed. Endpoints belong to whole merchants. */
export async function listTroubledEndpoints(
  db: Db,
  scope: OperatorScope,
  limit: number,
): Promise<
  {
    readonly id: string;
    readonly url: string;
    readonly merchantId: string;
    readonly status: string;
    readonly since: Date | undefined;
  }[]
> {
  const rows = await query<{
    id: string;
    url: string;
    merchant_id: string;
    status: string;
    failing_since: Date | null;
  }>(
    db,
    `select id, url, merchant_id, status, failing_since from webhook_endpoints
     where ${all("status <> 'deleted'", inScope(scope, undefined))} and (status = 'disabled' or failing_since is not null)
     order by merchant_id, id limit :limit`,
    { limit, ...scopeBindings(scope) },
  );
  return rows.map((row) => ({
    id: row.id,
    url: row.url,
    merchantId: row.merchant_id,
    status: row.status,
    since: row.failing_since ?? undefined,
  }));
}
