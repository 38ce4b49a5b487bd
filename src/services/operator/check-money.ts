/**
 * `pgw money check`: compares every attempt with the provider's record. Reports each difference, and each payment that is
 * known only from a webhook. Changes nothing; the workers or the operator resolve differences.
 */
import type { PaymentAttempt } from '../../domain/payment.ts';
import type { Refund } from '../../domain/refunds/refund.ts';
import { listAttemptsAfter } from '../../store/payment-lists.ts';
import { listRefundsOfAttempt } from '../../store/refunds/refunds.ts';
import type { ServiceDeps } from '../deps.ts';
import { runEach } from '../jobs/job.ts';
import { findOrphanedMoney, type OrphanedPayment } from './find-orphaned-money.ts';
import { describeAmount, describeHeld, NOTHING_HELD } from './held-money.ts';

export interface MoneyDifference {
  readonly attemptId: string;
  readonly intentId: string;
  readonly merchantId: string;
  /** According to our records. */
  readonly ours: string;
  /** According to the provider. */
  readonly theirs: string;
}

export interface MoneyCheck {
  readonly attempts: number;
  /** Number of attempts and webhooks whose payment could not be read from the provider. */
  readonly unreadable: number;
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
  for (let after = ''; ; ) {
    const page = await listAttemptsAfter(deps.db, after, PAGE);
    const last = page.at(-1);
    if (!last) {
      const { orphaned, failed } = await findOrphanedMoney(deps);
      return { attempts, unreadable: unreadable + failed, differences, orphaned };
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
        } else if (found) {
          differences.push(found);
        }
        return true;
      },
    );
    unreadable += failed;
  }
}

async function checkAttempt(
  deps: ServiceDeps,
  attempt: PaymentAttempt,
): Promise<MoneyDifference | 'unreadable' | undefined> {
  const codes = deps.providers.find(attempt.provider)?.codes;
  if (!codes) {
    return 'unreadable';
  }
  const account = { merchantId: attempt.providerMerchantId };
  const observation = await codes.readPayment({ account, attemptId: attempt.id });
  if (observation.kind === 'unknown' || observation.kind === 'unavailable') {
    return 'unreadable';
  }
  const ours = describeOurs(attempt, await listRefundsOfAttempt(deps.db, attempt.id));
  const theirs = describeHeld(observation);
  if (ours === theirs) {
    return undefined;
  }
  const { id: attemptId, intentId, merchantId } = attempt;
  return { attemptId, intentId, merchantId, ours, theirs };
}

/** How much of the attempt's money the provider should hold. */
function describeOurs(attempt: PaymentAttempt, refunds: readonly Refund[]): string {
  if (attempt.status !== 'succeeded') {
    return NOTHING_HELD;
  }
  const returned = refunds
    .filter(({ status }) => status === 'succeeded')
    .reduce((sum, { money }) => sum + money.amount, 0);
  const held = attempt.amount - returned;
  return held > 0 ? describeAmount(held, attempt.currency) : NOTHING_HELD;
}
