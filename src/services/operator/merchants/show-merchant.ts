/**
 * One merchant, as far as it lies within the scope of an operator: settings, stores with their accounts, and history.
 */
import { isInScope, type OperatorScope } from '../../../domain/operators/grants.ts';
import { storesInScope } from '../../../domain/operators/shops.ts';
import {
  findMerchant,
  listMerchantChanges,
  listStores,
  type ShownChange,
  type ShownMerchant,
  type ShownStore,
} from '../../../store/operator/merchants.ts';
import type { ServiceDeps } from '../../deps.ts';
import { type Page, toPage } from '../page.ts';

export type { ShownChange, ShownMerchant, ShownStore };

const STORES = 50;
const CHANGES = 30;

export interface MerchantDetails {
  readonly merchant: ShownMerchant;
  /** Whether the operator sees all of it, and not only some of its stores. */
  readonly isWhole: boolean;
  readonly stores: Page<ShownStore>;
  /** The latest, newest first. */
  readonly changes: readonly ShownChange[];
}

/** @returns undefined when there is no such merchant, or it lies outside the scope */
export async function showMerchant(
  { db }: Pick<ServiceDeps, 'db'>,
  scope: OperatorScope,
  merchantId: string,
  storesAfter: string | undefined,
): Promise<MerchantDetails | undefined> {
  const storeIds = storesInScope(scope, merchantId);
  const merchant = storeIds?.length === 0 ? undefined : await findMerchant(db, merchantId);
  if (!merchant) {
    return undefined;
  }
  const stores = await listStores(db, { merchantId, storeIds, after: storesAfter, limit: STORES + 1 });
  return {
    merchant,
    isWhole: isInScope(scope, { merchantId }),
    stores: toPage(stores, ({ id }) => id, STORES),
    changes: await listMerchantChanges(db, merchantId, storeIds, CHANGES),
  };
}
