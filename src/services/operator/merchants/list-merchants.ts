/**
 * Merchants within the scope of an operator.
 */
import type { OperatorScope } from '../../../domain/operators/grants.ts';
import { type ListedMerchant, listMerchants as listStored } from '../../../store/operator/merchants.ts';
import type { ServiceDeps } from '../../deps.ts';
import { PAGE_SIZE, type Page, toPage } from '../page.ts';

export type { ListedMerchant };

export async function listMerchants(
  { db }: Pick<ServiceDeps, 'db'>,
  scope: OperatorScope,
  page: { readonly search: string | undefined; readonly after: string | undefined },
): Promise<Page<ListedMerchant>> {
  const found = await listStored(db, scope, { ...page, limit: PAGE_SIZE + 1 });
  return toPage(found, ({ id }) => id);
}
