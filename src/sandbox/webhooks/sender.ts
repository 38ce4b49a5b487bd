/**
 * Sends webhooks as PayPay does: one POST and a few retries in quick succession, after which the webhook is given up.
 * Tracks deliveries in progress. Which webhooks are sent is decided in webhooks.ts.
 */
import { Agent } from 'undici';
import type { Clock } from '../../lib/clock.ts';
import type { SandboxLog, WebhookMode, WebhookProfile } from '../core/options.ts';
import { type DeliveryDeps, postWebhook, RETRY_PROFILES } from './delivery.ts';
import type { WebhookRecord } from './records.ts';

/** Read anew for each attempt, so that changes take effect immediately. */
export interface WebhookSettings {
  /** Address that receives the webhooks; while it is undefined, webhooks are dropped. */
  url: string | undefined;
  secret: string | undefined;
  mode: WebhookMode;
  profile: WebhookProfile;
}

export interface WebhookSender {
  /** Makes one attempt. Resolves to true when no further attempt is needed. */
  post(record: WebhookRecord): Promise<boolean>;
  /** Posts after a delay, then retries according to the profile. Resolves when delivered or given up. */
  send(record: WebhookRecord, delayMs?: number): Promise<void>;
  /** Counts this work as in progress until it ends. */
  track(work: Promise<void>): void;
  /** Resolves when no tracked work is in progress. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

/** Creates a sender that follows `settings`. */
export function createWebhookSender(
  deps: { clock: Clock; log: SandboxLog },
  settings: WebhookSettings,
): WebhookSender {
  const closing = new AbortController();
  // Timeouts run on the sandbox's clock; undici's own, which run on the machine's, are disabled.
  const dispatcher = new Agent({ connections: 64, headersTimeout: 0, bodyTimeout: 0 });
  const delivery: DeliveryDeps = { clock: deps.clock, dispatcher, closing: closing.signal };
  const inProgress = new Set<Promise<void>>();
  const post = (record: WebhookRecord): Promise<boolean> => tryDelivery(delivery, settings, record);

  return {
    post,
    async send(record, delayMs = 0) {
      record.status = 'delivering';
      await deps.clock.sleep(delayMs, closing.signal);
      const { retries, intervalMs } = RETRY_PROFILES[settings.profile];
      let isDone = await post(record);
      for (let retry = 0; retry < retries && !isDone && !closing.signal.aborted; retry += 1) {
        record.status = 'delivering';
        await deps.clock.sleep(intervalMs, closing.signal);
        isDone = await post(record);
      }
      const { id, status, attempts } = record;
      deps.log.info({ webhook: id, status, attempts: attempts.length }, 'sandbox webhook delivery ended');
    },
    track(work) {
      const tracked = work.finally(() => inProgress.delete(tracked));
      inProgress.add(tracked);
    },
    async idle() {
      while (inProgress.size > 0) {
        await Promise.allSettled(inProgress);
      }
    },
    async close() {
      closing.abort();
      await dispatcher.destroy();
      await Promise.allSettled(inProgress);
    },
  };
}

/** Resolves to true when the webhook was delivered, or dropped because no address is set. */
async function tryDelivery(
  delivery: DeliveryDeps,
  settings: WebhookSettings,
  record: WebhookRecord,
): Promise<boolean> {
  if (settings.url === undefined) {
    record.status = 'dropped';
    return true;
  }
  record.status = 'delivering';
  const secret = record.isSigned ? settings.secret : undefined;
  const message = { url: settings.url, body: record.body, secret };
  const attempt = await postWebhook(delivery, message, RETRY_PROFILES[settings.profile].timeoutMs);
  record.attempts.push(attempt);
  const isDelivered = attempt.outcome === 'delivered';
  record.status = isDelivered ? 'delivered' : 'gave_up';
  return isDelivered;
}
