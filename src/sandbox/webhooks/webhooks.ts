/**
 * Which webhook goes when: the queue of manual mode, and the games that real networks play (drop, delay, duplicate,
 * reorder, forge). Sending and retrying is in webhook-sender.ts.
 */
import type { Clock } from '../../lib/clock.ts';
import type { SandboxLog } from '../core/options.ts';
import type { Payment } from '../core/payment.ts';
import type { Random } from '../core/random.ts';
import { createRules, type Rules, type RuleTerms } from '../core/rules.ts';
import { type AnnouncedStatus, makeTransactionPayload } from './payload.ts';
import { createWebhookRecords, type WebhookRecord } from './records.ts';
import { createWebhookSender, type WebhookSender, type WebhookSettings } from './sender.ts';

/** What happens to the next webhooks, or to some share of them. */
export interface DeliveryFault extends RuleTerms {
  readonly game: 'drop' | 'delay' | 'duplicate' | 'reorder';
  /** For `delay`. */
  readonly delayMs?: number;
}

/** What tests and the control interface do with webhooks. The settings can be assigned at any time. */
export interface WebhookController extends WebhookSettings {
  readonly games: Rules<DeliveryFault>;
  /** Everything sent or queued, oldest first; the last thousand are kept. */
  list(): WebhookRecord[];
  /** What waits in manual mode, oldest first. */
  pending(): WebhookRecord[];
  /** Posts one once, without retries, whatever became of it before. Resolves when it was answered. */
  deliver(id: string): Promise<WebhookRecord>;
  /** Takes one out of the queue for good. */
  drop(id: string): WebhookRecord;
  /** Adds a copy of one: to be delivered by hand in manual mode, sent at once in auto mode. */
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

/** The webhook side of a sandbox. */
export function createWebhooks(
  deps: { clock: Clock; random: Random; log: SandboxLog },
  initial: WebhookSettings,
): Webhooks {
  const settings: WebhookSettings = { ...initial };
  const sender = createWebhookSender(deps, settings);
  const records = createWebhookRecords(deps.clock);
  const games = createRules<DeliveryFault>('game', deps.random);
  const held: WebhookRecord[] = [];
  const copy = (one: WebhookRecord): WebhookRecord => records.add(one.body, one.isSigned);

  async function deliver(one: WebhookRecord): Promise<WebhookRecord> {
    await sender.post(one);
    return one;
  }

  return Object.assign(settings, {
    games,
    list: records.list,
    pending: () => records.list().filter((one) => one.status === 'pending'),
    deliver: async (id: string) => deliver(records.get(id)),
    drop: (id: string) => Object.assign(records.get(id), { status: 'dropped' as const }),
    duplicate(id: string) {
      const added = copy(records.get(id));
      if (settings.mode === 'auto') {
        sender.track(sender.send(added));
      }
      return added;
    },
    forge(payload: unknown, { isSigned = false } = {}) {
      const body = typeof payload === 'string' ? payload : JSON.stringify(payload);
      return deliver(records.add(body, isSigned));
    },
    announce(payment: Payment, status: AnnouncedStatus) {
      const one = records.add(JSON.stringify(makeTransactionPayload(payment, status)), true);
      if (settings.mode === 'auto') {
        playGame(
          sender,
          held,
          games.take(() => true),
          one,
          copy,
        );
      }
    },
    idle: sender.idle,
    clear() {
      records.clear();
      held.length = 0;
      games.clear();
    },
    close: sender.close,
  });
}

/** Sends one webhook as the game says, or as it should be when there is none. */
function playGame(
  sender: WebhookSender,
  held: WebhookRecord[],
  game: DeliveryFault | undefined,
  one: WebhookRecord,
  copy: (one: WebhookRecord) => WebhookRecord,
): void {
  switch (game?.game) {
    case 'drop':
      one.status = 'dropped';
      return;
    case 'reorder':
      one.status = 'held';
      held.push(one);
      return;
    default:
      sender.track(sendInTurn(sender, one, held.splice(0), game?.delayMs));
      if (game?.game === 'duplicate') {
        sender.track(sender.send(copy(one)));
      }
  }
}

async function sendInTurn(
  sender: WebhookSender,
  one: WebhookRecord,
  overtaken: readonly WebhookRecord[],
  delayMs?: number,
): Promise<void> {
  await sender.send(one, delayMs);
  for (const late of overtaken) {
    await sender.send(late);
  }
}
