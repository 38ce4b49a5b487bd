/**
 * `pgw merchants assign`: assigns a merchant to another upstream system. The change is recorded like those of a sync, and
 * the merchant is informed.
 */
import type { ActContext } from '../../domain/audit/act.ts';
import { DomainError } from '../../domain/errors.ts';
import { inTransaction } from '../../store/db/query.ts';
import { insertMerchantEvents } from '../../store/sync/merchant-events.ts';
import { lockUpstream, updateUpstream } from '../../store/sync/synced-merchants.ts';
import { insertOutboxEvents } from '../../store/webhooks/outbox-events.ts';
import { recordAct } from '../audit/record-acts.ts';
import type { ServiceDeps } from '../deps.ts';
import { merchantEventOf } from '../sync/record-sync.ts';

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
      const change = { merchantId, field: 'upstream', before, after: upstream } as const;
      await insertMerchantEvents(trx, [change], { upstream });
      const changes = {
        merchantId,
        isCreated: false,
        fields: [change],
        accounts: { described: [], total: 0 },
      };
      const event = merchantEventOf({ clock }, changes, upstream);
      await insertOutboxEvents(trx, event ? [event] : []);
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
