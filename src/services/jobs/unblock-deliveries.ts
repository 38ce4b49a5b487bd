/**
 * Finds deliveries that stay blocked although the one they waited for has ended, because a process died before it could
 * unblock them. Each run goes on where the last one ended.
 */
import { type OrderedObject, unblockObjects } from '../../store/webhooks/delivery-order.ts';
import type { ServiceDeps } from '../deps.ts';
import type { JobLimits, JobRun } from './job.ts';

/** @returns the job; one run of it reads the first deliveries of `limit` objects */
export function createUnblocking(): (deps: ServiceDeps, limits: JobLimits) => Promise<JobRun> {
  let after: OrderedObject | undefined;
  return async ({ db, wake }, { limit }) => {
    const { unblocked, last } = await unblockObjects(db, after, limit);
    after = last;
    if (unblocked > 0) {
      wake('deliveries');
    }
    return { taken: unblocked, done: unblocked, failed: 0 };
  };
}
