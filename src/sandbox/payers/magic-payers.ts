/**
 * Payers who act by themselves: for the codes whose amount says so (magic-amounts.ts), each at his own moment of the
 * sandbox's time. When the clock is moved past that moment he has acted at it, not at the moment after the move, so
 * that a long move does not make him miss the code's life.
 */
import type { Clock } from '../../lib/clock.ts';
import type { SandboxLog } from '../core/options.ts';
import type { Payment } from '../core/payment.ts';
import { findMagicAmount } from '../faults/magic-amounts.ts';
import type { Payer } from './payer.ts';

export interface MagicPayers {
  /** Somebody will act on this new code, if its amount says so. */
  expect(payment: Payment): void;
  /** Nobody acts on the codes made so far. */
  forget(): void;
  /** Resolves when nobody will act any more. */
  close(): Promise<void>;
}

/** Payers who act through `payer`. */
export function createMagicPayers(deps: { clock: Clock; log: SandboxLog; payer: Payer }): MagicPayers {
  let forgetting = new AbortController();
  const waiting = new Set<Promise<void>>();
  const forget = (): void => {
    forgetting.abort();
    forgetting = new AbortController();
  };

  async function actInTime(payment: Payment, forgotten: AbortSignal): Promise<void> {
    const plan = findMagicAmount(payment.amount)?.payer;
    if (!plan) {
      return;
    }
    const actsAt = payment.createdAt + plan.afterSeconds * 1000;
    await deps.clock.sleep(actsAt - deps.clock.now().getTime(), forgotten);
    if (forgotten.aborted) {
      return;
    }
    const { merchantPaymentId, merchantId } = payment;
    const isUnannounced = plan.isUnannounced === true;
    // A refusal, of a code that was withdrawn or paid by hand meanwhile, is no news to anybody.
    await deps.payer[plan.act]({ merchantPaymentId, merchantId, isUnannounced, actsAt });
  }

  return {
    expect(payment) {
      const run = actInTime(payment, forgetting.signal)
        .catch((error: unknown) => deps.log.error({ err: error }, 'a payer of the sandbox failed'))
        .finally(() => waiting.delete(run));
      waiting.add(run);
    },
    forget,
    async close() {
      forget();
      await Promise.all(waiting);
    },
  };
}
