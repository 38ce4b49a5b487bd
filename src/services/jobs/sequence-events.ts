/**
 * The sequencer: numbers the events of transactions that have ended. One process at a time does it; without anything to
 * number, a run is one read.
 */
import { inTransaction } from '../../store/db/query.ts';
import { hasUnnumberedEvents } from '../../store/events/sequencer.ts';
import { notifyEvents } from '../../store/payment-changes.ts';
import type { ServiceDeps } from '../deps.ts';
import { type NumberingRun, numberEvents } from '../events/number-events.ts';
import type { JobLimits, JobRun } from './job.ts';

/** One bounded run. */
export async function sequenceEvents(deps: ServiceDeps, { limit }: JobLimits): Promise<JobRun> {
  if (!(await hasUnnumberedEvents(deps.db))) {
    return { taken: 0, done: 0, failed: 0 };
  }
  const run = await inTransaction(deps.db, (trx) => numberEvents(trx, deps.clock.now(), limit));
  await announce(deps, run);
  return { taken: run.taken, done: run.taken, failed: 0 };
}

/** Best effort: followers and the delivery worker also check by themselves, a little later. */
async function announce(deps: ServiceDeps, { events, deliveries }: NumberingRun): Promise<void> {
  for (const { type } of events) {
    deps.metrics.eventNumbered(type);
  }
  if (deliveries > 0) {
    deps.wake('deliveries');
  }
  if (events.length > 0) {
    const merchantIds = [...new Set(events.map(({ merchantId }) => merchantId))];
    await notifyEvents(deps.db, merchantIds).catch((err: unknown) =>
      deps.log.warn({ err }, 'new events were not announced; their readers are delayed'),
    );
  }
}
