/**
 * Checks grants against each other and against what exists, before they are stored.
 */
import { invalidField } from '../../domain/errors.ts';
import type { Grant } from '../../domain/operators/grants.ts';
import { ROLE_PERMISSIONS } from '../../domain/operators/roles.ts';
import type { Db } from '../../store/db/query.ts';
import { listMissingShops } from '../../store/operator-accounts/shops.ts';

const MAX_GRANTS = 50;
const MAX_LIMIT = 99_999_999_999;

/** @throws invalid_request for none or too many, two of the same role and shop, and unknown merchants or stores */
export async function checkGrants(trx: Db, grants: readonly Grant[]): Promise<void> {
  if (grants.length === 0 || grants.length > MAX_GRANTS) {
    throw invalidField('grants', 'max_length', `Choose 1 to ${MAX_GRANTS} roles`);
  }
  const places = grants.map(({ role, merchantId, storeId }) => JSON.stringify([role, merchantId, storeId]));
  if (new Set(places).size < places.length) {
    throw invalidField('grants', 'unique', 'The same role is given twice for the same merchant or store');
  }
  for (const grant of grants) {
    checkGrant(grant);
  }
  const [missing] = await listMissingShops(trx, grants);
  if (missing) {
    const { merchantId, storeId } = missing;
    throw invalidField(
      'grants',
      'unknown',
      storeId === undefined
        ? `There is no merchant ${merchantId}`
        : `The merchant ${merchantId} has no store ${storeId}`,
    );
  }
}

function checkGrant({ role, merchantId, storeId, maxRefundAmount: limit }: Grant): void {
  if (storeId !== undefined && merchantId === undefined) {
    throw invalidField('grants', 'required', 'A store needs its merchant');
  }
  if (limit === undefined) {
    return;
  }
  if (!ROLE_PERMISSIONS[role].has('refunds:create')) {
    throw invalidField('grants', 'max_refund', `The role ${role} makes no refunds, so it takes no maximum`);
  }
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > MAX_LIMIT) {
    throw invalidField('grants', 'max_value', `The maximum of a refund must be from 1 to ${MAX_LIMIT}`);
  }
}
