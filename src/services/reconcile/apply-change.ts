/**
 * Saves what a decision has changed: the one way from the state machine to the database.
 */
import { decideUpdate } from '../../domain/attempt-updates.ts';
import { merchantEventOf } from '../../domain/merchant-events.ts';
import type {
  AttemptUpdate,
  Change,
  Payment,
  PaymentAttempt,
  PaymentIntent,
  RefundDue,
} from '../../domain/payment.ts';
import { returnDue } from '../../domain/refunds/refund-machine.ts';
import { nextCheckAt } from '../../domain/schedule.ts';
import { newId } from '../../lib/ids.ts';
import { afterCommit, type Db, inTransaction } from '../../store/db/query.ts';
import { appendEvents, type StoredEvent } from '../../store/payment-events.ts';
import { lockPaymentOfAttempt, savePayment } from '../../store/payments.ts';
import { insertRefund } from '../../store/refunds/refunds.ts';
import type { ServiceDeps } from '../deps.ts';
import { reportRefund } from '../refunds/report-refund.ts';

/** Who makes the gateway's own refunds, in events. */
const ACTOR_OF_RETURNS = 'gateway';

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
  await savePayment(trx, before, { payment, events: withMerchantEvent(before, change) }, actor, now);
  if (before.intent.status !== payment.intent.status) {
    deps.metrics.intentMoved(before.intent.status, payment.intent.status);
  }
  const { id: intentId } = payment.intent;
  for (const due of change.refunds) {
    await saveReturn(deps, trx, payment.intent, due, now);
  }
  // A read without an event changed nothing that watchers see.
  if (change.events.length > 0) {
    afterCommit(trx, () => deps.announce(intentId));
  }
  return payment;
}

/** The merchant's event belongs to the last event of the change, whose id is the version of the intent afterwards. */
function withMerchantEvent(before: Payment, change: Change): StoredEvent[] {
  const type = merchantEventOf(before, change);
  const { intent } = change.payment;
  return change.events.map((event, index) =>
    type && index === change.events.length - 1 ? { ...event, merchantEvent: { type, intent } } : event,
  );
}

/** Stores that the gateway has to return the money of an attempt; a second time changes nothing. */
async function saveReturn(
  deps: ServiceDeps,
  trx: Db,
  intent: PaymentIntent,
  due: RefundDue,
  now: Date,
): Promise<void> {
  const { refund, events } = returnDue(intent, due, newId('re', now), now);
  if (await insertRefund(trx, refund)) {
    afterCommit(trx, () => reportRefund(deps, { refund, events }));
    await appendEvents(trx, intent.id, events, ACTOR_OF_RETURNS, now);
  }
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
