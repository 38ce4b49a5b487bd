/**
 * createRefund: stores a refund and reserves its money under the lock of the payment, so that refunds never exceed what was
 * captured. A worker carries it out; the caller gets it as pending, whatever the state of the provider.
 */
import type { ActContext } from '../../../domain/audit/act.ts';
import { intentNotFound } from '../../../domain/errors.ts';
import type { Refund, RefundChange } from '../../../domain/refunds/refund.ts';
import { decideRefund, type RefundCommand } from '../../../domain/refunds/refund-machine.ts';
import { referenceTaken } from '../../../domain/refunds/refund-refusals.ts';
import { newId } from '../../../lib/ids.ts';
import { afterCommit, type Db, inTransaction } from '../../../store/db/query.ts';
import { lockPayment } from '../../../store/payments.ts';
import { findRefundByRef, findRefundOfRequest, sumRefunds } from '../../../store/refunds/refunds.ts';
import { recordAct } from '../../audit/record-acts.ts';
import type { ServiceDeps } from '../../deps.ts';
import { saveNewRefund } from '../../refunds/save-refund.ts';

export interface CreateRefund extends Omit<RefundCommand, 'id'> {
  readonly merchantId: string;
  /** The stores that the key is limited to; undefined: no limit. */
  readonly storeIds: readonly string[] | undefined;
  readonly intentId: string;
  readonly actor: string;
  /** The same in all repetitions of one request, which make one refund. */
  readonly idempotencyId?: string;
}

/**
 * @throws not_found, invalid_request (status, method, amount, window, limit, reference), forbidden (cash)
 */
export function createRefund(deps: ServiceDeps, command: CreateRefund, by: ActContext): Promise<Refund> {
  const { merchantId, storeIds: _, intentId, actor, idempotencyId, ...wanted } = command;
  return inTransaction(deps.db, async (trx) => {
    const payment = await lockPayment(trx, intentId, merchantId);
    if (!payment) {
      throw intentNotFound();
    }
    const made =
      idempotencyId === undefined ? undefined : await findRefundOfRequest(trx, intentId, idempotencyId);
    if (made) {
      return made;
    }
    await refuseTakenReference(trx, command);
    const now = deps.clock.now();
    const totals = await sumRefunds(trx, intentId);
    const decision = decideRefund(payment, totals, { ...wanted, id: newId('re', now) }, now);
    if (decision.kind === 'refused') {
      throw decision.error;
    }
    const change = named(decision.change, idempotencyId);
    if (!(await saveNewRefund(deps, trx, payment, change, { actor, now }))) {
      // Another request has used the reference since it was looked up.
      await refuseTakenReference(trx, command);
      throw new Error(`refund ${change.refund.id} was not stored`);
    }
    if (change.refund.status === 'pending') {
      afterCommit(trx, () => deps.wake('refunds'));
    }
    await recordRefund(deps, trx, by, change.refund);
    return change.refund;
  });
}

function recordRefund(deps: ServiceDeps, trx: Db, by: ActContext, refund: Refund): Promise<void> {
  const { id, intentId, merchantId, merchantStoreId: storeId, method, money, reason } = refund;
  return recordAct(deps, trx, {
    ...by,
    type: 'refund.created',
    objectType: 'payment_intent',
    objectId: intentId,
    merchantId,
    storeId,
    after: {
      refund: id,
      amount: money.amount,
      currency: money.currency,
      method,
      reason: reason ?? null,
    },
  });
}

/** The change, whose event says which request made the refund. */
function named(change: RefundChange, idempotencyId: string | undefined): RefundChange {
  if (idempotencyId === undefined) {
    return change;
  }
  const events = change.events.map((event) =>
    event.type === 'refund_created' ? { ...event, data: { ...event.data, once_id: idempotencyId } } : event,
  );
  return { ...change, events };
}

async function refuseTakenReference(
  trx: Db,
  { merchantId, storeIds, merchantRefundRefId }: CreateRefund,
): Promise<void> {
  if (merchantRefundRefId === undefined) {
    return;
  }
  const found = await findRefundByRef(trx, merchantId, merchantRefundRefId);
  if (found) {
    const isVisible =
      storeIds === undefined || (found.storeId !== undefined && storeIds.includes(found.storeId));
    throw referenceTaken(isVisible ? found.id : undefined);
  }
}
