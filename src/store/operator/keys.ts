/**
 * API keys within the scope of an operator, newest first.
 */
import type { OperatorScope } from '../../domain/operators/grants.ts';
import { type ApiKey, listApiKeysWhere } from '../api-keys.ts';
import type { Db } from '../db/query.ts';
import { scopeBindings } from './scope.ts';
import { isWhollyInScope } from './scope-sql.ts';

export interface KeyFilter {
  readonly merchantId: string | undefined;
  /** `working`: neither revoked nor expired at `now`. */
  readonly state: 'working' | 'ended' | undefined;
  readonly now: Date;
  /** The key after which the page begins. */
  readonly after: string | undefined;
  readonly limit: number;
}

const WORKS = '(revoked_at is null and (expires_at is null or expires_at > :now))';

/** Keys are few compared to payments, so their table is read whole where no merchant is given. */
export function listKeysInScope(db: Db, scope: OperatorScope, filter: KeyFilter): Promise<ApiKey[]> {
  const { merchantId, state, now, after, limit } = filter;
  const conditions = [
    isWhollyInScope(scope, 'api_keys.merchant_id', 'api_keys.store_ids'),
    merchantId !== undefined && 'merchant_id = :merchantId',
    state !== undefined && (state === 'working' ? WORKS : `not ${WORKS}`),
    after !== undefined &&
      '(created_at, api_key) < (select created_at, api_key from api_keys where api_key = :after)',
  ].filter((condition) => condition !== false);
  return listApiKeysWhere(
    db,
    `where ${conditions.join(' and ')} order by created_at desc, api_key desc limit :limit`,
    {
      ...scopeBindings(scope),
      limit,
      ...(state !== undefined && { now }),
      ...(merchantId !== undefined && { merchantId }),
      ...(after !== undefined && { after }),
    },
  );
}
