/**
 * Changes the rate limits of single merchants.
 */
import type { ActContext } from '../../domain/audit/act.ts';
import { DomainError } from '../../domain/errors.ts';
import { type Db, inTransaction } from '../../store/db/query.ts';
import { deleteMerchantLimit, lockMerchantLimit, upsertMerchantLimit } from '../../store/merchant-limits.ts';
import { hasMerchant } from '../../store/merchants.ts';
import { recordAct } from '../audit/record-acts.ts';
import type { ServiceDeps } from '../deps.ts';

type Needs = Pick<ServiceDeps, 'db' | 'clock'>;

/**
 * Gives a merchant a limit of its own; every node applies it within seconds.
 * @param requestsPerMinute 0 disables the limit
 * @throws not_found when there is no such merchant
 */
export async function setMerchantLimit(
  deps: Needs,
  by: ActContext,
  merchantId: string,
  requestsPerMinute: number,
): Promise<void> {
  await inTransaction(deps.db, async (trx) => {
    if (!(await hasMerchant(trx, merchantId))) {
      throw new DomainError('not_found', `There is no merchant ${merchantId}; sync it first`);
    }
    const before = await lockMerchantLimit(trx, merchantId);
    if (before !== requestsPerMinute) {
      await upsertMerchantLimit(trx, { merchantId, requestsPerMinute }, deps.clock.now());
      await record(deps, trx, by, merchantId, { before, after: requestsPerMinute });
    }
  });
}

/** Returns a merchant to the default limit. @throws not_found when it has no limit of its own */
export async function clearMerchantLimit(deps: Needs, by: ActContext, merchantId: string): Promise<void> {
  await inTransaction(deps.db, async (trx) => {
    const before = await lockMerchantLimit(trx, merchantId);
    if (before === undefined) {
      throw new DomainError('not_found', `Merchant ${merchantId} has no limit of its own`);
    }
    await deleteMerchantLimit(trx, merchantId);
    await record(deps, trx, by, merchantId, { before, after: undefined });
  });
}

/** Null: the default. */
function record(
  deps: Needs,
  trx: Db,
  by: ActContext,
  merchantId: string,
  { before, after }: { before: number | undefined; after: number | undefined },
): Promise<void> {
  return recordAct(deps, trx, {
    ...by,
    type: 'merchant_limit.changed',
    objectType: 'merchant',
    objectId: merchantId,
    merchantId,
    before: { requests_per_minute: before ?? null },
    after: { requests_per_minute: after ?? null },
  });
}
