/**
 * Whether an object belongs to some stores of a merchant. Each statement finds one row by its primary key.
 */
import { type Db, queryPrepared } from '../db/query.ts';

/** What the id in the path of an operation can name. */
export type StoreObject = 'payment_intent' | 'refund' | 'event' | 'webhook_endpoint' | 'webhook_delivery';

const OF_STORES = 'merchant_id = :merchantId and merchant_store_id = any(cast(:storeIds as text[]))';
/** An endpoint belongs to them when it receives events of no other store. */
const ENDPOINT_OF_STORES = `merchant_id = :merchantId and status <> 'deleted' and merchant_store_ids <@ cast(:storeIds as text[])`;

const FIND: Readonly<Record<StoreObject, string>> = {
  payment_intent: `select from payment_intents where id = :id and ${OF_STORES}`,
  refund: `select from refunds where id = :id and ${OF_STORES}`,
  event: `select from events where day = cast(:day as date) and id = :id and ${OF_STORES}`,
  webhook_endpoint: `select from webhook_endpoints where id = :id and ${ENDPOINT_OF_STORES}`,
  // The store of the event as well: the endpoint may have been narrowed since.
  webhook_delivery: `select from webhook_deliveries where id = :id and ${OF_STORES}
    and endpoint_id in (select id from webhook_endpoints where ${ENDPOINT_OF_STORES})`,
};

export interface StoreObjectId {
  readonly kind: StoreObject;
  /** Well-formed. */
  readonly id: string;
  /** Of an event: the UTC date in its id. */
  readonly day?: string | undefined;
}

/** Whether the merchant has this object, and it belongs to these stores alone. */
export async function belongsToStores(
  db: Db,
  { kind, id, day }: StoreObjectId,
  merchantId: string,
  storeIds: readonly string[],
): Promise<boolean> {
  const bindings = { id, merchantId, storeIds, ...(kind === 'event' && { day }) };
  const rows = await queryPrepared(db, FIND[kind], bindings);
  return rows.length > 0;
}
