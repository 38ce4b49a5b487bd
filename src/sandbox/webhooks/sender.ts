/**
 * Sends webhooks as PayPay does: a post, and a few retries close together, after which it is gone. Keeps track of
 * what is under way. Which webhook is sent at all is decided in webhooks.ts.
 */
import { Agent } from 'undici';
import type { Clock } from '../../lib/clock.ts';
import type { SandboxLog, WebhookMode, WebhookProfile } from '../core/options.ts';
import { type DeliveryDeps, postWebhook, RETRY_PROFILES } from './delivery.ts';
import type { WebhookRecord } from './records.ts';

/** Read afresh for each post, so that they can be changed at any time. */
export interface WebhookSettings {
  /** Where webhooks go; none are sent while it is undefined. */
  url: string | undefined;
  secret: string | undefined;
  mode: WebhookMode;
  profile: WebhookProfile;
}

export interface WebhookSender {
  /** Posts once, without retries. */
  post(one: WebhookRecord): Promise<boolean>;
  /** Posts after a delay, then retries as the profile says. Resolves when it was delivered or given up. */
  send(one: WebhookRecord, delayMs?: number): Promise<void>;
  /** Counts this work as under way until it ends. */
  track(work: Promise<void>): void;
  /** Resolves when nothing is under way. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

/** A sender that obeys `settings`. */
export function createWebhookSender(
  deps: { clock: Clock; log: SandboxLog },
  settings: WebhookSettings,
): WebhookSender {
  const closing = new AbortController();
  // The time-outs are PayPay's and strike on the sandbox's clock; undici's own would be the machine's.
  const dispatcher = new Agent({ connections: 64, headersTimeout: 0, bodyTimeout: 0 });
  const delivery: DeliveryDeps = { clock: deps.clock, dispatcher, closing: closing.signal };
  const underWay = new Set<Promise<void>>();
  const post = (one: WebhookRecord): Promise<boolean> => tryDelivery(delivery, settings, one);

  return {
    post,
    async send(one, delayMs = 0) {
      one.status = 'delivering';
      await deps.clock.sleep(delayMs, closing.signal);
      const { retries, intervalMs } = RETRY_PROFILES[settings.profile];
      let isDone = await post(one);
      for (let retry = 0; retry < retries && !isDone && !closing.signal.aborted; retry += 1) {
        one.status = 'delivering';
        await deps.clock.sleep(intervalMs, closing.signal);
        isDone = await post(one);
      }
      const { id, status, attempts } = one;
      deps.log.info({ webhook: id, status, attempts: attempts.length }, 'sandbox webhook ended');
    },
    track(work) {
      const run = work.finally(() => underWay.delete(run));
      underWay.add(run);
    },
    async idle() {
      while (underWay.size > 0) {
        await Promise.allSettled(underWay);
      }
    },
    async close() {
      closing.abort();
      await dispatcher.destroy();
      await Promise.allSettled(underWay);
    },
  };
}

/** True when there is nothing more to do: delivered, or nowhere to deliver it to. */
async function tryDelivery(
  delivery: DeliveryDeps,
  settings: WebhookSettings,
  one: WebhookRecord,
): Promise<boolean> {
  if (settings.url === undefined) {
    one.status = 'dropped';
    return true;
  }
  one.status = 'delivering';
  const message = { url: settings.url, body: one.body, secret: one.isSigned ? settings.secret : undefined };
  const attempt = await postWebhook(delivery, message, RETRY_PROFILES[settings.profile].timeoutMs);
  one.attempts.push(attempt);
  const isDelivered = attempt.outcome === 'delivered';
  one.status = isDelivered ? 'delivered' : 'gave_up';
  return isDelivered;
}
