/**
 * The statement of a page of a merchant's objects, newest first: of all its stores, of one, or of some. Ids are compared with
 * collation "C", which keeps the planner from using the primary key.
 */
import type { IdBounds } from '../../lib/ids.ts';

export interface PageFilter extends IdBounds {
  readonly merchantId: string;
  /** Undefined: all stores, and what belongs to none. */
  readonly storeIds: readonly string[] | undefined;
}

export interface Page {
  readonly table: 'payment_intents' | 'refunds';
  readonly columns: string;
  readonly filter: PageFilter;
  /** More conditions; those that are false are left out, so that each combination uses its index. */
  readonly conditions: readonly (string | false)[];
  /** Whether the conditions find few rows by an index of their own. */
  readonly isSelective: boolean;
  /** Numbers or bindings. */
  readonly limit: string;
  readonly offset?: string;
}

/**
 * The SQL; its bindings are those of the filter and of the conditions. With several stores it reads a page of each store, by
 * the index that starts with the store, and returns the newest of these: no index has the rows of several stores in order.
 */
export function pageSql({ table, columns, filter, conditions, isSelective, limit, offset }: Page): string {
  const { storeIds, idFrom, idBelow } = filter;
  const all = [
    'merchant_id = :merchantId',
    ...conditions,
    idFrom !== undefined && 'id collate "C" >= :idFrom',
    idBelow !== undefined && 'id collate "C" < :idBelow',
  ].filter((condition) => condition !== false);
  const select = (...more: string[]) =>
    `select ${columns} from ${table} where ${[...all, ...more].join(' and ')} order by id collate "C" desc`;
  const range = offset === undefined ? `limit ${limit}` : `limit ${limit} offset ${offset}`;
  if (storeIds === undefined) {
    return `${select()} ${range}`;
  }
  if (storeIds.length === 1) {
    return `${select('merchant_store_id = :storeId')} ${range}`;
  }
  if (isSelective) {
    return `${select('merchant_store_id = any(cast(:storeIds as text[]))')} ${range}`;
  }
  const ofStore = select('merchant_store_id = own.store_id');
  const end = offset === undefined ? limit : `cast(${limit} as bigint) + cast(${offset} as bigint)`;
  return `select page.* from unnest(cast(:storeIds as text[])) as own (store_id)
     cross join lateral (${ofStore} limit ${end}) as page
     order by id collate "C" desc ${range}`;
}

/** The bindings of a filter: what is set of it. */
export function pageBindings(filter: PageFilter): Record<string, unknown> {
  const { storeIds, ...others } = filter;
  const ofStores = storeIds?.length === 1 ? { storeId: storeIds[0] } : { storeIds };
  return Object.fromEntries(
    Object.entries({ ...others, ...ofStores }).filter(([, value]) => value !== undefined),
  );
}
