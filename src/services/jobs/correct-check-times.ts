/**
 * Corrects checks that were scheduled by a clock that was ahead: without it, such an attempt would not be read until that
 * time. Apart from the poller, because it is needed only after a clock was wrong, and the poller runs twice a second.
 */
import { makeLateChecksDue } from '../../store/attempt-queue.ts';
import type { ServiceDeps } from '../deps.ts';
import type { JobLimits, JobRun } from './job.ts';

/** One bounded run. */
export async function correctCheckTimes(deps: ServiceDeps, limits: JobLimits): Promise<JobRun> {
  const corrected = await makeLateChecksDue(deps.db, deps.clock.now(), limits.limit);
  if (corrected > 0) {
    deps.log.warn({ corrected }, 'checks of attempts were scheduled too far ahead; they are due now');
  }
  return { taken: corrected, done: corrected, failed: 0 };
}
