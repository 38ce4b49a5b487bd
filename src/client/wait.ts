/**
 * Waiting for the end of a payment by looking, for servers that no webhook reaches.
 */
import type { components } from '../../generated/openapi.d.ts';
import type { Clock } from '../lib/clock.ts';
import { startDeadline } from './deadline.ts';
import { PgwConnectionError, PgwError, PgwWaitError } from './errors.ts';
import type { CallOptions } from './options.ts';

type PaymentIntent = components['schemas']['PaymentIntent'];

export interface WaitOptions extends CallOptions {
  /**
   * When to give up, in milliseconds; absent: not before the PaymentIntent ends. A look begins then at the latest, and may
   * take another `intervalMs`.
   */
  readonly timeoutMs?: number;
  /** Between two looks; 1,000 ms by default, and more when it takes long. */
  readonly intervalMs?: number;
  /** Sees each change of status on the way. */
  readonly onChange?: (intent: PaymentIntent) => void;
}

const INTERVAL_MS = 1_000;
/** Who has waited for a minute does not mind three seconds. */
const SLOWER_AFTER_MS = 60_000;
const SLOWER = 3;
/** A gateway that cannot be asked for longer than this is more than a restart. */
const OUTAGE_MS = 60_000;

const ENDS: ReadonlySet<PaymentIntent['status']> = new Set(['succeeded', 'cancelled', 'expired']);

export interface Poll {
  /** What is looked at. */
  readonly path: string;
  /** Retrieves the PaymentIntent; the signal ends that. */
  read(signal: AbortSignal): Promise<PaymentIntent>;
}

/**
 * @throws PgwWaitError when the time is over and the PaymentIntent was seen; what the last look met, PgwConnectionError
 * when it was nothing, when it was not; what `look` throws, when it will not pass by itself
 */
export async function waitForEnd(
  poll: Poll,
  { timeoutMs = Number.POSITIVE_INFINITY, intervalMs = INTERVAL_MS, onChange, signal }: WaitOptions,
  clock: Clock,
): Promise<PaymentIntent> {
  const startedAt = clock.now().getTime();
  let last: PaymentIntent | undefined;
  let seenMs = 0;
  let waitedMs = 0;
  while (true) {
    const seen = await pollFor(Math.max(timeoutMs - waitedMs, intervalMs), poll, signal);
    waitedMs = clock.now().getTime() - startedAt;
    const isOver = 'isCut' in seen || waitedMs >= timeoutMs;
    if ('error' in seen) {
      if (!mayRecover(seen.error)) {
        throw seen.error;
      }
      if (isOver) {
        throw last ? new PgwWaitError(last) : seen.error;
      }
      if (waitedMs - seenMs >= OUTAGE_MS) {
        throw seen.error;
      }
    } else {
      if (seen.status !== last?.status) {
        onChange?.(seen);
      }
      last = seen;
      if (ENDS.has(seen.status)) {
        return seen;
      }
      if (isOver) {
        throw new PgwWaitError(seen);
      }
      seenMs = waitedMs;
    }
    const pauseMs = waitedMs > SLOWER_AFTER_MS ? intervalMs * SLOWER : intervalMs;
    await clock.sleep(Math.min(pauseMs, timeoutMs - waitedMs), signal);
    signal?.throwIfAborted();
    waitedMs = clock.now().getTime() - startedAt;
  }
}

/** One look, with all its tries; cut when its time is over, and then it is one that got no answer. */
async function pollFor(
  durationMs: number,
  { path, read }: Poll,
  signal: AbortSignal | undefined,
): Promise<PaymentIntent | { error: unknown; isCut?: true }> {
  const deadline = startDeadline(durationMs, signal);
  try {
    return await read(deadline.signal);
  } catch (error) {
    signal?.throwIfAborted();
    if (!deadline.isOver()) {
      return { error };
    }
    return { error: new PgwConnectionError('GET', path, error), isCut: true };
  } finally {
    deadline.end();
  }
}

/** Every look was already repeated a few times. */
function mayRecover(error: unknown): boolean {
  return (
    error instanceof PgwConnectionError ||
    (error instanceof PgwError && (error.status === 429 || error.status >= 500))
  );
}
