/**
 * Saves what a decision has changed: the one way from the state machine to the database.
 */
import { decideUpdate } from '../../domain/attempt-updates.ts';
import { merchantEventOf } from '../../domain/merchant-events.ts';
import type { AttemptUpdate, Change, Payment, PaymentAttempt } from '../../domain/payment.ts';
import { nextCheckAt } from '../../domain/schedule.ts';
import { newId } from '../../lib/ids.ts';
import { afterCommit, type Db, inTransaction } from '../../store/db/query.ts';
import { lockPaymentOfAttempt, savePayment } from '../../store/payments.ts';
import { insertRefund } from '../../store/refunds.ts';
import type { ServiceDeps } from '../deps.ts';

/**
 * Saves a change inside the transaction that locked `before`: statuses, events, due refunds, and the next check of every
 * changed attempt. Announces the change after the commit.
 * @returns the payment as saved
 */
export async function saveChange(
  deps: ServiceDeps,
  trx: Db,
  before: Payment,
  change: Change,
  actor: string,
  now: Date,
): Promise<Payment> {
  const attempts = change.payment.attempts.map((attempt) =>
    before.attempts.includes(attempt) ? attempt : schedule(attempt, now, deps.random()),
  );
  const payment: Payment = { intent: change.payment.intent, attempts };
  const merchantEvent = merchantEventOf(before, change);
  await savePayment(trx, before, { payment, events: change.events, merchantEvent }, actor, now);
  if (before.intent.status !== payment.intent.status) {
    deps.metrics.intentMoved(before.intent.status, payment.intent.status);
  }
  const { id: intentId, merchantId } = payment.intent;
  for (const due of change.refunds) {
    await insertRefund(trx, { ...due, id: newId('re', now), intentId, merchantId }, now);
  }
  // A read without an event changed nothing that watchers see.
  if (change.events.length > 0) {
    afterCommit(trx, () => deps.announce(intentId));
  }
  return payment;
}

/** Applies an update of an attempt in its own transaction. Returns the payment as it is afterwards. */
export async function applyUpdate(
  deps: ServiceDeps,
  attemptId: string,
  update: AttemptUpdate,
  actor: string,
): Promise<Payment> {
  const { payment, hasRefunds } = await inTransaction(deps.db, async (trx) => {
    const before = await lockPaymentOfAttempt(trx, attemptId);
    if (!before) {
      throw new Error(`there is no attempt ${attemptId}`);
    }
    const now = deps.clock.now();
    const change = decideUpdate(before, attemptId, update, now);
    if (!change) {
      return { payment: before, hasRefunds: false };
    }
    const saved = await saveChange(deps, trx, before, change, actor, now);
    return { payment: saved, hasRefunds: change.refunds.length > 0 };
  });
  if (hasRefunds) {
    deps.wake('refunds');
  }
  return payment;
}

function schedule(attempt: PaymentAttempt, now: Date, random: number): PaymentAttempt {
  return { ...attempt, nextCheckAt: nextCheckAt(attempt, now, random) };
}
