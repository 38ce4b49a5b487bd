/**
 * `pgw merchants assign`: assigns a merchant to another upstream system. The change is recorded like those of a sync.
 */
import type { ActContext } from '../../domain/audit/act.ts';
import { DomainError } from '../../domain/errors.ts';
import { inTransaction } from '../../store/db/query.ts';
import { insertMerchantEvents } from '../../store/sync/merchant-events.ts';
import { lockUpstream, updateUpstream } from '../../store/sync/synced-merchants.ts';
import { recordAct } from '../audit/record-acts.ts';
import type { ServiceDeps } from '../deps.ts';

/** @throws not_found when there is no such merchant */
export async function assignMerchant(
  { db, clock }: Pick<ServiceDeps, 'db' | 'clock'>,
  by: ActContext,
  merchantId: string,
  upstream: string,
): Promise<void> {
  await inTransaction(db, async (trx) => {
    const before = await lockUpstream(trx, merchantId);
    if (before === undefined) {
      throw new DomainError('not_found', `There is no merchant ${merchantId}`);
    }
    if (before !== upstream) {
      await updateUpstream(trx, merchantId, upstream);
      await insertMerchantEvents(trx, [{ merchantId, field: 'upstream', before, after: upstream }], {
        upstream,
      });
      await recordAct({ clock }, trx, {
        ...by,
        type: 'merchant.assigned',
        objectType: 'merchant',
        objectId: merchantId,
        merchantId,
        before: { upstream: before },
        after: { upstream },
      });
    }
  });
}
