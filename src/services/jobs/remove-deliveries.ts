/**
 * Removes deliveries 30 days after they were created, like their events. Also pending ones, whose event has been removed.
 */
import { firstIdAt } from '../../lib/ids.ts';
import { removeDeliveriesBelow } from '../../store/webhooks/delivery-queue.ts';
import type { ServiceDeps } from '../deps.ts';
import type { JobLimits, JobRun } from './job.ts';

const RETENTION_MS = 30 * 24 * 3_600_000;

export async function removeDeliveries(deps: ServiceDeps, { limit }: JobLimits): Promise<JobRun> {
  const oldest = new Date(deps.clock.now().getTime() - RETENTION_MS);
  const removed = await removeDeliveriesBelow(deps.db, firstIdAt('wd', oldest), limit);
  return { taken: removed, done: removed, failed: 0 };
}
