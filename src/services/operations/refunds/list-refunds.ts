/**
 * listRefunds: a page of a merchant's refunds, newest first.
 */
import type { Refund } from '../../../domain/refunds/refund.ts';
import { idBounds, isId } from '../../../lib/ids.ts';
import { type RefundFilter, listRefunds as selectRefunds } from '../../../store/refunds/refund-lists.ts';
import type { ServiceDeps } from '../../deps.ts';

export type ListRefunds = Omit<RefundFilter, 'idFrom' | 'idBelow'> & {
  /** Inclusive. */
  readonly createdFrom: Date | undefined;
  /** Exclusive. */
  readonly createdTo: Date | undefined;
  /** The id after which the page begins. */
  readonly startingAfter: string | undefined;
};

export async function listRefunds(deps: ServiceDeps, input: ListRefunds): Promise<Refund[]> {
  const { createdFrom, createdTo, startingAfter, ...filter } = input;
  // Nothing comes after, or belongs to, a value that is not an id.
  const isPossible =
    (startingAfter === undefined || isId('re', startingAfter)) &&
    (filter.intentId === undefined || isId('pi', filter.intentId));
  if (!isPossible) {
    return [];
  }
  const bounds = idBounds('re', { createdFrom, createdTo, startingAfter });
  return selectRefunds(deps.db, { ...filter, ...bounds });
}
