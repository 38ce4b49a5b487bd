/**
 * Waits for the end of a payment or of a refund by polling, for servers that webhooks cannot reach.
 */
import type { components } from '../../generated/openapi.d.ts';
import { type Clock, monotonicMs } from '../lib/clock.ts';
import { startDeadline } from './deadline.ts';
import { isTransient, PgwConnectionError } from './errors.ts';
import type { CallOptions } from './options.ts';

type PaymentIntent = components['schemas']['PaymentIntent'];

export interface WaitOptions extends CallOptions {
  /**
   * When to give up, in milliseconds; by default not before the PaymentIntent ends. The last poll starts at this time
   * at the latest and may take another `intervalMs`.
   */
  readonly timeoutMs?: number;
  /** Pause between polls; 1,000 ms by default. Three times as long after the first minute. */
  readonly intervalMs?: number;
  /** Called with each new status. */
  readonly onChange?: (intent: PaymentIntent) => void;
}

const INTERVAL_MS = 1_000;
/** An outage that is longer than this is not a restart of the gateway and ends the wait. */
const MAX_OUTAGE_MS = 60_000;

/** What is waited for: an object of the API that ends. */
export interface Poll<T> {
  /** The path that is polled, for error messages. */
  readonly path: string;
  /** Retrieves the object; the signal aborts this. */
  read(signal: AbortSignal): Promise<T>;
  hasEnded(seen: T): boolean;
  /** The pause before the next poll. */
  pauseMs(intervalMs: number, waitedMs: number): number;
  /** The error when the time is up. */
  timedOut(last: T): Error;
}

interface Times<T> extends CallOptions {
  readonly timeoutMs?: number;
  readonly intervalMs?: number;
  readonly onChange?: (seen: T) => void;
}

/**
 * @throws `poll.timedOut` when the time is up and some poll has returned the object; otherwise the error of the last poll,
 * which is PgwConnectionError if there was no response. An error that is not transient is thrown at once.
 */
export async function waitForEnd<T extends { readonly status: string }>(
  poll: Poll<T>,
  { timeoutMs = Number.POSITIVE_INFINITY, intervalMs = INTERVAL_MS, onChange, signal }: Times<T>,
  clock: Clock,
): Promise<T> {
  const startedAt = monotonicMs(clock);
  let last: T | undefined;
  let lastSeenMs = 0;
  let waitedMs = 0;
  while (true) {
    const seen = await pollFor(Math.max(timeoutMs - waitedMs, intervalMs), poll, signal);
    waitedMs = monotonicMs(clock) - startedAt;
    const isOver = 'isTimedOut' in seen || waitedMs >= timeoutMs;
    if ('error' in seen) {
      if (!isTransient(seen.error)) {
        throw seen.error;
      }
      if (isOver) {
        throw last ? poll.timedOut(last) : seen.error;
      }
      if (waitedMs - lastSeenMs >= MAX_OUTAGE_MS) {
        throw seen.error;
      }
    } else {
      if (seen.status !== last?.status) {
        onChange?.(seen);
      }
      last = seen;
      if (poll.hasEnded(seen)) {
        return seen;
      }
      if (isOver) {
        throw poll.timedOut(seen);
      }
      lastSeenMs = waitedMs;
    }
    const pauseMs = Math.min(poll.pauseMs(intervalMs, waitedMs), timeoutMs - waitedMs);
    await clock.sleep(pauseMs, signal);
    signal?.throwIfAborted();
    waitedMs = monotonicMs(clock) - startedAt;
  }
}

/** One poll with its retries. When `durationMs` is up it is aborted and counts as one without a response. */
async function pollFor<T>(
  durationMs: number,
  { path, read }: Poll<T>,
  signal: AbortSignal | undefined,
): Promise<T | { error: unknown; isTimedOut?: true }> {
  const deadline = startDeadline(durationMs, signal);
  try {
    return await read(deadline.signal);
  } catch (error) {
    signal?.throwIfAborted();
    if (!deadline.isOver()) {
      return { error };
    }
    return { error: new PgwConnectionError('GET', path, error), isTimedOut: true };
  } finally {
    deadline.end();
  }
}
