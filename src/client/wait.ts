/**
 * Waiting for the end of a payment by looking, for servers that no webhook reaches.
 */
import type { components } from '../../generated/openapi.d.ts';
import type { Clock } from '../clock.ts';
import { PgwWaitError } from './errors.ts';
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

const ENDS: ReadonlySet<PaymentIntent['status']> = new Set(['succeeded', 'cancelled', 'expired']);

/**
 * @param look retrieves the PaymentIntent
 * @throws PgwWaitError when the time is over
 */
export async function waitForEnd(
  look: () => Promise<PaymentIntent>,
  { timeoutMs = Number.POSITIVE_INFINITY, intervalMs = INTERVAL_MS, onChange, signal }: WaitOptions,
  clock: Clock,
): Promise<PaymentIntent> {
  const startedAt = clock.now().getTime();
  let status: PaymentIntent['status'] | undefined;
  while (true) {
    const intent = await look();
    if (intent.status !== status) onChange?.(intent);
    status = intent.status;
    if (ENDS.has(intent.status)) return intent;
    const waitedMs = clock.now().getTime() - startedAt;
    if (waitedMs >= timeoutMs) throw new PgwWaitError(intent);
    const pauseMs = waitedMs > SLOWER_AFTER_MS ? intervalMs * SLOWER : intervalMs;
    await clock.sleep(Math.min(pauseMs, timeoutMs - waitedMs), signal);
    signal?.throwIfAborted();
  }
}
