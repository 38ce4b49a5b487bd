/**
 * One POST of one webhook, and how often PayPay tries. Waits on the sandbox's clock, so that a test decides when a
 * time-out strikes. Which webhook goes when is decided in webhooks.ts.
 */
import { createHmac } from 'node:crypto';
import { type Dispatcher, request } from 'undici';
import type { Clock } from '../../lib/clock.ts';
import type { WebhookProfile } from '../core/options.ts';

/** One try and what came of it. PayPay counts HTTP 200 alone as success. */
export interface WebhookAttempt {
  readonly at: string;
  readonly outcome: 'delivered' | 'refused' | 'timed_out' | 'unreachable';
  readonly httpStatus?: number;
}

export interface RetryProfile {
  readonly timeoutMs: number;
  readonly retries: number;
  readonly intervalMs: number;
}

/** The two retry rows of PayPay's FAQ on webhook delivery; which one is for Transaction could not be established. */
export const RETRY_PROFILES: Readonly<Record<WebhookProfile, RetryProfile>> = {
  short: { timeoutMs: 2_000, retries: 3, intervalMs: 100 },
  long: { timeoutMs: 1_500, retries: 10, intervalMs: 500 },
};

export interface DeliveryDeps {
  readonly clock: Clock;
  readonly dispatcher: Dispatcher;
  /** Aborted when the sandbox closes. */
  readonly closing: AbortSignal;
}

/** `X-PayPay-Signature`: hex HMAC-SHA256 of the raw body. An addition of this sandbox; real PayPay does not sign. */
export function signWebhook(secret: string, body: string): string {
  return createHmac('sha256', secret).update(body).digest('hex');
}

/** Posts once. Never rejects: everything that can go wrong is an outcome. */
export async function postWebhook(
  deps: DeliveryDeps,
  message: { url: string; body: string; secret: string | undefined },
  timeoutMs: number,
): Promise<WebhookAttempt> {
  const at = deps.clock.now().toISOString();
  const answered = new AbortController();
  const timedOut = new AbortController();
  const timer = deps.clock
    .sleep(timeoutMs, AbortSignal.any([answered.signal, deps.closing]))
    .then(() => timedOut.abort());
  try {
    const response = await request(message.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(message.secret !== undefined && {
          'x-paypay-signature': signWebhook(message.secret, message.body),
        }),
      },
      body: message.body,
      dispatcher: deps.dispatcher,
      signal: AbortSignal.any([timedOut.signal, deps.closing]),
    });
    await response.body.dump();
    const outcome = response.statusCode === 200 ? 'delivered' : 'refused';
    return { at, outcome, httpStatus: response.statusCode };
  } catch {
    return { at, outcome: timedOut.signal.aborted ? 'timed_out' : 'unreachable' };
  } finally {
    answered.abort();
    await timer;
  }
}
