/**
 * Runs work on an attempt under its lease, so that two requests do not call the provider for the same code.
 */
import { monotonicMs } from '../../lib/clock.ts';
import { releaseAttemptLease, takeAttemptLease } from '../../store/attempt-queue.ts';
import type { ServiceDeps } from '../deps.ts';
import { leaseEnd, newLeaseHolder, whileRenewing } from '../lease.ts';

/** Pause between two tries to take a lease that another request holds. */
const RETRY_EVERY_MS = 50;

/**
 * Runs `work` under the attempt's lease.
 * @param waitMs how long to wait for the present holder
 * @returns undefined when the lease was not available in that time; `work` has then not run
 */
export async function withAttemptLease<T>(
  deps: ServiceDeps,
  attemptId: string,
  waitMs: number,
  work: () => Promise<T>,
): Promise<T | undefined> {
  const holder = newLeaseHolder(deps.holder);
  if (!(await takeWithin(deps, attemptId, holder, waitMs))) {
    return undefined;
  }
  try {
    const renew = (until: Date) => takeAttemptLease(deps.db, attemptId, holder, deps.clock.now(), until);
    return await whileRenewing(deps.clock, renew, work);
  } finally {
    await releaseAttemptLease(deps.db, attemptId, holder).catch((err: unknown) =>
      deps.log.warn({ err, attemptId }, 'an attempt lease was not released; it expires by itself'),
    );
  }
}

async function takeWithin(
  deps: ServiceDeps,
  attemptId: string,
  holder: string,
  waitMs: number,
): Promise<boolean> {
  const giveUpAt = monotonicMs(deps.clock) + waitMs;
  for (;;) {
    const now = deps.clock.now();
    if (await takeAttemptLease(deps.db, attemptId, holder, now, leaseEnd(now))) {
      return true;
    }
    if (monotonicMs(deps.clock) >= giveUpAt) {
      return false;
    }
    await deps.clock.sleep(RETRY_EVERY_MS);
  }
}
