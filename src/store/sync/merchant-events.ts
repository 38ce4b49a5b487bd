/**
 * The history of a merchant's PayPay accounts, name, branding, upstream system, and of the origins that may frame its payment page.
 * Each event is written in the transaction of the change. Triggers make the table append-only.
 */
import type { BrandingField } from '../../domain/branding.ts';
import { type Db, execute, query } from '../db/query.ts';

/** One change of one field. Null stands for a value that is not set. */
export interface MerchantChange {
  readonly merchantId: string;
  /** Set for changes of a payment processor configuration, as is `provider`. */
  readonly storeId?: string;
  readonly provider?: string;
  readonly field:
    | 'name'
    | 'checkout_frame_ancestors'
    | 'upstream'
    | 'credentials'
    | 'is_active'
    | BrandingField;
  /** For credentials a keyed digest, never the value. */
  readonly before: string | null;
  readonly after: string | null;
}

/** Who made a change. */
export interface ChangeOrigin {
  readonly upstream: string;
  /** Set only if the change came through the API, as are `clientAddress` and `requestId`. */
  readonly apiKey?: string | undefined;
  readonly clientAddress?: string | undefined;
  readonly requestId?: string | undefined;
}

export interface MerchantEvent extends MerchantChange, ChangeOrigin {
  readonly id: number;
  /** The database's time. */
  readonly createdAt: Date;
}

/** Appends the changes, in the transaction that made them. */
export async function insertMerchantEvents(
  trx: Db,
  changes: readonly MerchantChange[],
  origin: ChangeOrigin,
): Promise<void> {
  await execute(
    trx,
    `insert into merchant_events (
       merchant_id, store_id, provider, field, before, after, upstream, api_key, client_address, request_id)
     select merchant_id, store_id, provider, field, before, after, :upstream, :apiKey, :clientAddress, :requestId
     from unnest(
       cast(:merchantIds as text[]), cast(:storeIds as text[]), cast(:providers as text[]), cast(:fields as text[]),
       cast(:befores as text[]), cast(:afters as text[])
     ) as change (merchant_id, store_id, provider, field, before, after)`,
    {
      merchantIds: changes.map(({ merchantId }) => merchantId),
      storeIds: changes.map(({ storeId }) => storeId ?? null),
      providers: changes.map(({ provider }) => provider ?? null),
      fields: changes.map(({ field }) => field),
      befores: changes.map(({ before }) => before),
      afters: changes.map(({ after }) => after),
      ...originBindings(origin),
    },
  );
}

/** Who made a change, as bindings of a statement that records it. */
export function originBindings({ upstream, apiKey, clientAddress, requestId }: ChangeOrigin) {
  return {
    upstream,
    apiKey: apiKey ?? null,
    clientAddress: clientAddress ?? null,
    requestId: requestId ?? null,
  };
}

/** The history of a merchant, oldest first. */
export async function listMerchantEvents(db: Db, merchantId: string): Promise<MerchantEvent[]> {
  const rows = await query<{
    id: number;
    merchant_id: string;
    store_id: string | null;
    provider: string | null;
    field: MerchantChange['field'];
    before: string | null;
    after: string | null;
    upstream: string;
    api_key: string | null;
    client_address: string | null;
    request_id: string | null;
    created_at: Date;
  }>(db, 'select * from merchant_events where merchant_id = :merchantId order by id', { merchantId });
  return rows.map((row) => ({
    id: row.id,
    createdAt: row.created_at,
    merchantId: row.merchant_id,
    ...(row.store_id !== null && { storeId: row.store_id }),
    ...(row.provider !== null && { provider: row.provider }),
    field: row.field,
    before: row.before,
    after: row.after,
    upstream: row.upstream,
    apiKey: row.api_key ?? undefined,
    clientAddress: row.client_address ?? undefined,
    requestId: row.request_id ?? undefined,
  }));
}
