/**
 * One merchant, as far as it lies within the scope of an operator: settings, stores with their accounts, and history.
 */
import type { AuditRow } from '../../../domain/audit/act.ts';
import { isInScope, type OperatorScope } from '../../../domain/operators/grants.ts';
import { storesInScope } from '../../../domain/operators/shops.ts';
import { listAuditRows } from '../../../store/audit/audit-log.ts';
import {
  findMerchant,
  listMerchantChanges,
  listStores,
  type ShownChange,
  type ShownMerchant,
  type ShownStore,
} from '../../../store/operator/merchants.ts';
import { namesOfOperators } from '../../../store/operator/payment-history.ts';
import type { ServiceDeps } from '../../deps.ts';
import { type Page, toPage } from '../page.ts';

export type { ShownChange, ShownMerchant, ShownStore };

const STORES = 50;
const CHANGES = 30;
const ACTS = 10;

export interface MerchantDetails {
  readonly merchant: ShownMerchant;
  /** Whether the operator sees all of it, and not only some of its stores. */
  readonly isWhole: boolean;
  readonly stores: Page<ShownStore>;
  /** The latest, newest first. */
  readonly changes: readonly ShownChange[];
  /** The latest, newest first; undefined: the operator may not read them. */
  readonly acts: readonly AuditRow[] | undefined;
  /** Of those who acted, by their ids. */
  readonly operatorNames: ReadonlyMap<string, string>;
}

export interface WantedMerchant {
  readonly merchantId: string;
  /** After which store the page begins. */
  readonly storesAfter: string | undefined;
  /** Where the operator may read the audit log. */
  readonly auditScope: OperatorScope;
}

/** @returns undefined when there is no such merchant, or it lies outside the scope */
export async function showMerchant(
  { db }: Pick<ServiceDeps, 'db'>,
  scope: OperatorScope,
  { merchantId, storesAfter, auditScope }: WantedMerchant,
): Promise<MerchantDetails | undefined> {
  const storeIds = storesInScope(scope, merchantId);
  const merchant = storeIds?.length === 0 ? undefined : await findMerchant(db, merchantId);
  if (!merchant) {
    return undefined;
  }
  const stores = await listStores(db, { merchantId, storeIds, after: storesAfter, limit: STORES + 1 });
  const acts = isInScope(auditScope, { merchantId })
    ? await listAuditRows(db, { merchantId }, { order: 'newest', after: undefined, limit: ACTS })
    : undefined;
  const operators = (acts ?? [])
    .filter(({ actor }) => actor.kind === 'operator')
    .map(({ actor }) => actor.id);
  return {
    acts,
    operatorNames: await namesOfOperators(db, [...new Set(operators)]),
    merchant,
    isWhole: isInScope(scope, { merchantId }),
    stores: toPage(stores, ({ id }) => id, STORES),
    changes: await listMerchantChanges(db, merchantId, storeIds, CHANGES),
  };
}
