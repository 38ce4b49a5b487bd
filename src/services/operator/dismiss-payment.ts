/**
 * Stops the reporting of money that PayPay received for a payment that the gateway does not know.
 */
import type { ActContext } from '../../domain/audit/act.ts';
import { DomainError } from '../../domain/errors.ts';
import { inTransaction } from '../../store/db/query.ts';
import { dismissUnknownPayment } from '../../store/inbox/orphaned-webhooks.ts';
import { recordAct } from '../audit/record-acts.ts';
import type { ServiceDeps } from '../deps.ts';

/**
 * @param payment its merchantPaymentId or PayPay's payment id
 * @returns how many webhooks are about it
 * @throws not_found when none is
 */
export function dismissPayment(
  { db, clock }: Pick<ServiceDeps, 'db' | 'clock'>,
  by: ActContext,
  payment: string,
): Promise<number> {
  return inTransaction(db, async (trx) => {
    const webhooks = await dismissUnknownPayment(trx, payment, clock.now());
    if (webhooks === 0) {
      throw new DomainError(
        'not_found',
        `There is no webhook about an unknown payment ${payment}; pgw money check lists them`,
      );
    }
    await recordAct({ clock }, trx, {
      ...by,
      type: 'orphaned_payment.dismissed',
      objectType: 'orphaned_payment',
      objectId: payment,
      after: { webhooks },
    });
    return webhooks;
  });
}
