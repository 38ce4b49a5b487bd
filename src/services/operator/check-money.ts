/**
 * `pgw money check`: compares every attempt with the provider's record: what was captured, less what was refunded. Records
 * the refunds that the provider has made and the gateway does not know. Reports each difference that stays, and each payment
 * that is known only from a webhook; the workers or the operator resolve these.
 */
import type { PaymentAttempt } from '../../domain/payment.ts';
import { findPaymentOfAttempt } from '../../store/payments.ts';
import { listRefundsOfAttempt } from '../../store/refunds/refunds.ts';
import type { ServiceDeps } from '../deps.ts';
import { runEach } from '../jobs/job.ts';
import { recordProviderRefunds } from '../refunds/record-provider-refunds.ts';
import { findOrphanedMoney, type OrphanedPayment } from './find-orphaned-money.ts';
import { describeMoney, isSameMoney, moneyIn, ourMoney, type PaymentMoney } from './held-money.ts';
import { ATTEMPTS_PAGE, type AttemptScope, eachAttemptPage } from './payments/each-attempt-page.ts';

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

/** How far a check has come. */
export interface MoneyProgress {
  readonly attempts: number;
  /** Attempts are checked in the order in which they began; this is when the latest did. */
  readonly reached: Date;
}

const CONCURRENCY = 4;

/**
 * Checks the attempts, oldest first, and then the inbox. The inbox does not name merchants, so it is not checked for a single one.
 * @param report called from time to time
 */
export async function checkMoney(
  deps: ServiceDeps,
  scope: AttemptScope = {},
  report: (progress: MoneyProgress) => void = () => undefined,
): Promise<MoneyCheck> {
  const differences: MoneyDifference[] = [];
  let attempts = 0;
  let unreadable = 0;
  let recordedRefunds = 0;
  const check = async (attempt: PaymentAttempt) => {
    const found = await checkAttempt(deps, attempt);
    attempts += 1;
    report({ attempts, reached: attempt.createdAt });
    if (found === 'unreadable') {
      unreadable += 1;
      return true;
    }
    recordedRefunds += found.recorded;
    differences.push(...(found.difference ? [found.difference] : []));
    return true;
  };
  for await (const page of eachAttemptPage(deps.db, scope)) {
    const limits = { limit: ATTEMPTS_PAGE, concurrency: CONCURRENCY };
    const { failed } = await runEach(deps, 'money check', page, limits, check);
    attempts += failed;
    unreadable += failed;
  }
  const isWhole = scope.merchantId === undefined;
  const { orphaned, failed } = isWhole ? await findOrphanedMoney(deps) : { orphaned: [], failed: 0 };
  return { attempts, unreadable: unreadable + failed, recordedRefunds, differences, orphaned };
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
  const ours = ourMoney(attempt, refunds);
  const theirs = moneyIn(observation);
  const difference = isSameMoney(ours, theirs, refunds) ? undefined : differenceOf(attempt, ours, theirs);
  return { recorded, difference };
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
