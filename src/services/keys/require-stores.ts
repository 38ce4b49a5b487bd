/**
 * What a key that is limited to stores may name: objects of its stores, which are otherwise not found, exactly as those of
 * other merchants; and its stores, which new objects must have.
 */
import { type DomainError, intentNotFound, invalidField } from '../../domain/errors.ts';
import { refundNotFound } from '../../domain/refunds/refund-refusals.ts';
import { type IdPrefix, isId } from '../../lib/ids.ts';
import type { Db } from '../../store/db/query.ts';
import { belongsToStores, type StoreObject } from '../../store/keys/object-stores.ts';
import { eventNotFound, findDayOfEvent } from '../events/event-day.ts';
import { unknownStore } from '../operations/create-payment-intent.ts';
import { deliveryNotFound } from '../webhooks/deliveries.ts';
import { endpointNotFound, unknownStoreOfEndpoint } from '../webhooks/endpoints.ts';

/** A merchant's stores that an API key is limited to. */
export interface OwnStores {
  readonly merchantId: string;
  readonly storeIds: readonly string[];
}

const OBJECTS: Readonly<
  Record<StoreObject, { readonly prefix: IdPrefix; readonly notFound: () => DomainError }>
> = {
  payment_intent: { prefix: 'pi', notFound: intentNotFound },
  refund: { prefix: 're', notFound: refundNotFound },
  event: { prefix: 'evt', notFound: eventNotFound },
  webhook_endpoint: { prefix: 'we', notFound: endpointNotFound },
  webhook_delivery: { prefix: 'wd', notFound: deliveryNotFound },
};

/**
 * An object never changes its store, and of an endpoint whose stores are changed at this moment the caller could have seen as
 * much a moment before; so it is enough to ask once, before the operation.
 * @throws not_found
 */
export async function requireObjectOfStores(
  db: Db,
  kind: StoreObject,
  id: string,
  { merchantId, storeIds }: OwnStores,
): Promise<void> {
  const { prefix, notFound } = OBJECTS[kind];
  const day = kind === 'event' ? findDayOfEvent(id) : undefined;
  const isPossible = isId(prefix, id) && (kind !== 'event' || day !== undefined);
  if (!isPossible || !(await belongsToStores(db, { kind, id, day }, merchantId, storeIds))) {
    throw notFound();
  }
}

/** A store that is not among the key's is refused like one that does not exist. @throws invalid_request */
export function requireOwnStore(storeId: string | undefined, { storeIds }: OwnStores): void {
  if (storeId === undefined) {
    throw storeRequired('merchant_store_id', 'Merchant store id');
  }
  if (!storeIds.includes(storeId)) {
    throw unknownStore();
  }
}

/** An endpoint without stores would receive the events of all. @throws invalid_request */
export function requireOwnStores(wanted: readonly string[] | undefined, { storeIds }: OwnStores): void {
  if (wanted === undefined || wanted.length === 0) {
    throw storeRequired('merchant_store_ids', 'Merchant store ids');
  }
  const other = wanted.find((storeId) => !storeIds.includes(storeId));
  if (other !== undefined) {
    throw unknownStoreOfEndpoint(other);
  }
}

function storeRequired(field: string, label: string): DomainError {
  return invalidField(field, 'required', `${label} is required with an API key that is limited to stores`);
}
