/**
 * Removes the record of calls to providers: of each attempt and refund 90 days after the first call, by which time a payment
 * has hardly any questions left, and of each minute after 8 days, a week and the day before it.
 */
import { removeProviderCalls, removeProviderMinutes } from '../../store/provider-calls/provider-calls.ts';
import type { ServiceDeps } from '../deps.ts';
import type { JobLimits, JobRun } from './job.ts';

const DAY_MS = 24 * 3_600_000;
const KEEP_CALLS_MS = 90 * DAY_MS;
const KEEP_MINUTES_MS = 8 * DAY_MS;

/** One bounded run. */
export async function removeOldProviderCalls(
  { db, clock }: ServiceDeps,
  { limit }: JobLimits,
): Promise<JobRun> {
  const nowMs = clock.now().getTime();
  const calls = await removeProviderCalls(db, new Date(nowMs - KEEP_CALLS_MS), limit);
  const minutes = await removeProviderMinutes(db, new Date(nowMs - KEEP_MINUTES_MS), limit);
  const removed = Math.max(calls, minutes);
  return { taken: removed, done: removed, failed: 0 };
}
