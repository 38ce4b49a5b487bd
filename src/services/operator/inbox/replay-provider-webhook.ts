/**
 * Processes a provider's webhook again, in the next worker run.
 */
import type { ActContext } from '../../../domain/audit/act.ts';
import { DomainError } from '../../../domain/errors.ts';
import { inTransaction } from '../../../store/db/query.ts';
import { lockWebhook, replayWebhook } from '../../../store/provider-webhooks.ts';
import { recordAct } from '../../audit/record-acts.ts';
import type { ServiceDeps } from '../../deps.ts';

/** @throws not_found when there is no such webhook */
export async function replayProviderWebhook(
  { db, clock }: Pick<ServiceDeps, 'db' | 'clock'>,
  by: ActContext,
  id: number,
): Promise<void> {
  await inTransaction(db, async (trx) => {
    const webhook = await lockWebhook(trx, id);
    if (!webhook) {
      throw new DomainError('not_found', `There is no webhook ${id}; run pgw webhooks list to find one`);
    }
    await replayWebhook(trx, id, clock.now());
    await recordAct({ clock }, trx, {
      ...by,
      type: 'provider_webhook.replayed',
      objectType: 'provider_webhook',
      objectId: String(id),
      merchantId: webhook.merchantId,
      storeId: webhook.storeId,
      before: { status: webhook.status },
      after: { status: 'received' },
    });
  });
}
