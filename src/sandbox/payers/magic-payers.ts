/**
 * Payers that act automatically on codes with a magic amount, each at a fixed time after the code's creation. When the
 * clock is moved past that time, the payment is dated at that time and not after the move, so that even a move beyond
 * the code's expiry does not prevent it.
 */
import type { Clock } from '../../lib/clock.ts';
import type { SandboxLog } from '../core/options.ts';
import type { Payment } from '../core/payment.ts';
import { findMagicAmount } from '../faults/magic-amounts.ts';
import type { Payer } from './payer.ts';

export interface MagicPayers {
  /** Schedules the payer's action on a new code; does nothing for an ordinary amount. */
  schedule(payment: Payment): void;
  /** Cancels every scheduled action. */
  cancelAll(): void;
  /** Cancels every scheduled action. Resolves when none is in progress. */
  close(): Promise<void>;
}

/** Creates payers that act through `payer`. */
export function createMagicPayers(deps: { clock: Clock; log: SandboxLog; payer: Payer }): MagicPayers {
  let cancelling = new AbortController();
  const scheduled = new Set<Promise<void>>();
  const cancelAll = (): void => {
    cancelling.abort();
    cancelling = new AbortController();
  };

  async function actWhenDue(payment: Payment, cancelled: AbortSignal): Promise<void> {
    const plan = findMagicAmount(payment.amount)?.payer;
    if (!plan) {
      return;
    }
    const actsAt = payment.createdAt + plan.afterSeconds * 1000;
    await deps.clock.sleep(actsAt - deps.clock.now().getTime(), cancelled);
    if (cancelled.aborted) {
      return;
    }
    const { merchantPaymentId, merchantId } = payment;
    const isWebhookLost = plan.isWebhookLost === true;
    // A refusal is ignored: the code may have been deleted, or paid by hand, in the meantime.
    await deps.payer[plan.act]({ merchantPaymentId, merchantId, isWebhookLost, actsAt });
  }

  return {
    schedule(payment) {
      const action = actWhenDue(payment, cancelling.signal)
        .catch((error: unknown) => deps.log.error({ err: error }, 'a simulated payer failed'))
        .finally(() => scheduled.delete(action));
      scheduled.add(action);
    },
    cancelAll,
    async close() {
      cancelAll();
      await Promise.all(scheduled);
    },
  };
}
