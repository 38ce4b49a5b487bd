/**
 * What a page offers: acts that the operator may do.
 */
import { type OperatorScope, scopeOf } from '../../domain/operators/grants.ts';
import type { Permission } from '../../domain/operators/roles.ts';
import type { SignedIn } from '../../services/operator-accounts/sessions.ts';

const NOWHERE: OperatorScope = { kind: 'shops', shops: [] };

/** Where the operator has a permission; an empty list of shops where they have it nowhere. */
export function whereMay({ operator }: SignedIn, permission: Permission): OperatorScope {
  return scopeOf(operator.grants, permission) ?? NOWHERE;
}

/** The word of a typed list that the query names, such as what was done before a redirect. */
export function wordOf<T extends string>(
  words: Readonly<Record<T, unknown>>,
  text: string | null,
): T | undefined {
  return text !== null && Object.hasOwn(words, text) ? (text as T) : undefined;
}
