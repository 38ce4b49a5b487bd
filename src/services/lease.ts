/**
 * Leases: keep two processes from working on the same thing at the same time while it takes calls to a provider. A lease
 * is short and renewed during the work, so that after a crash another process continues within seconds.
 */
import type { Clock } from '../lib/clock.ts';

/** How long a lease outlives its last renewal, which bounds the delay after a crash. */
const LEASE_MS = 3_000;
const RENEW_EVERY_MS = 1_000;

/** Runs `work` while renewing the lease periodically; `renew` gets the new end of the lease. */
export async function whileRenewing<T>(
  clock: Clock,
  renew: (until: Date) => Promise<unknown>,
  work: () => Promise<T>,
): Promise<T> {
  const done = new AbortController();
  const renewing = renewUntil(done.signal, clock, renew);
  try {
    return await work();
  } finally {
    done.abort();
    await renewing;
  }
}

async function renewUntil(
  done: AbortSignal,
  clock: Clock,
  renew: (until: Date) => Promise<unknown>,
): Promise<void> {
  while (!done.aborted) {
    await clock.sleep(RENEW_EVERY_MS, done);
    // After a failed renewal the lease only ends early, which every holder must tolerate anyway.
    if (!done.aborted) {
      await renew(leaseEnd(clock.now())).catch(() => undefined);
    }
  }
}

let leases = 0;

/** A name for one lease. Includes a count, so that a process does not confuse two leases of its own. */
export function newLeaseHolder(processName: string): string {
  leases += 1;
  return `${processName}/${leases}`;
}

/** When a lease taken or renewed at `now` ends. */
export function leaseEnd(now: Date): Date {
  return new Date(now.getTime() + LEASE_MS);
}
