/**
 * Merchants, stores and the credentials of payment processor configurations. One statement writes many stores; unchanged rows
 * are not rewritten, and fields that a payload omits keep their values.
 */
import type { Branding } from '../domain/branding.ts';
import { type LogoType, logoPath } from '../domain/checkout/logo-image.ts';
import type { AttemptProvider } from '../domain/payment.ts';
import { type Db, query, queryPrepared } from './db/query.ts';

export interface StoreRow {
  readonly merchantId: string;
  readonly id: string;
  readonly name: string;
  /** An IANA name; undefined keeps the current value. */
  readonly timeZone: string | undefined;
}

/** Inserts or updates stores. @returns how many rows of each merchant were written, by the merchant's id */
export async function upsertStores(
  db: Db,
  stores: readonly StoreRow[],
  now: Date,
): Promise<ReadonlyMap<string, number>> {
  const rows = await query<{ merchant_id: string; written: number }>(
    db,
    `with written as (
     insert into stores (merchant_id, id, name, time_zone, created_at, updated_at)
     select merchant_id, id, name, time_zone, :now, :now
     from unnest(cast(:merchantIds as text[]), cast(:ids as text[]), cast(:names as text[]), cast(:timeZones as text[]))
       as payload (merchant_id, id, name, time_zone)
     order by merchant_id, id
     on conflict (merchant_id, id) do update
     set name = excluded.name, updated_at = excluded.updated_at,
         time_zone = coalesce(excluded.time_zone, stores.time_zone)
     where (stores.name, stores.time_zone) is distinct from
       (excluded.name, coalesce(excluded.time_zone, stores.time_zone))
     returning merchant_id)
     select merchant_id, count(*)::int as written from written group by merchant_id`,
    {
      merchantIds: stores.map(({ merchantId }) => merchantId),
      ids: stores.map(({ id }) => id),
      names: stores.map(({ name }) => name),
      timeZones: stores.map(({ timeZone }) => timeZone ?? null),
      now,
    },
  );
  return new Map(rows.map(({ merchant_id: merchantId, written }) => [merchantId, written]));
}

/** What a payer sees of a merchant and its store. */
export interface Shop {
  readonly merchantName: string;
  readonly storeName: string | undefined;
  /** An IANA name. */
  readonly timeZone: string;
  readonly checkoutFrameAncestors: readonly string[];
  readonly branding: Branding;
}

/** For stores whose time zone the upstream system has not set. */
export const DEFAULT_TIME_ZONE = 'Asia/Tokyo';

/** The merchant and, if it exists, the store. */
export async function findShop(
  db: Db,
  merchantId: string,
  storeId: string | undefined,
): Promise<Shop | undefined> {
  const [row] = await query<{
    merchant_name: string;
    store_name: string | null;
    time_zone: string | null;
    checkout_frame_ancestors: string[] | null;
    display_name: string | null;
    accent_color: string | null;
    support_phone: string | null;
    support_email: string | null;
    logo_hash: string | null;
    logo_type: LogoType | null;
  }>(
    db,
    `select merchants.name as merchant_name, stores.name as store_name, time_zone, checkout_frame_ancestors,
            display_name, accent_color, support_phone, support_email, logo.hash as logo_hash, logo.type as logo_type
     from merchants left join merchant_logos as logo on logo.merchant_id = merchants.id
     left join stores on stores.merchant_id = merchants.id and stores.id = :storeId
     where merchants.id = :merchantId`,
    { merchantId, storeId: storeId ?? null },
  );
  return (
    row && {
      merchantName: row.merchant_name,
      storeName: row.store_name ?? undefined,
      timeZone: row.time_zone ?? DEFAULT_TIME_ZONE,
      checkoutFrameAncestors: row.checkout_frame_ancestors ?? [],
      branding: {
        displayName: row.display_name ?? undefined,
        logoPath:
          row.logo_hash !== null && row.logo_type !== null
            ? logoPath(row.logo_hash, row.logo_type)
            : undefined,
        accentColor: row.accent_color ?? undefined,
        supportPhone: row.support_phone ?? undefined,
        supportEmail: row.support_email ?? undefined,
      },
    }
  );
}

/** Whether there is any merchant. */
export async function hasAnyMerchant(db: Db): Promise<boolean> {
  const [row] = await query<{ found: boolean }>(db, 'select exists (select from merchants) as found');
  return row?.found ?? false;
}

export async function hasMerchant(db: Db, merchantId: string): Promise<boolean> {
  const rows = await query(db, 'select 1 from merchants where id = :merchantId', { merchantId });
  return rows.length > 0;
}

/**
 * The distinct encrypted credentials of the active configurations for a provider, each with one store that has them: those
 * of the given store, or without `storeId` of all the merchant's stores. Returns at most two, because callers only need to
 * know whether they are ambiguous.
 */
export async function listActiveCredentials(
  db: Db,
  merchantId: string,
  storeId: string | undefined,
  provider: AttemptProvider,
): Promise<{ readonly storeId: string; readonly credentials: Buffer }[]> {
  // Two statements, so that each gets its own plan.
  const rows = await queryPrepared<{ store_id: string; credentials: Buffer }>(
    db,
    `select distinct on (credentials_fingerprint) store_id, credentials from payment_processor_configs
     where merchant_id = :merchantId and provider = :provider and is_active
       ${storeId === undefined ? '' : 'and store_id = :storeId'}
     order by credentials_fingerprint limit 2`,
    { merchantId, provider, ...(storeId !== undefined && { storeId }) },
  );
  return rows.map(({ store_id: storeId, credentials }) => ({ storeId, credentials }));
}
