/**
 * Applies what was learned about a refund, under the lock of its payment.
 */
import type { Refund, RefundUpdate } from '../../domain/refunds/refund.ts';
import { decideRefundUpdate } from '../../domain/refunds/refund-machine.ts';
import { backoffMs } from '../../lib/backoff.ts';
import { inTransaction } from '../../store/db/query.ts';
import { lockPayment } from '../../store/payments.ts';
import { findAnyRefund, sumRefunds } from '../../store/refunds/refunds.ts';
import type { ServiceDeps } from '../deps.ts';
import { saveRefund } from './save-refund.ts';

/** Who carries out refunds, in events. */
export const REFUNDS_ACTOR = 'refunds';

/** No pause is longer, whatever the provider asks for: staff wait for the result. */
const MAX_PAUSE_MS = 15 * 60_000;
/** PayPay completes most refunds within seconds; one that it holds can take days. Jitter adds up to a fifth. */
const BACKOFF = { firstMs: 2_000, maxMs: MAX_PAUSE_MS / 1.2 };

/**
 * Applies the result of a try, which counts only while no later try has begun: that one may have taken effect meanwhile. That the
 * provider has made the refund always counts.
 * @returns the refund as it is afterwards
 */
export async function applyRefundUpdate(
  deps: ServiceDeps,
  { id, intentId, tries }: Pick<Refund, 'id' | 'intentId' | 'tries'>,
  update: RefundUpdate,
): Promise<Refund> {
  return inTransaction(deps.db, async (trx) => {
    const payment = await lockPayment(trx, intentId);
    const refund = await findAnyRefund(trx, id);
    if (!payment || !refund) {
      throw new Error(`refund ${id} has no payment`);
    }
    if (update.type !== 'succeeded' && refund.tries !== tries) {
      return refund;
    }
    const others = await sumRefunds(trx, intentId, id);
    const now = deps.clock.now();
    const times = { now, nextTryAt: nextTryAt(deps, refund, update, now) };
    const change = decideRefundUpdate(payment.intent, refund, others, update, times);
    if (!change) {
      return refund;
    }
    await saveRefund(deps, trx, payment, change, { actor: REFUNDS_ACTOR, now });
    return change.refund;
  });
}

/** When a refund that is still pending is tried again. */
export function nextTryAt(
  deps: Pick<ServiceDeps, 'random'>,
  { tries }: Pick<Refund, 'tries'>,
  update: RefundUpdate | undefined,
  now: Date,
): Date {
  const askedMs = update?.type === 'delayed' ? (update.retryAfterMs ?? 0) : 0;
  const pauseMs = backoffMs(Math.max(tries - 1, 0), BACKOFF, deps.random());
  return new Date(now.getTime() + Math.min(Math.max(askedMs, pauseMs), MAX_PAUSE_MS));
}
