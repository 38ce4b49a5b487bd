/**
 * Rate limits of individual merchants, which override the default.
 */
import { type Db, execute, query } from './db/query.ts';

export interface MerchantLimit {
  readonly merchantId: string;
  /** 0 disables the limit. */
  readonly requestsPerMinute: number;
}

export async function listMerchantLimits(db: Db): Promise<MerchantLimit[]> {
  const rows = await query<{ merchant_id: string; requests_per_minute: number }>(
    db,
    'select merchant_id, requests_per_minute from merchant_limits order by merchant_id',
  );
  return rows.map((row) => ({ merchantId: row.merchant_id, requestsPerMinute: row.requests_per_minute }));
}

export async function upsertMerchantLimit(db: Db, limit: MerchantLimit, now: Date): Promise<void> {
  await execute(
    db,
    `insert into merchant_limits (merchant_id, requests_per_minute, updated_at)
     values (:merchantId, :requestsPerMinute, :now)
     on conflict (merchant_id) do update
     set requests_per_minute = excluded.requests_per_minute, updated_at = excluded.updated_at`,
    { ...limit, now },
  );
}

/** The requests per minute of a merchant's own limit, locked until the transaction ends; undefined when it has none. */
export async function lockMerchantLimit(trx: Db, merchantId: string): Promise<number | undefined> {
  const [row] = await query<{ requests_per_minute: number }>(
    trx,
    'select requests_per_minute from merchant_limits where merchant_id = :merchantId for update',
    { merchantId },
  );
  return row?.requests_per_minute;
}

/** Restores the default. */
export async function deleteMerchantLimit(db: Db, merchantId: string): Promise<void> {
  await execute(db, 'delete from merchant_limits where merchant_id = :merchantId', { merchantId });
}
