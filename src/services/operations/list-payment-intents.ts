/**
 * listPaymentIntents: a page of a merchant's intents, newest first.
 */
import { invalidField } from '../../domain/errors.ts';
import type { PaymentIntent, PaymentIntentStatus } from '../../domain/payment.ts';
import { idBounds, isId } from '../../lib/ids.ts';
import { listPaymentIntents as selectPaymentIntents } from '../../store/payment-lists.ts';
import type { ServiceDeps } from '../deps.ts';
import { storesToList } from '../keys/list-stores.ts';

export interface ListPaymentIntents {
  readonly merchantId: string;
  /** The stores that the key is limited to; undefined: no limit. */
  readonly storeIds: readonly string[] | undefined;
  readonly merchantStoreId: string | undefined;
  readonly merchantRefId: string | undefined;
  readonly providerPaymentId: string | undefined;
  readonly status: PaymentIntentStatus | undefined;
  /** Inclusive. */
  readonly createdFrom: Date | undefined;
  /** Exclusive. */
  readonly createdTo: Date | undefined;
  /** The id after which the page begins. */
  readonly startingAfter: string | undefined;
  readonly limit: number;
  readonly offset: number;
}

/** The first page of several stores is read from each of them, so what is skipped costs as much as what is returned. */
const MAX_OFFSET_OF_STORES = 1_000;

/** @throws invalid_request when a key of several stores skips too many */
export async function listPaymentIntents(
  deps: ServiceDeps,
  input: ListPaymentIntents,
): Promise<PaymentIntent[]> {
  const { createdFrom, createdTo, startingAfter, merchantStoreId, ...filter } = input;
  const storeIds = storesToList(merchantStoreId, input.storeIds);
  requireFewSkipped(storeIds, filter.offset);
  // Nothing is found in no store, or after a value that is not an id.
  if (storeIds?.length === 0 || (startingAfter !== undefined && !isId('pi', startingAfter))) {
    return [];
  }
  const bounds = idBounds('pi', { createdFrom, createdTo, startingAfter });
  return selectPaymentIntents(deps.db, { ...filter, storeIds, ...bounds });
}

function requireFewSkipped(storeIds: readonly string[] | undefined, offset: number): void {
  if (storeIds !== undefined && storeIds.length > 1 && offset > MAX_OFFSET_OF_STORES) {
    const message = `Offset must be at most ${MAX_OFFSET_OF_STORES} with an API key of several stores; use starting_after instead`;
    throw invalidField('offset', 'max_value', message, { max: MAX_OFFSET_OF_STORES });
  }
}
