/**
 * Brings the refunds of an attempt in line with the provider's record of its payment: adds those that staff made in the
 * provider's own console, and completes ours that it shows as made.
 */
import type { ProviderRefund, Refund } from '../../domain/refunds/refund.ts';
import { cancelledAtProvider, decideForeignRefund } from '../../domain/refunds/refund-machine.ts';
import { newId } from '../../lib/ids.ts';
import type { PaymentObservation } from '../../providers/provider.ts';
import { inTransaction } from '../../store/db/query.ts';
import { lockPaymentOfAttempt } from '../../store/payments.ts';
import { listRefundsOfAttempt, sumRefunds } from '../../store/refunds/refunds.ts';
import type { ServiceDeps } from '../deps.ts';
import { applyRefundUpdate } from './apply-refund-update.ts';
import { saveNewRefund } from './save-refund.ts';

/** Who made refunds outside the gateway, in events. */
const PROVIDER_ACTOR = 'provider';

/** @returns how many refunds were added or completed */
export async function recordProviderRefunds(
  deps: ServiceDeps,
  attemptId: string,
  observation: PaymentObservation,
): Promise<number> {
  if (!hasReturnedMoney(observation)) {
    return 0;
  }
  const known = await listRefundsOfAttempt(deps.db, attemptId);
  let recorded = await completeOurs(deps, known, listed(observation));
  const foreign = listed(observation).filter((found) => !known.some((refund) => isSame(refund, found)));
  for (const found of foreign) {
    recorded += (await addForeign(deps, attemptId, found)) ? 1 : 0;
  }
  if (isCancelled(observation, known)) {
    recorded += (await addForeign(deps, attemptId, undefined)) ? 1 : 0;
  }
  return recorded;
}

function hasReturnedMoney(observation: PaymentObservation): boolean {
  return observation.kind === 'failed' || observation.kind === 'returned' || listed(observation).length > 0;
}

/**
 * Whether it returned the money without a refund. A record that shows the payment as refunded but leaves out refunds that are
 * known to be made is incomplete: they may be all that was returned.
 */
function isCancelled(observation: PaymentObservation, known: readonly Refund[]): boolean {
  return (
    observation.kind === 'failed' ||
    (observation.kind === 'returned' &&
      observation.refunds.length === 0 &&
      known.every(({ status }) => status !== 'succeeded'))
  );
}

function listed(observation: PaymentObservation): readonly ProviderRefund[] {
  return observation.kind === 'succeeded' || observation.kind === 'returned' ? observation.refunds : [];
}

function isSame(refund: Refund, { refundId }: ProviderRefund): boolean {
  return (refund.providerRefundId ?? refund.id) === refundId;
}

async function completeOurs(
  deps: ServiceDeps,
  known: readonly Refund[],
  refunds: readonly ProviderRefund[],
): Promise<number> {
  let completed = 0;
  for (const refund of known) {
    const isMade = refunds.some((found) => isSame(refund, found) && found.status === 'succeeded');
    if (isMade && refund.status !== 'succeeded' && refund.origin === 'merchant') {
      const after = await applyRefundUpdate(deps, refund, { type: 'succeeded' });
      completed += after.status === 'succeeded' ? 1 : 0;
    }
  }
  return completed;
}

/** @param found undefined: the payment was cancelled at the provider */
async function addForeign(
  deps: ServiceDeps,
  attemptId: string,
  found: ProviderRefund | undefined,
): Promise<boolean> {
  return inTransaction(deps.db, async (trx) => {
    const payment = await lockPaymentOfAttempt(trx, attemptId);
    if (!payment) {
      return false;
    }
    const now = deps.clock.now();
    const totals = await sumRefunds(trx, payment.intent.id);
    const refund = { ...(found ?? cancelledAtProvider(payment.intent, totals)), id: newId('re', now) };
    const change = decideForeignRefund(payment, totals, attemptId, refund, now);
    return change !== undefined && saveNewRefund(deps, trx, payment, change, { actor: PROVIDER_ACTOR, now });
  });
}
