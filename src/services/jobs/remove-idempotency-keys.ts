/**
 * Removes idempotency keys that have expired after 24 hours.
 */
import { removeExpiredKeys } from '../../store/idempotency-keys.ts';
import type { ServiceDeps } from '../deps.ts';
import type { JobLimits, JobRun } from './job.ts';

/** One bounded run. */
export async function removeIdempotencyKeys(deps: ServiceDeps, limits: JobLimits): Promise<JobRun> {
  const removed = await removeExpiredKeys(deps.db, deps.clock.now(), limits.limit);
  return { taken: removed, done: removed, failed: 0 };
}
