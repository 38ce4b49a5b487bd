/**
 * `pgw money check`: compares every attempt with the provider's record: what was captured, less what was refunded. Records
 * the refunds that the provider has made and the gateway does not know. Reports each difference that stays, and each payment
 * that is known only from a webhook; the workers or the operator resolve these.
 */
import type { PaymentAttempt } from '../../domain/payment.ts';
import type { Refund } from '../../domain/refunds/refund.ts';
import { listAttemptsAfter } from '../../store/payment-lists.ts';
import { findPaymentOfAttempt } from '../../store/payments.ts';
import { listRefundsOfAttempt } from '../../store/refunds/refunds.ts';
import type { ServiceDeps } from '../deps.ts';
import { runEach } from '../jobs/job.ts';
import { recordProviderRefunds } from '../refunds/record-provider-refunds.ts';
import { findOrphanedMoney, type OrphanedPayment } from './find-orphaned-money.ts';
import { describeMoney, heldOf, moneyIn, type PaymentMoney } from './held-money.ts';

export interface MoneyDifference {
  readonly attemptId: string;
  readonly intentId: string;
  readonly merchantId: string;
  /** According to our records. */
  readonly ours: string;
  /** According to the provider. */
  readonly theirs: string;
  /** The sum of the refunds that have succeeded, by our records. */
  readonly oursRefunded: number;
  /** The sum of the refunds that the provider has made, by its own record. */
  readonly theirsRefunded: number;
}

export interface MoneyCheck {
  readonly attempts: number;
  /** Number of attempts and webhooks whose payment could not be read from the provider. */
  readonly unreadable: number;
  /** Refunds that the provider has made, found by this check: those made in its own console, and ours that were pending. */
  readonly recordedRefunds: number;
  readonly differences: readonly MoneyDifference[];
  /** Payments that the provider announced but the gateway does not know. */
  readonly orphaned: readonly OrphanedPayment[];
}

const PAGE = 200;
const CONCURRENCY = 4;

/** Checks all attempts, oldest first, and then the inbox. */
export async function checkMoney(deps: ServiceDeps): Promise<MoneyCheck> {
  const differences: MoneyDifference[] = [];
  let attempts = 0;
  let unreadable = 0;
  let recordedRefunds = 0;
  for (let after = ''; ; ) {
    const page = await listAttemptsAfter(deps.db, after, PAGE);
    const last = page.at(-1);
    if (!last) {
      const { orphaned, failed } = await findOrphanedMoney(deps);
      return { attempts, unreadable: unreadable + failed, recordedRefunds, differences, orphaned };
    }
    after = last.id;
    attempts += page.length;
    const { failed } = await runEach(
      deps,
      'money check',
      page,
      { limit: PAGE, concurrency: CONCURRENCY },
      async (attempt) => {
        const found = await checkAttempt(deps, attempt);
        if (found === 'unreadable') {
          unreadable += 1;
          return true;
        }
        recordedRefunds += found.recorded;
        differences.push(...(found.difference ? [found.difference] : []));
        return true;
      },
    );
    unreadable += failed;
  }
}

/** What was found out about one attempt. */
interface Comparison {
  /** How many refunds of the provider's record were new. */
  readonly recorded: number;
  readonly difference: MoneyDifference | undefined;
}

/**
 * Compares an attempt, and once more if it differs: it may have changed between the read of the provider's record and that of
 * ours, and the refunds that the first comparison has recorded are counted in the second.
 */
async function checkAttempt(deps: ServiceDeps, attempt: PaymentAttempt): Promise<Comparison | 'unreadable'> {
  const first = await compare(deps, attempt);
  if (first === 'unreadable' || !first.difference) {
    return first;
  }
  const payment = await findPaymentOfAttempt(deps.db, attempt.id);
  const second = await compare(deps, payment?.attempts.find(({ id }) => id === attempt.id) ?? attempt);
  return second === 'unreadable' ? second : { ...second, recorded: first.recorded + second.recorded };
}

async function compare(deps: ServiceDeps, attempt: PaymentAttempt): Promise<Comparison | 'unreadable'> {
  const codes = deps.providers.find(attempt.provider)?.codes;
  if (!codes) {
    return 'unreadable';
  }
  const account = { merchantId: attempt.providerMerchantId };
  const observation = await codes.readPayment({ account, attemptId: attempt.id });
  if (observation.kind === 'unknown' || observation.kind === 'unavailable') {
    return 'unreadable';
  }
  const isPaid = attempt.status === 'succeeded';
  const recorded = isPaid ? await recordProviderRefunds(deps, attempt.id, observation) : 0;
  const refunds = isPaid ? await listRefundsOfAttempt(deps.db, attempt.id) : [];
  const ours: PaymentMoney = {
    captured: isPaid ? attempt.amount : 0,
    refunded: sumAmounts(refunds.filter(({ status }) => status === 'succeeded')),
    currency: attempt.currency,
  };
  const theirs = moneyIn(observation);
  const difference = isEqual(ours, theirs, refunds) ? undefined : differenceOf(attempt, ours, theirs);
  return { recorded, difference };
}

/** Money that the gateway is returning may be there or not. */
function isEqual(ours: PaymentMoney, theirs: PaymentMoney, refunds: readonly Refund[]): boolean {
  const returning = refunds.filter(({ origin, status }) => origin === 'gateway' && status === 'pending');
  const held = heldOf(theirs);
  return (
    held <= heldOf(ours) &&
    held >= heldOf(ours) - sumAmounts(returning) &&
    (held === 0 || theirs.currency === ours.currency)
  );
}

function differenceOf(
  { id: attemptId, intentId, merchantId }: PaymentAttempt,
  ours: PaymentMoney,
  theirs: PaymentMoney,
): MoneyDifference {
  return {
    attemptId,
    intentId,
    merchantId,
    ours: describeMoney(ours),
    theirs: describeMoney(theirs),
    oursRefunded: ours.refunded,
    theirsRefunded: theirs.refunded,
  };
}

function sumAmounts(refunds: readonly Refund[]): number {
  return refunds.reduce((sum, { money }) => sum + money.amount, 0);
}
