/**
 * Which webhook goes when: the queue, PayPay's retries, and the games that real networks play (drop, delay,
 * duplicate, reorder, forge). Delivery is at most what PayPay promises, which is little: after the last retry a
 * webhook is gone. One POST is made in webhook-delivery.ts.
 */

import { Agent } from 'undici';
import type { Clock } from '../clock.ts';
import type { SandboxLog, WebhookMode, WebhookProfile } from './options.ts';
import type { Payment } from './payment.ts';
import type { Random } from './random.ts';
import { createRules, type Rules, type RuleTerms } from './rules.ts';
import { type DeliveryDeps, postWebhook, RETRY_PROFILES, type WebhookAttempt } from './webhook-delivery.ts';
import { type AnnouncedStatus, makeTransactionPayload } from './webhook-payload.ts';

/** `pending`: waits for the test (manual mode) · `held`: waits for the next one to overtake it · the rest is history. */
export type WebhookStatus = 'pending' | 'held' | 'delivering' | 'delivered' | 'dropped' | 'gave_up';

export interface WebhookRecord {
  id: string;
  createdAt: string;
  status: WebhookStatus;
  /** The exact bytes that are posted. */
  body: string;
  /** False for a forged webhook that carries no signature. */
  isSigned: boolean;
  attempts: WebhookAttempt[];
}

/** What happens to the next webhooks, or to some share of them. */
export interface WebhookGame extends RuleTerms {
  game: 'drop' | 'delay' | 'duplicate' | 'reorder';
  /** For `delay`. */
  delayMs?: number;
}

/** What tests and the control interface do with webhooks. */
export interface WebhookController {
  url: string | undefined;
  secret: string | undefined;
  mode: WebhookMode;
  profile: WebhookProfile;
  readonly games: Rules<WebhookGame>;
  /** Everything sent or queued, oldest first; the last thousand are kept. */
  list(): WebhookRecord[];
  /** What waits in manual mode, oldest first. */
  pending(): WebhookRecord[];
  /** Posts one once, without retries, whatever became of it before. Resolves when it was answered. */
  deliver(id: string): Promise<WebhookRecord>;
  /** Takes one out of the queue for good. */
  drop(id: string): WebhookRecord;
  /** Adds a copy of one to the end of the queue: to be delivered by hand in manual mode, at once in auto mode. */
  duplicate(id: string): WebhookRecord;
  /** Sends any payload as if PayPay had, signed or not. */
  forge(payload: unknown, options?: { isSigned?: boolean }): Promise<WebhookRecord>;
}

export interface Webhooks extends WebhookController {
  /** Announces that a payment reached a status. */
  announce(payment: Payment, status: AnnouncedStatus): void;
  /** Resolves when no delivery, delay or retry is under way. */
  idle(): Promise<void>;
  clear(): void;
  close(): Promise<void>;
}

export interface WebhooksOptions {
  url: string | undefined;
  secret: string | undefined;
  mode: WebhookMode;
  profile: WebhookProfile;
}

const MAX_RECORDS = 1_000;

/** The webhook side of a sandbox. */
export function createWebhooks(
  deps: { clock: Clock; random: Random; log: SandboxLog },
  options: WebhooksOptions,
): Webhooks {
  const closing = new AbortController();
  const dispatcher = new Agent({ connections: 64, headersTimeout: 0, bodyTimeout: 0 });
  const delivery: DeliveryDeps = { clock: deps.clock, dispatcher, closing: closing.signal };
  const games = createRules<WebhookGame>('game', deps.random);
  const inFlight = new Set<Promise<void>>();
  const held: WebhookRecord[] = [];
  let records: WebhookRecord[] = [];
  let lastNumber = 0;

  function record(body: string, isSigned: boolean): WebhookRecord {
    lastNumber += 1;
    const createdAt = deps.clock.now().toISOString();
    const made: WebhookRecord = {
      id: `wh_${lastNumber}`,
      createdAt,
      status: 'pending',
      body,
      isSigned,
      attempts: [],
    };
    records.push(made);
    records = records.slice(-MAX_RECORDS);
    return made;
  }

  function get(id: string): WebhookRecord {
    const found = records.find((one) => one.id === id);
    if (!found) {
      throw new Error(`There is no webhook ${id}; list them to see which there are`);
    }
    return found;
  }

  async function post(one: WebhookRecord): Promise<boolean> {
    if (webhooks.url === undefined) {
      one.status = 'dropped';
      return true;
    }
    one.status = 'delivering';
    const message = { url: webhooks.url, body: one.body, secret: one.isSigned ? webhooks.secret : undefined };
    const attempt = await postWebhook(delivery, message, RETRY_PROFILES[webhooks.profile].timeoutMs);
    one.attempts.push(attempt);
    const isDelivered = attempt.outcome === 'delivered';
    one.status = isDelivered ? 'delivered' : 'gave_up';
    return isDelivered;
  }

  async function send(one: WebhookRecord, delayMs: number): Promise<void> {
    await deps.clock.sleep(delayMs, closing.signal);
    const { retries, intervalMs } = RETRY_PROFILES[webhooks.profile];
    for (let attempt = 0; attempt <= retries && !closing.signal.aborted; attempt += 1) {
      if (attempt > 0) {
        one.status = 'delivering';
        await deps.clock.sleep(intervalMs, closing.signal);
      }
      if (await post(one)) {
        break;
      }
    }
    deps.log.info(
      { webhook: one.id, status: one.status, attempts: one.attempts.length },
      'sandbox webhook ended',
    );
  }

  function start(one: WebhookRecord, delayMs = 0): Promise<void> {
    one.status = 'delivering';
    const run = send(one, delayMs).finally(() => inFlight.delete(run));
    inFlight.add(run);
    return run;
  }

  async function startInTurn(one: WebhookRecord, delayMs = 0): Promise<void> {
    const overtaken = held.splice(0);
    await start(one, delayMs);
    for (const late of overtaken) {
      await start(late);
    }
  }

  function dispatch(one: WebhookRecord): void {
    if (webhooks.mode === 'manual') {
      return;
    }
    const game = games.take(() => true);
    if (game?.game === 'drop') {
      one.status = 'dropped';
    } else if (game?.game === 'reorder') {
      one.status = 'held';
      held.push(one);
    } else {
      track(startInTurn(one, game?.game === 'delay' ? (game.delayMs ?? 0) : 0));
      if (game?.game === 'duplicate') {
        track(start(record(one.body, one.isSigned)));
      }
    }
  }

  function track(work: Promise<void>): void {
    const run = work.finally(() => inFlight.delete(run));
    inFlight.add(run);
  }

  const webhooks: Webhooks = {
    ...options,
    games,
    list: () => [...records],
    pending: () => records.filter((one) => one.status === 'pending'),
    async deliver(id) {
      const one = get(id);
      await post(one);
      return one;
    },
    drop(id) {
      const one = get(id);
      one.status = 'dropped';
      return one;
    },
    duplicate(id) {
      const { body, isSigned } = get(id);
      const copy = record(body, isSigned);
      if (webhooks.mode === 'auto') {
        void start(copy);
      }
      return copy;
    },
    async forge(payload, { isSigned = false } = {}) {
      const body = typeof payload === 'string' ? payload : JSON.stringify(payload);
      const one = record(body, isSigned);
      await post(one);
      return one;
    },
    announce(payment, status) {
      dispatch(record(JSON.stringify(makeTransactionPayload(payment, status)), true));
    },
    async idle() {
      while (inFlight.size > 0) {
        await Promise.allSettled(inFlight);
      }
    },
    clear() {
      records = [];
      held.length = 0;
      games.clear();
    },
    async close() {
      closing.abort();
      await dispatcher.destroy();
      await Promise.allSettled(inFlight);
    },
  };
  return webhooks;
}
