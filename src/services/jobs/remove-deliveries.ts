/**
 * Removes deliveries 30 days after they were created, even pending ones, because their events are removed then too.
 */
import { firstIdAt } from '../../lib/ids.ts';
import { removeDeliveriesBelow } from '../../store/webhooks/delivery-outcomes.ts';
import type { ServiceDeps } from '../deps.ts';
import { EVENT_RETENTION_MS } from '../events/retention.ts';
import type { JobLimits, JobRun } from './job.ts';

/** One bounded run. */
export async function removeDeliveries(deps: ServiceDeps, { limit }: JobLimits): Promise<JobRun> {
  const oldest = new Date(deps.clock.now().getTime() - EVENT_RETENTION_MS);
  const removed = await removeDeliveriesBelow(deps.db, firstIdAt('wd', oldest), limit);
  return { taken: removed, done: removed, failed: 0 };
}
