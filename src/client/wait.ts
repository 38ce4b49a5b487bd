/**
 * Waits for the end of a payment by polling, for servers that webhooks cannot reach.
 */
import type { components } from '../../generated/openapi.d.ts';
import { type Clock, monotonicMs } from '../lib/clock.ts';
import { startDeadline } from './deadline.ts';
import { isTransient, PgwConnectionError, PgwWaitError } from './errors.ts';
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
/** After a minute a faster reaction matters less than the load of polling. */
const SLOWDOWN_AFTER_MS = 60_000;
const SLOWDOWN = 3;
/** An outage that is longer than this is not a restart of the gateway and ends the wait. */
const MAX_OUTAGE_MS = 60_000;

const TERMINAL: ReadonlySet<PaymentIntent['status']> = new Set(['succeeded', 'cancelled', 'expired']);

export interface Poll {
  /** The path that is polled, for error messages. */
  readonly path: string;
  /** Retrieves the PaymentIntent; the signal aborts this. */
  read(signal: AbortSignal): Promise<PaymentIntent>;
}

/**
 * @throws PgwWaitError when the time is up and some poll has returned the PaymentIntent; otherwise the error of the
 * last poll, which is PgwConnectionError if there was no response. An error that is not transient is thrown at once.
 */
export async function waitForEnd(
  poll: Poll,
  { timeoutMs = Number.POSITIVE_INFINITY, intervalMs = INTERVAL_MS, onChange, signal }: WaitOptions,
  clock: Clock,
): Promise<PaymentIntent> {
  const startedAt = monotonicMs(clock);
  let last: PaymentIntent | undefined;
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
        throw last ? new PgwWaitError(last) : seen.error;
      }
      if (waitedMs - lastSeenMs >= MAX_OUTAGE_MS) {
        throw seen.error;
      }
    } else {
      if (seen.status !== last?.status) {
        onChange?.(seen);
      }
      last = seen;
      if (TERMINAL.has(seen.status)) {
        return seen;
      }
      if (isOver) {
        throw new PgwWaitError(seen);
      }
      lastSeenMs = waitedMs;
    }
    const pauseMs = waitedMs > SLOWDOWN_AFTER_MS ? intervalMs * SLOWDOWN : intervalMs;
    await clock.sleep(Math.min(pauseMs, timeoutMs - waitedMs), signal);
    signal?.throwIfAborted();
    waitedMs = monotonicMs(clock) - startedAt;
  }
}

/** One poll with its retries. When `durationMs` is up it is aborted and counts as one without a response. */
async function pollFor(
  durationMs: number,
  { path, read }: Poll,
  signal: AbortSignal | undefined,
): Promise<PaymentIntent | { error: unknown; isTimedOut?: true }> {
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
