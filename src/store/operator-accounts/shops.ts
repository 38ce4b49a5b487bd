/**
 * The merchants and stores that grants name.
 */
import { storableText } from '../../lib/text.ts';
import { type Db, query } from '../db/query.ts';

interface NamedShop {
  readonly merchantId: string | undefined;
  readonly storeId: string | undefined;
}

/** Those that do not exist. */
export async function listMissingShops(
  db: Db,
  shops: readonly NamedShop[],
): Promise<{ readonly merchantId: string; readonly storeId: string | undefined }[]> {
  const named = shops.filter(({ merchantId }) => merchantId !== undefined);
  const rows = await query<{ merchant_id: string; store_id: string | null }>(
    db,
    `select merchant_id, store_id
     from unnest(cast(:merchantIds as text[]), cast(:storeIds as text[])) as named (merchant_id, store_id)
     where not exists (select from merchants where id = named.merchant_id)
        or (store_id is not null and not exists (
          select from stores where stores.merchant_id = named.merchant_id and stores.id = named.store_id))`,
    {
      merchantIds: named.map(({ merchantId = '' }) => storableText(merchantId)),
      storeIds: named.map(({ storeId }) => (storeId === undefined ? null : storableText(storeId))),
    },
  );
  return rows.map((row) => ({ merchantId: row.merchant_id, storeId: row.store_id ?? undefined }));
}
