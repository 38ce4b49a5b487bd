/**
 * Saves what a decision about a refund has changed: the one way from the state machine of refunds to the database. Always
 * inside the transaction that has locked the payment.
 */
import type { Payment } from '../../domain/payment.ts';
import type { RefundChange } from '../../domain/refunds/refund.ts';
import { afterCommit, type Db } from '../../store/db/query.ts';
import { savePayment } from '../../store/payments.ts';
import { insertRefund, updateRefund } from '../../store/refunds/refunds.ts';
import type { ServiceDeps } from '../deps.ts';
import { reportRefund } from './report-refund.ts';

export interface RefundActor {
  /** Who caused the change, for the events. */
  readonly actor: string;
  readonly now: Date;
}

/** @returns false, with nothing saved, when the refund exists already */
export async function saveNewRefund(
  deps: ServiceDeps,
  trx: Db,
  before: Payment,
  change: RefundChange,
  by: RefundActor,
): Promise<boolean> {
  if (!(await insertRefund(trx, change.refund))) {
    return false;
  }
  await saveIntent(deps, trx, before, change, by);
  return true;
}

export async function saveRefund(
  deps: ServiceDeps,
  trx: Db,
  before: Payment,
  change: RefundChange,
  by: RefundActor,
): Promise<void> {
  await updateRefund(trx, change.refund);
  await saveIntent(deps, trx, before, change, by);
}

async function saveIntent(
  deps: ServiceDeps,
  trx: Db,
  before: Payment,
  { intent, refund, events }: RefundChange,
  { actor, now }: RefundActor,
): Promise<void> {
  await savePayment(trx, before, { payment: { ...before, intent }, events }, actor, now);
  if (events.length > 0) {
    afterCommit(trx, () => {
      deps.announce(refund.intentId);
      reportRefund(deps, { refund, events });
    });
  }
}
