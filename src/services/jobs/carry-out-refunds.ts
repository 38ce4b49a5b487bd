/**
 * Carries out refunds whose next try is due: those that merchants requested, and those by which the gateway returns money that
 * no intent can take.
 */
import { claimDueRefunds } from '../../store/refunds/refund-queue.ts';
import type { ServiceDeps } from '../deps.ts';
import { leaseEnd } from '../lease.ts';
import { requestRefund } from '../refunds/request-refund.ts';
import { returnMoney } from '../refunds/return-money.ts';
import { type JobLimits, type JobRun, runEach } from './job.ts';

/** A try takes a few calls, each with its own timeout. No other process may begin one meanwhile. */
const LONGEST_TRY_MS = 150_000;

export async function carryOutRefunds(deps: ServiceDeps, limits: JobLimits): Promise<JobRun> {
  const now = deps.clock.now();
  const claimUntil = new Date(leaseEnd(now).getTime() + LONGEST_TRY_MS);
  const due = await claimDueRefunds(deps.db, now, claimUntil, limits.limit);
  const run = await runEach(deps, 'refunds', due, limits, (refund) =>
    refund.origin === 'gateway' ? returnMoney(deps, refund) : requestRefund(deps, refund),
  );
  if (run.done > 0) {
    // A run takes one refund of a payment at a time, so another may be due.
    deps.wake('refunds');
  }
  return run;
}
