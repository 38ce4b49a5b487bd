/**
 * Removes events after 30 days, a day at a time.
 */
import { utcDateOf } from '../../lib/date-time.ts';
import { inTransaction } from '../../store/db/query.ts';
import { listDaysBefore, removeDay } from '../../store/events/partitions.ts';
import { claimSequencer, saveRemoved } from '../../store/events/sequencer.ts';
import type { ServiceDeps } from '../deps.ts';
import { EVENT_RETENTION_MS } from '../events/retention.ts';
import type { JobLimits, JobRun } from './job.ts';

/** One bounded run. */
export async function removeEvents(deps: ServiceDeps, { limit }: JobLimits): Promise<JobRun> {
  const oldest = new Date(deps.clock.now().getTime() - EVENT_RETENTION_MS);
  const days = await listDaysBefore(deps.db, utcDateOf(oldest));
  let done = 0;
  for (const day of days.slice(0, limit)) {
    const isRemoved = await inTransaction(deps.db, async (trx) => {
      // The sequencer's lock keeps two processes from removing the same day, and events from being added to it.
      if (!(await claimSequencer(trx))) {
        return false;
      }
      await saveRemoved(trx, await removeDay(trx, day));
      return true;
    });
    done += isRemoved ? 1 : 0;
  }
  return { taken: done, done, failed: 0 };
}
