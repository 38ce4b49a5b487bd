/**
 * listRefunds: a page of a merchant's refunds, newest first.
 */
import type { Refund } from '../../../domain/refunds/refund.ts';
import { idBounds, isId } from '../../../lib/ids.ts';
import { type RefundFilter, listRefunds as selectRefunds } from '../../../store/refunds/refund-lists.ts';
import type { ServiceDeps } from '../../deps.ts';
import { storesToList } from '../../keys/list-stores.ts';

/** `storeIds`: the stores that the key is limited to; undefined: no limit. */
export type ListRefunds = Omit<RefundFilter, 'idFrom' | 'idBelow'> & {
  readonly merchantStoreId: string | undefined;
  /** Inclusive. */
  readonly createdFrom: Date | undefined;
  /** Exclusive. */
  readonly createdTo: Date | undefined;
  /** The id after which the page begins. */
  readonly startingAfter: string | undefined;
};

export async function listRefunds(deps: ServiceDeps, input: ListRefunds): Promise<Refund[]> {
  const { createdFrom, createdTo, startingAfter, merchantStoreId, ...filter } = input;
  const storeIds = storesToList(merchantStoreId, input.storeIds);
  // Nothing is found in no store, and nothing comes after, or belongs to, a value that is not an id.
  const isPossible =
    storeIds?.length !== 0 &&
    (startingAfter === undefined || isId('re', startingAfter)) &&
    (filter.intentId === undefined || isId('pi', filter.intentId));
  if (!isPossible) {
    return [];
  }
  const bounds = idBounds('re', { createdFrom, createdTo, startingAfter });
  return selectRefunds(deps.db, { ...filter, storeIds, ...bounds });
}
