/**
 * Removes webhooks from the inbox 30 days after they were processed. By then the provider no longer redelivers them, and
 * questions about a payment have usually come up. Unprocessed and orphaned webhooks are kept.
 */
import { removeProcessedWebhooks } from '../../store/provider-webhooks.ts';
import type { ServiceDeps } from '../deps.ts';
import type { JobLimits, JobRun } from './job.ts';

const RETENTION_MS = 30 * 24 * 3_600_000;

/** One bounded run. */
export async function removeProviderWebhooks(deps: ServiceDeps, limits: JobLimits): Promise<JobRun> {
  const processedBefore = new Date(deps.clock.now().getTime() - RETENTION_MS);
  const removed = await removeProcessedWebhooks(deps.db, processedBefore, limits.limit);
  return { taken: removed, done: removed, failed: 0 };
}
