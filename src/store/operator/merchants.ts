/**
 * Merchants as operators see them: a list with search, one with its settings, its stores with their accounts, and its history.
 */
import type { LogoType } from '../../domain/checkout/logo-image.ts';
import type { OperatorScope } from '../../domain/operators/grants.ts';
import { type Db, query } from '../db/query.ts';
import { DEFAULT_TIME_ZONE } from '../merchants.ts';
import { inScope, scopeBindings } from './scope.ts';
import { isMerchantVisible } from './scope-sql.ts';

export interface ListedMerchant {
  readonly id: string;
  readonly name: string;
  readonly upstream: string;
  readonly stores: number;
  readonly activeAccounts: number;
  readonly updatedAt: Date;
}

export interface MerchantPage {
  /** A part of the id or of a name, in any case. */
  readonly search: string | undefined;
  /** The id after which the page begins. */
  readonly after: string | undefined;
  readonly limit: number;
}

/** Merchants in the order of their ids. Of stores outside the scope nothing is counted. */
export async function listMerchants(
  db: Db,
  scope: OperatorScope,
  { search, after, limit }: MerchantPage,
): Promise<ListedMerchant[]> {
  const rows = await query<{
    id: string;
    name: string;
    upstream: string;
    stores: number;
    active_accounts: number;
    updated_at: Date;
  }>(
    db,
    `select page.*, counted.* from (
       select id, name, upstream, updated_at from merchants
       where ${isMerchantVisible(scope, 'merchants.id')} and id > :after
         and (cast(:search as text) is null or position(lower(:search) in lower(id)) > 0
           or position(lower(:search) in lower(name)) > 0 or position(lower(:search) in lower(coalesce(display_name, ''))) > 0)
       order by id limit :limit) as page
     cross join lateral (
       select count(distinct stores.id)::int as stores, count(configs.store_id)::int as active_accounts
       from stores left join payment_processor_configs configs
         on configs.merchant_id = stores.merchant_id and configs.store_id = stores.id and configs.is_active
       where stores.merchant_id = page.id and ${inScope(scope, 'stores.id', 'stores.merchant_id')}) as counted
     order by page.id`,
    { ...scopeBindings(scope), search: search ?? null, after: after ?? '', limit },
  );
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    upstream: row.upstream,
    stores: row.stores,
    activeAccounts: row.active_accounts,
    updatedAt: row.updated_at,
  }));
}

export interface ShownMerchant {
  readonly id: string;
  readonly name: string;
  readonly upstream: string;
  readonly displayName: string | undefined;
  readonly accentColor: string | undefined;
  readonly supportPhone: string | undefined;
  readonly supportEmail: string | undefined;
  readonly frameAncestors: readonly string[];
  readonly logoUrl: string | undefined;
  /** The gateway's copy. */
  readonly logo: { readonly type: LogoType; readonly content: Buffer } | undefined;
  /** Why the logo could not be fetched. */
  readonly logoProblem: string | undefined;
  /** Undefined: the default limit. */
  readonly requestsPerMinute: number | undefined;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

interface MerchantRow {
  readonly id: string;
  readonly name: string;
  readonly upstream: string;
  readonly display_name: string | null;
  readonly accent_color: string | null;
  readonly support_phone: string | null;
  readonly support_email: string | null;
  readonly checkout_frame_ancestors: string[] | null;
  readonly logo_url: string | null;
  readonly type: LogoType | null;
  readonly content: Buffer | null;
  readonly problem: string | null;
  readonly requests_per_minute: number | null;
  readonly created_at: Date;
  readonly updated_at: Date;
}

export async function findMerchant(db: Db, merchantId: string): Promise<ShownMerchant | undefined> {
  const [row] = await query<MerchantRow>(
    db,
    `select merchants.*, logo.type, logo.content, logo.problem, limits.requests_per_minute
     from merchants left join merchant_logos logo on logo.merchant_id = merchants.id
     left join merchant_limits limits on limits.merchant_id = merchants.id
     where merchants.id = :merchantId`,
    { merchantId },
  );
  return (
    row && {
      id: row.id,
      name: row.name,
      upstream: row.upstream,
      displayName: row.display_name ?? undefined,
      accentColor: row.accent_color ?? undefined,
      supportPhone: row.support_phone ?? undefined,
      supportEmail: row.support_email ?? undefined,
      frameAncestors: row.checkout_frame_ancestors ?? [],
      logoUrl: row.logo_url ?? undefined,
      logo: row.type && row.content ? { type: row.type, content: row.content } : undefined,
      logoProblem: row.problem ?? undefined,
      requestsPerMinute: row.requests_per_minute ?? undefined,
      createdAt: row.created_at,
      updatedAt: row.updated_at,
    }
  );
}

export interface StoreAccount {
  readonly provider: string;
  readonly isActive: boolean;
  /** The beginning of a keyed digest of the credentials: two stores with the same account have the same. */
  readonly fingerprint: string;
  readonly updatedAt: Date;
}

export interface ShownStore {
  readonly id: string;
  readonly name: string;
  /** An IANA name. */
  readonly timeZone: string;
  readonly accounts: readonly StoreAccount[];
}

export interface StorePage {
  readonly merchantId: string;
  /** Undefined: all. */
  readonly storeIds: readonly string[] | undefined;
  readonly after: string | undefined;
  readonly limit: number;
}

/** Stores in the order of their ids, each with its accounts at providers. */
export async function listStores(db: Db, page: StorePage): Promise<ShownStore[]> {
  const { merchantId, storeIds, after = '', limit } = page;
  const rows = await query<{
    id: string;
    name: string;
    time_zone: string | null;
    accounts: readonly (Omit<StoreAccount, 'updatedAt'> & { readonly updatedAt: string })[];
  }>(
    db,
    `select id, name, time_zone, (
       select coalesce(json_agg(json_build_object(
         'provider', provider, 'isActive', is_active, 'updatedAt', updated_at,
         'fingerprint', left(encode(credentials_fingerprint, 'hex'), 8)) order by provider), '[]')
       from payment_processor_configs configs
       where configs.merchant_id = stores.merchant_id and configs.store_id = stores.id) as accounts
     from stores
     where merchant_id = :merchantId and id > :after ${storeIds === undefined ? '' : 'and id = any(cast(:storeIds as text[]))'}
     order by id limit :limit`,
    { merchantId, after, limit, ...(storeIds && { storeIds }) },
  );
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    timeZone: row.time_zone ?? DEFAULT_TIME_ZONE,
    accounts: row.accounts.map((account) => ({ ...account, updatedAt: new Date(account.updatedAt) })),
  }));
}

/** One change of a merchant by its upstream system. */
export interface ShownChange {
  readonly id: number;
  readonly createdAt: Date;
  readonly storeId: string | undefined;
  readonly provider: string | undefined;
  readonly field: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
  readonly upstream: string;
}

/** The latest changes, newest first. @param storeIds those of these stores only; undefined: all */
export async function listMerchantChanges(
  db: Db,
  merchantId: string,
  storeIds: readonly string[] | undefined,
  limit: number,
): Promise<ShownChange[]> {
  const rows = await query<{
    id: number;
    created_at: Date;
    store_id: string | null;
    provider: string | null;
    field: string;
    before: string | null;
    after: string | null;
    upstream: string;
  }>(
    db,
    `select id, created_at, store_id, provider, field, before, after, upstream from merchant_events
     where merchant_id = :merchantId ${storeIds === undefined ? '' : 'and store_id = any(cast(:storeIds as text[]))'}
     order by id desc limit :limit`,
    { merchantId, limit, ...(storeIds && { storeIds }) },
  );
  return rows.map((row) => ({
    id: row.id,
    createdAt: row.created_at,
    storeId: row.store_id ?? undefined,
    provider: row.provider ?? undefined,
    field: row.field,
    before: row.before ?? undefined,
    after: row.after ?? undefined,
    upstream: row.upstream,
  }));
}
