/**
 * Counts the payments of each minute for the plots of the console. A payment is created, and ends later: the last 45 minutes are
 * counted anew every minute, which is longer than most payments are open. Counts are removed after eight days.
 */
import {
  countPaymentMinutes,
  findLastCount,
  removePaymentMinutes,
} from '../../../store/operator/payment-minutes.ts';
import type { ServiceDeps } from '../../deps.ts';
import type { JobLimits, JobRun } from '../job.ts';

const MINUTE_MS = 60_000;
const COUNTED_MS = 45 * MINUTE_MS;
const RETENTION_MS = 8 * 24 * 60 * MINUTE_MS;

/** One bounded run. Several nodes count once a minute between them: the newest minute has the time at which it was counted. */
export async function countPayments({ db, clock }: ServiceDeps, { limit }: JobLimits): Promise<JobRun> {
  const now = clock.now();
  const to = new Date(Math.floor(now.getTime() / MINUTE_MS) * MINUTE_MS);
  const last = await findLastCount(db);
  if (last && last >= to && last <= now) {
    return { taken: 0, done: 0, failed: 0 };
  }
  const counted = await countPaymentMinutes(db, new Date(to.getTime() - COUNTED_MS), to, now);
  const removed = await removePaymentMinutes(db, new Date(now.getTime() - RETENTION_MS), limit);
  return { taken: removed, done: counted + removed, failed: 0 };
}
