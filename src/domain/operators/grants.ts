/**
 * Grants: a role, for the whole gateway or for a merchant or one of its stores; and the scope in which an operator has a
 * permission. Everything that the console reads or changes is looked up within such a scope.
 */
import { type Permission, ROLE_PERMISSIONS, type Role } from './roles.ts';

export interface Grant {
  readonly role: Role;
  /** Undefined: all merchants. */
  readonly merchantId: string | undefined;
  /** A store of that merchant; undefined: all of its stores, and what belongs to no store. */
  readonly storeId: string | undefined;
  /** Of one refund, in the smallest unit of its currency; undefined: no limit. */
  readonly maxRefundAmount: number | undefined;
}

/** A merchant, or one of its stores. */
export interface Shop {
  readonly merchantId: string;
  /** Undefined: all stores of the merchant, and what belongs to no store. */
  readonly storeId: string | undefined;
}

/** Where an operator has a permission. `everything` is the whole gateway. */
export type OperatorScope =
  | { readonly kind: 'everything' }
  | { readonly kind: 'shops'; readonly shops: readonly Shop[] };

/** The owner of an object. Objects of no store are outside the scope of a store. */
export interface Owner {
  readonly merchantId: string;
  readonly storeId?: string | undefined;
}

/** Where these grants give the permission; undefined: nowhere. */
export function scopeOf(grants: readonly Grant[], permission: Permission): OperatorScope | undefined {
  const giving = grants.filter(({ role }) => ROLE_PERMISSIONS[role].has(permission));
  if (giving.length === 0) {
    return undefined;
  }
  if (giving.some(({ merchantId }) => merchantId === undefined)) {
    return { kind: 'everything' };
  }
  const shops = giving.flatMap(({ merchantId, storeId }) =>
    merchantId === undefined ? [] : [{ merchantId, storeId }],
  );
  // A store is left out beside its whole merchant, so that nothing is listed twice.
  const whole = new Set(
    shops.filter(({ storeId }) => storeId === undefined).map(({ merchantId }) => merchantId),
  );
  const needed = shops.filter(({ merchantId, storeId }) => storeId === undefined || !whole.has(merchantId));
  const unique = new Map(needed.map((shop) => [JSON.stringify([shop.merchantId, shop.storeId]), shop]));
  return { kind: 'shops', shops: [...unique.values()] };
}

export function isInScope(scope: OperatorScope, owner: Owner): boolean {
  return scope.kind === 'everything' || scope.shops.some((shop) => covers(shop, owner));
}

function covers(shop: Pick<Grant, 'merchantId' | 'storeId'>, { merchantId, storeId }: Owner): boolean {
  return (
    shop.merchantId === undefined ||
    (shop.merchantId === merchantId && (shop.storeId === undefined || shop.storeId === storeId))
  );
}

/** The largest refund that these grants allow for this owner; undefined: no limit; 0: none. */
export function maxRefundOf(grants: readonly Grant[], owner: Owner): number | undefined {
  const limits = grants
    .filter((grant) => ROLE_PERMISSIONS[grant.role].has('refunds:create') && covers(grant, owner))
    .map(({ maxRefundAmount }) => maxRefundAmount);
  if (limits.some((limit) => limit === undefined)) {
    return undefined;
  }
  return Math.max(0, ...limits.filter((limit) => limit !== undefined));
}

/** Whether somebody with these grants may give `grant` to somebody else: only what they have themselves, where they have it. */
export function mayGrant(own: readonly Grant[], grant: Grant): boolean {
  const needed = ['operators:change' as const, ...ROLE_PERMISSIONS[grant.role]];
  return needed.every((permission) => own.some((held) => gives(held, permission, grant)));
}

function gives(held: Grant, permission: Permission, grant: Grant): boolean {
  if (!ROLE_PERMISSIONS[held.role].has(permission) || !isWithin(held, grant)) {
    return false;
  }
  const limit = held.maxRefundAmount;
  return (
    permission !== 'refunds:create' ||
    limit === undefined ||
    (grant.maxRefundAmount !== undefined && grant.maxRefundAmount <= limit)
  );
}

function isWithin(held: Grant, { merchantId, storeId }: Grant): boolean {
  return (
    held.merchantId === undefined ||
    (held.merchantId === merchantId && (held.storeId === undefined || held.storeId === storeId))
  );
}
