/**
 * Reads the provider's own record of a payment now, for the console: brings the attempts in line with it, in the way of the
 * workers, and compares it with ours as it is afterwards. What was read is not stored.
 */
import type { ActContext } from '../../../domain/audit/act.ts';
import { findAcceptedAttempt, isLive, type Payment, type PaymentAttempt } from '../../../domain/payment.ts';
import type { OutcomeReason, PaymentObservation } from '../../../providers/provider.ts';
import { inTransaction } from '../../../store/db/query.ts';
import { findPaymentOfAttempt } from '../../../store/payments.ts';
import { listRefundsOfAttempt } from '../../../store/refunds/refunds.ts';
import { recordAct } from '../../audit/record-acts.ts';
import type { ServiceDeps } from '../../deps.ts';
import { reconcileAttempt } from '../../reconcile/reconcile-attempt.ts';
import { type ComparedField, compareRecords } from './compare-records.ts';

export interface AttemptReading {
  readonly attempt: PaymentAttempt;
  readonly readAt: Date;
  readonly result:
    | { readonly kind: 'compared'; readonly fields: readonly ComparedField[] }
    /** The provider has not responded, or takes no requests. */
    | { readonly kind: 'unreadable'; readonly reason: OutcomeReason | undefined }
    /** Another request is working on the attempt. */
    | { readonly kind: 'busy' }
    /** It takes longer than a person waits; the read goes on. */
    | { readonly kind: 'slow' };
}

/** How long to wait for another request that works on the same attempt. */
const WAIT_MS = 3_000;
/** A read takes at most 15 s by PayPay's rules; an attempt without a code is asked for it again, which takes longer. */
const LONGEST_MS = 20_000;
/** More attempts are not read at a time: those that have, or may have, taken money come first. */
const MAX_ATTEMPTS = 5;

/** Stores that the operator asked, then reads the attempts. */
export async function refreshPayment(
  deps: ServiceDeps,
  by: ActContext,
  payment: Payment,
): Promise<AttemptReading[]> {
  const { id: objectId, merchantId, merchantStoreId: storeId } = payment.intent;
  const act = { ...by, type: 'payment.refreshed', objectType: 'payment_intent', objectId } as const;
  await inTransaction(deps.db, (trx) => recordAct(deps, trx, { ...act, merchantId, storeId }));
  const readings = await Promise.all(attemptsToRead(payment).map((attempt) => readInTime(deps, attempt)));
  // The record of calls is stored once a second, and the page shows these.
  await deps.providerCalls.flush();
  return readings;
}

/** The newest attempts, those with money first, shown oldest first. */
export function attemptsToRead(payment: Payment): PaymentAttempt[] {
  const accepted = findAcceptedAttempt(payment);
  const rank = (attempt: PaymentAttempt) =>
    [attempt === accepted, attempt.status === 'succeeded', isLive(attempt), true].indexOf(true);
  const chosen = [...payment.attempts].reverse().sort((a, b) => rank(a) - rank(b));
  return chosen.slice(0, MAX_ATTEMPTS).sort((a, b) => (a.id < b.id ? -1 : 1));
}

async function readInTime(deps: ServiceDeps, attempt: PaymentAttempt): Promise<AttemptReading> {
  const done = new AbortController();
  const reading = read(deps, attempt);
  // After its time nobody waits for it any more, but it goes on.
  reading.catch((err: unknown) =>
    deps.log.warn({ err, attemptId: attempt.id }, 'a read for an operator failed'),
  );
  const waiting = deps.wallClock.sleep(LONGEST_MS, done.signal).then(() => undefined);
  try {
    const inTime = await Promise.race([reading, waiting]);
    return inTime ?? { attempt, readAt: deps.clock.now(), result: { kind: 'slow' } };
  } finally {
    done.abort();
  }
}

async function read(deps: ServiceDeps, attempt: PaymentAttempt): Promise<AttemptReading> {
  const options = { goal: 'read', actor: 'operator', waitMs: WAIT_MS, isScheduled: true } as const;
  const reconciled = await reconcileAttempt(deps, attempt.id, options);
  const readAt = deps.clock.now();
  if (!reconciled) {
    return { attempt, readAt, result: { kind: 'busy' } };
  }
  const observation = reconciled.observation ?? (await readOnly(deps, attempt));
  if (!observation || observation.kind === 'unknown' || observation.kind === 'unavailable') {
    return {
      attempt: reconciled.attempt,
      readAt,
      result: { kind: 'unreadable', reason: observation?.reason },
    };
  }
  const [payment, refunds] = await Promise.all([
    findPaymentOfAttempt(deps.db, attempt.id),
    listRefundsOfAttempt(deps.db, attempt.id),
  ]);
  const after = payment?.attempts.find(({ id }) => id === attempt.id) ?? reconciled.attempt;
  return {
    attempt: after,
    readAt,
    result: { kind: 'compared', fields: compareRecords(after, refunds, observation) },
  };
}

/** For an attempt that needed another call than a read. */
function readOnly(
  deps: ServiceDeps,
  { provider, providerMerchantId: merchantId, id: attemptId }: PaymentAttempt,
): Promise<PaymentObservation | undefined> {
  const codes = deps.providers.find(provider)?.codes;
  return codes ? codes.readPayment({ account: { merchantId }, attemptId }) : Promise.resolve(undefined);
}
