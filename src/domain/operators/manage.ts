/**
 * Whom an operator may manage, and what must stay true of all operators together.
 */
import { type Grant, isInScope, mayGrant, type OperatorScope } from './grants.ts';

/** Whether an operator with these grants lies wholly within the scope, and so is visible in it. */
export function isOperatorInScope(scope: OperatorScope, grants: readonly Grant[]): boolean {
  return (
    scope.kind === 'everything' ||
    (grants.length > 0 &&
      grants.every(
        ({ merchantId, storeId }) => merchantId !== undefined && isInScope(scope, { merchantId, storeId }),
      ))
  );
}

/** Whether somebody with `own` grants may change one with these: only one who has nothing that they could not give. */
export function mayManage(own: readonly Grant[], theirs: readonly Grant[]): boolean {
  return theirs.every((grant) => mayGrant(own, grant));
}

/** Whether the grants include the administration of the whole gateway, which can give everything. */
export function isUnlimitedAdmin(grants: readonly Grant[]): boolean {
  return grants.some(
    ({ role, merchantId, maxRefundAmount }) =>
      role === 'admin' && merchantId === undefined && maxRefundAmount === undefined,
  );
}

export function isSameGrant(a: Grant, b: Grant): boolean {
  return (
    a.role === b.role &&
    a.merchantId === b.merchantId &&
    a.storeId === b.storeId &&
    a.maxRefundAmount === b.maxRefundAmount
  );
}
