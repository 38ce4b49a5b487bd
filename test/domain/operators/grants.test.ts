/**
 * Grants: what may be given, and that no chain of grants gives anybody more than its first giver had.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Grant,
  isInScope,
  maxRefundOf,
  mayGrant,
  scopeOf,
} from '../../../src/domain/operators/grants.ts';
import { isOperatorInScope, isUnlimitedAdmin, mayManage } from '../../../src/domain/operators/manage.ts';
import { PERMISSIONS, ROLES } from '../../../src/domain/operators/roles.ts';

const SHOPS = [
  { merchantId: undefined, storeId: undefined },
  { merchantId: 'm1', storeId: undefined },
  { merchantId: 'm1', storeId: 's1' },
  { merchantId: 'm1', storeId: 's2' },
  { merchantId: 'm2', storeId: undefined },
  { merchantId: 'm2', storeId: 's1' },
];
const OWNERS = [
  { merchantId: 'm1' },
  { merchantId: 'm1', storeId: 's1' },
  { merchantId: 'm1', storeId: 's2' },
  { merchantId: 'm2', storeId: 's1' },
  { merchantId: 'm3', storeId: 's9' },
];

const grants = fc.record({
  role: fc.constantFrom(...ROLES),
  shop: fc.constantFrom(...SHOPS),
  maxRefundAmount: fc.option(fc.constantFrom(100, 1_000, 5_000), { nil: undefined }),
});
const grantSets = fc.array(
  grants.map(({ role, shop, maxRefundAmount }): Grant => ({ role, ...shop, maxRefundAmount })),
  { minLength: 1, maxLength: 4 },
);

/** What somebody can do: each permission with each owner, the largest refund, and what concerns the whole gateway. */
function powersOf(own: readonly Grant[]): Map<string, number> {
  const powers = new Map<string, number>();
  for (const permission of PERMISSIONS) {
    const scope = scopeOf(own, permission);
    if (scope?.kind === 'everything') {
      powers.set(`${permission} everywhere`, 1);
    }
    for (const [index, owner] of OWNERS.entries()) {
      if (scope && isInScope(scope, owner)) {
        powers.set(`${permission} ${index}`, 1);
      }
    }
  }
  for (const [index, owner] of OWNERS.entries()) {
    powers.set(`refund ${index}`, maxRefundOf(own, owner) ?? Number.POSITIVE_INFINITY);
  }
  return powers;
}

describe('grants', () => {
  it('that are given on and on never add up to more than the first giver had', () => {
    fc.assert(
      fc.property(grantSets, fc.array(grantSets, { maxLength: 6 }), (first, offers) => {
        let holder: readonly Grant[] = first;
        for (const offer of offers) {
          const given = offer.filter((grant) => mayGrant(holder, grant));
          if (given.length > 0) {
            holder = given;
          }
        }
        const limits = powersOf(first);
        for (const [power, value] of powersOf(holder)) {
          expect([power, value <= (limits.get(power) ?? 0)]).toEqual([power, true]);
        }
      }),
      { numRuns: 3_000 },
    );
  });

  it('can only be given by somebody who administers operators there', () => {
    fc.assert(
      fc.property(grantSets, grantSets, (own, [grant]) => {
        if (!grant || !mayGrant(own, grant)) {
          return;
        }
        const scope = scopeOf(own, 'operators:change');
        expect(scope).toBeDefined();
        expect(scope && isOperatorInScope(scope, [grant])).toBe(true);
      }),
      { numRuns: 3_000 },
    );
  });

  it('of somebody who may be managed are never more than the manager has', () => {
    fc.assert(
      fc.property(grantSets, grantSets, (own, theirs) => {
        if (mayManage(own, theirs)) {
          const limits = powersOf(own);
          for (const [power, value] of powersOf(theirs)) {
            expect([power, value <= (limits.get(power) ?? 0)]).toEqual([power, true]);
          }
        }
      }),
      { numRuns: 3_000 },
    );
  });

  it.each([
    ['an admin of one merchant', [{ role: 'admin', merchantId: 'm1' }], { role: 'viewer' }, false],
    [
      'an admin of one merchant',
      [{ role: 'admin', merchantId: 'm1' }],
      { role: 'admin', merchantId: 'm1' },
      true,
    ],
    [
      'an admin of one store',
      [{ role: 'admin', merchantId: 'm1', storeId: 's1' }],
      { role: 'viewer', merchantId: 'm1' },
      false,
    ],
    [
      'an admin with a limit of refunds',
      [{ role: 'admin', maxRefundAmount: 1_000 }],
      { role: 'refunder' },
      false,
    ],
    [
      'an admin with a limit of refunds',
      [{ role: 'admin', maxRefundAmount: 1_000 }],
      { role: 'refunder', maxRefundAmount: 1_000 },
      true,
    ],
    ['a refunder', [{ role: 'refunder' }], { role: 'viewer' }, false],
  ] as const)('%s with %j may give %j: %j', (_, own, grant, expected) => {
    expect(mayGrant(own.map(toGrant), toGrant(grant))).toBe(expected);
  });

  it('that limit refunds are no administration of the whole gateway', () => {
    expect(isUnlimitedAdmin([toGrant({ role: 'admin' })])).toBe(true);
    expect(isUnlimitedAdmin([toGrant({ role: 'admin', maxRefundAmount: 5 })])).toBe(false);
    expect(isUnlimitedAdmin([toGrant({ role: 'admin', merchantId: 'm1' })])).toBe(false);
  });

  it('outside the scope of a reader hide the operator who has them, and so does having none', () => {
    const scope = { kind: 'shops', shops: [{ merchantId: 'm1', storeId: undefined }] } as const;
    const inside = toGrant({ role: 'viewer', merchantId: 'm1', storeId: 's1' });
    expect(isOperatorInScope(scope, [inside])).toBe(true);
    expect(isOperatorInScope(scope, [inside, toGrant({ role: 'viewer', merchantId: 'm2' })])).toBe(false);
    expect(isOperatorInScope(scope, [inside, toGrant({ role: 'viewer' })])).toBe(false);
    expect(isOperatorInScope(scope, [])).toBe(false);
  });
});

function toGrant(grant: Partial<Grant> & Pick<Grant, 'role'>): Grant {
  return { merchantId: undefined, storeId: undefined, maxRefundAmount: undefined, ...grant };
}
