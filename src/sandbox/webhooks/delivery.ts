/**
 * One delivery attempt of one webhook, and PayPay's retry policies. Timeouts run on the sandbox's clock, so that a test
 * decides when they expire. Which webhook is sent when is decided in webhooks.ts.
 */
import { createHmac } from 'node:crypto';
import { type Dispatcher, request } from 'undici';
import type { Clock } from '../../lib/clock.ts';
import type { WebhookProfile } from '../core/options.ts';

/** One attempt and its outcome. Like PayPay, the sandbox counts only HTTP 200 as delivered. */
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

/** The two retry policies in PayPay's FAQ; it does not say which applies to Transaction webhooks. */
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

/** `X-PayPay-Signature`: hex HMAC-SHA256 of the raw body. Added by this sandbox; real PayPay does not sign webhooks. */
function signWebhook(secret: string, body: string): string {
  return createHmac('sha256', secret).update(body).digest('hex');
}

/** Makes one attempt. Never rejects; a failure is an outcome. */
export async function postWebhook(
  deps: DeliveryDeps,
  message: { url: string; body: string; secret: string | undefined },
  timeoutMs: number,
): Promise<WebhookAttempt> {
  const at = deps.clock.now().toISOString();
  const ended = new AbortController();
  const timedOut = new AbortController();
  const timer = deps.clock
    .sleep(timeoutMs, AbortSignal.any([ended.signal, deps.closing]))
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
    ended.abort();
    await timer;
  }
}
