/**
 * Merchants, stores and payment processor configurations: upserts set-wise, rows that did not change are not rewritten,
 * what a payload leaves out stays.
 */
import type { AttemptProvider } from '../domain/payment.ts';
import { type Db, execute, query } from './db.ts';

export interface MerchantRow {
  readonly id: string;
  readonly name: string;
}

export interface StoreRow {
  readonly merchantId: string;
  readonly id: string;
  readonly name: string;
}

export interface ProcessorConfigRow {
  readonly merchantId: string;
  readonly storeId: string;
  readonly provider: AttemptProvider;
  readonly isActive: boolean;
  /** Encrypted JSON. */
  readonly credentials: Buffer;
  /** Keyed digest of the plain credentials, to see equality through salted encryption. */
  readonly credentialsFingerprint: Buffer;
}

/** Inserts or updates merchants; answers how many rows were written. */
export function upsertMerchants(db: Db, merchants: readonly MerchantRow[], now: Date): Promise<number> {
  return execute(
    db,
    `insert into merchants (id, name, created_at, updated_at)
     select id, name, :now, :now
     from unnest(cast(:ids as text[]), cast(:names as text[])) as payload (id, name)
     order by id
     on conflict (id) do update set name = excluded.name, updated_at = excluded.updated_at
     where merchants.name is distinct from excluded.name`,
    { ids: merchants.map(({ id }) => id), names: merchants.map(({ name }) => name), now },
  );
}

/** Inserts or updates stores; answers how many rows were written. */
export function upsertStores(db: Db, stores: readonly StoreRow[], now: Date): Promise<number> {
  return execute(
    db,
    `insert into stores (merchant_id, id, name, created_at, updated_at)
     select merchant_id, id, name, :now, :now
     from unnest(cast(:merchantIds as text[]), cast(:ids as text[]), cast(:names as text[])) as payload (merchant_id, id, name)
     order by merchant_id, id
     on conflict (merchant_id, id) do update set name = excluded.name, updated_at = excluded.updated_at
     where stores.name is distinct from excluded.name`,
    {
      merchantIds: stores.map(({ merchantId }) => merchantId),
      ids: stores.map(({ id }) => id),
      names: stores.map(({ name }) => name),
      now,
    },
  );
}

/** Inserts or updates payment processor configurations; answers how many rows were written. */
export function upsertProcessorConfigs(
  db: Db,
  configs: readonly ProcessorConfigRow[],
  now: Date,
): Promise<number> {
  return execute(
    db,
    `insert into payment_processor_configs (
       merchant_id, store_id, provider, is_active, credentials, credentials_fingerprint, created_at, updated_at)
     select merchant_id, store_id, provider, is_active, decode(credentials, 'base64'), decode(fingerprint, 'base64'),
            :now, :now
     from unnest(
       cast(:merchantIds as text[]), cast(:storeIds as text[]), cast(:providers as text[]), cast(:actives as boolean[]), cast(:credentials as text[]),
       cast(:fingerprints as text[])
     ) as payload (merchant_id, store_id, provider, is_active, credentials, fingerprint)
     order by merchant_id, store_id, provider
     on conflict (merchant_id, store_id, provider) do update
     set is_active = excluded.is_active, credentials = excluded.credentials,
         credentials_fingerprint = excluded.credentials_fingerprint, updated_at = excluded.updated_at
     where (payment_processor_configs.is_active, payment_processor_configs.credentials_fingerprint)
       is distinct from (excluded.is_active, excluded.credentials_fingerprint)`,
    {
      merchantIds: configs.map(({ merchantId }) => merchantId),
      storeIds: configs.map(({ storeId }) => storeId),
      providers: configs.map(({ provider }) => provider),
      actives: configs.map(({ isActive }) => isActive),
      credentials: configs.map(({ credentials }) => credentials.toString('base64')),
      fingerprints: configs.map(({ credentialsFingerprint }) => credentialsFingerprint.toString('base64')),
      now,
    },
  );
}

/** Whether there is a merchant with this id. */
export async function hasAnyMerchant(db: Db): Promise<boolean> {
  const [row] = await query<{ found: boolean }>(db, 'select exists (select from merchants) as found');
  return row?.found ?? false;
}

export async function hasMerchant(db: Db, merchantId: string): Promise<boolean> {
  const rows = await query(db, 'select 1 from merchants where id = :merchantId', { merchantId });
  return rows.length > 0;
}

/**
 * The encrypted credentials of the active configurations for a provider: the store's, or without a store those of all
 * the merchant's stores (two at most are read; more than one means that there is no "only" one).
 */
export async function listActiveCredentials(
  db: Db,
  merchantId: string,
  storeId: string | undefined,
  provider: AttemptProvider,
): Promise<Buffer[]> {
  const rows = await query<{ credentials: Buffer }>(
    db,
    `select distinct on (credentials_fingerprint) credentials from payment_processor_configs
     where merchant_id = :merchantId and provider = :provider and is_active
       and (cast(:storeId as text) is null or store_id = :storeId)
     order by credentials_fingerprint limit 2`,
    { merchantId, storeId: storeId ?? null, provider },
  );
  return rows.map(({ credentials }) => credentials);
}
