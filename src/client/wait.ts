/**
 * Waiting for the end of a payment by looking, for servers that no webhook reaches.
 */
import type { components } from '../../generated/openapi.d.ts';
import type { Clock } from '../clock.ts';
import { PgwConnectionError, PgwError, PgwWaitError } from './errors.ts';
import type { CallOptions } from './options.ts';

type PaymentIntent = components['schemas']['PaymentIntent'];

export interface WaitOptions extends CallOptions {
  /** When to give up, in milliseconds; absent: not before the PaymentIntent ends. */
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

/**
 * @param look retrieves the PaymentIntent
 * @throws PgwWaitError when the time is over; what `look` throws, when it will not pass by itself
 */
export async function waitForEnd(
  look: () => Promise<PaymentIntent>,
  { timeoutMs = Number.POSITIVE_INFINITY, intervalMs = INTERVAL_MS, onChange, signal }: WaitOptions,
  clock: Clock,
): Promise<PaymentIntent> {
  const startedAt = clock.now().getTime();
  let status: PaymentIntent['status'] | undefined;
  let seenMs = 0;
  while (true) {
    const seen = await look().catch((error: unknown) => ({ error }));
    const waitedMs = clock.now().getTime() - startedAt;
    if ('error' in seen) {
      if (!mayPass(seen.error) || waitedMs >= timeoutMs || waitedMs - seenMs >= OUTAGE_MS) throw seen.error;
    } else {
      if (seen.status !== status) onChange?.(seen);
      ({ status } = seen);
      if (ENDS.has(seen.status)) return seen;
      if (waitedMs >= timeoutMs) throw new PgwWaitError(seen);
      seenMs = waitedMs;
    }
    const pauseMs = waitedMs > SLOWER_AFTER_MS ? intervalMs * SLOWER : intervalMs;
    await clock.sleep(Math.min(pauseMs, timeoutMs - waitedMs), signal);
    signal?.throwIfAborted();
  }
}

/** Every look was already repeated a few times. */
function mayPass(error: unknown): boolean {
  return (
    error instanceof PgwConnectionError ||
    (error instanceof PgwError && (error.status === 429 || error.status >= 500))
  );
}
