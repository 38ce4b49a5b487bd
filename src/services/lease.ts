/**
 * Leases: who is at work on something that takes a call to the outside, so that two do not do it at once. A lease is
 * short and renewed while the work goes on; when a process dies, others go on in seconds.
 */
import type { Clock } from '../lib/clock.ts';

/** How long a lease outlives its last renewal: the longest that a crash holds anything up. */
export const LEASE_MS = 3_000;
const RENEW_EVERY_MS = 1_000;

/** Runs `work` while renewing the lease every now and then; `renew` gets the moment until which to hold it. */
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
    // A renewal that fails only lets the lease run out early, which every holder must survive anyway.
    if (!done.aborted) {
      await renew(leaseEnd(clock.now())).catch(() => undefined);
    }
  }
}

let leases = 0;

/** A name for one lease: the process and a count, so that a process does not mistake its other work for its own lease. */
export function newLeaseHolder(processName: string): string {
  leases += 1;
  return `${processName}/${leases}`;
}

/** Until when a lease taken or renewed at `now` holds. */
export function leaseEnd(now: Date): Date {
  return new Date(now.getTime() + LEASE_MS);
}
