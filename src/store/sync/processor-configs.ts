/**
 * Payment processor configurations as a sync writes them. One statement writes many; unchanged rows are not rewritten.
 */
import type { AttemptProvider } from '../../domain/payment.ts';
import { type Db, query } from '../db/query.ts';
import { type ChangeOrigin, type MerchantChange, originBindings } from './merchant-events.ts';

export interface ProcessorConfigRow {
  readonly merchantId: string;
  readonly storeId: string;
  readonly provider: AttemptProvider;
  readonly isActive: boolean;
  /** Encrypted JSON. */
  readonly credentials: Buffer;
  /** Keyed digest of the plain credentials, because their encryption differs each time. */
  readonly credentialsFingerprint: Buffer;
}

/** How many changes of one merchant are returned. */
const MAX_DESCRIBED = 100;

const UPSERT_CONFIGS = `
  with payload as (
    select merchant_id, store_id, provider, is_active, decode(credentials, 'base64') as credentials,
           decode(fingerprint, 'base64') as fingerprint
    from unnest(
      cast(:merchantIds as text[]), cast(:storeIds as text[]), cast(:providers as text[]), cast(:actives as boolean[]),
      cast(:credentials as text[]), cast(:fingerprints as text[])
    ) as payload (merchant_id, store_id, provider, is_active, credentials, fingerprint)
  ), before as (
    select merchant_id, store_id, provider, configs.is_active, configs.credentials_fingerprint
    from payload join payment_processor_configs configs using (merchant_id, store_id, provider)
  ), written as (
    insert into payment_processor_configs (
      merchant_id, store_id, provider, is_active, credentials, credentials_fingerprint, created_at, updated_at)
    select merchant_id, store_id, provider, is_active, credentials, fingerprint, :now, :now
    from payload order by merchant_id, store_id, provider
    on conflict (merchant_id, store_id, provider) do update
    set is_active = excluded.is_active, credentials = excluded.credentials,
        credentials_fingerprint = excluded.credentials_fingerprint, updated_at = excluded.updated_at
    where (payment_processor_configs.is_active, payment_processor_configs.credentials_fingerprint)
      is distinct from (excluded.is_active, excluded.credentials_fingerprint)
    returning merchant_id, store_id, provider, is_active, credentials_fingerprint
  ), changes as (
  select merchant_id, store_id, provider, position, field, change.before, change.after
  from written left join before using (merchant_id, store_id, provider)
  cross join lateral (values
    (1, 'credentials', encode(before.credentials_fingerprint, 'hex'), encode(written.credentials_fingerprint, 'hex')),
    (2, 'is_active', before.is_active::text, written.is_active::text)
  ) as change (position, field, before, after)
  where change.before is distinct from change.after
  ), recorded as (
    insert into merchant_events (
      merchant_id, store_id, provider, field, before, after, upstream, api_key, client_address, request_id)
    select merchant_id, store_id, provider, field, before, after, :upstream, :apiKey, :clientAddress, :requestId
    from changes order by merchant_id, store_id, provider, position
  )
  select merchant_id, store_id, provider, field, before, after, total from (
    select *, row_number() over (partition by merchant_id order by store_id, provider, position) as number,
           count(*) over (partition by merchant_id)::int as total
    from changes
  ) as numbered
  where number <= case when merchant_id = any(cast(:createdIds as text[])) then 1 else ${MAX_DESCRIBED} end
  order by merchant_id, store_id, provider, position`;

/** Changes of the accounts of one merchant. */
export interface AccountChanges {
  /** The first of them; of a merchant that the sync has created, one. */
  readonly described: readonly MerchantChange[];
  readonly total: number;
}

/**
 * Inserts or updates the payment processor configurations of merchants that `claimMerchants` has locked, and records the
 * changes in the same statement: a sync may have a hundred thousand, which need not travel back for that.
 * @param createdIds the merchants that the sync has created
 * @returns the changes of each merchant that has some, by its id
 */
export async function upsertProcessorConfigs(
  db: Db,
  configs: readonly ProcessorConfigRow[],
  createdIds: readonly string[],
  origin: ChangeOrigin,
  now: Date,
): Promise<ReadonlyMap<string, AccountChanges>> {
  const rows = await query<ChangeRow>(db, UPSERT_CONFIGS, {
    merchantIds: configs.map(({ merchantId }) => merchantId),
    storeIds: configs.map(({ storeId }) => storeId),
    providers: configs.map(({ provider }) => provider),
    actives: configs.map(({ isActive }) => isActive),
    credentials: configs.map(({ credentials }) => credentials.toString('base64')),
    fingerprints: configs.map(({ credentialsFingerprint }) => credentialsFingerprint.toString('base64')),
    createdIds,
    ...originBindings(origin),
    now,
  });
  const byMerchant = new Map<string, { described: MerchantChange[]; total: number }>();
  for (const { merchant_id: merchantId, store_id: storeId, total, ...change } of rows) {
    const changes = byMerchant.get(merchantId) ?? { described: [], total };
    changes.described.push({ merchantId, storeId, ...change });
    byMerchant.set(merchantId, changes);
  }
  return byMerchant;
}

interface ChangeRow {
  readonly merchant_id: string;
  readonly store_id: string;
  readonly provider: string;
  readonly field: 'credentials' | 'is_active';
  readonly before: string | null;
  readonly after: string | null;
  readonly total: number;
}
