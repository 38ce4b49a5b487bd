/**
 * Decides which webhook is sent and when: the queue of manual mode, forged webhooks, and delivery faults (drop, delay,
 * duplicate, reorder). Sending and retrying are in sender.ts.
 */
import type { Clock } from '../../lib/clock.ts';
import type { SandboxLog } from '../core/options.ts';
import type { Payment } from '../core/payment.ts';
import type { Random } from '../core/random.ts';
import { createRules, type RuleFrequency, type Rules } from '../core/rules.ts';
import { type AnnouncedStatus, makeTransactionPayload } from './payload.ts';
import { createWebhookRecords, type WebhookRecord, type WebhookRecords } from './records.ts';
import { createWebhookSender, type WebhookSender, type WebhookSettings } from './sender.ts';

/** What goes wrong with the delivery of the next webhooks, or of a random share of them. */
export interface DeliveryFault extends RuleFrequency {
  readonly kind: 'drop' | 'delay' | 'duplicate' | 'reorder';
  /** For `delay`. */
  readonly delayMs?: number;
}

/** Control over webhooks, for tests and the control interface. The settings can be assigned at any time. */
export interface WebhookController extends WebhookSettings {
  readonly deliveryFaults: Rules<DeliveryFault>;
  /** The webhooks sent or queued, oldest first; limited to the latest thousand. */
  list(): WebhookRecord[];
  /** The queue of manual mode, oldest first. */
  pending(): WebhookRecord[];
  /** Posts one webhook, whatever its status, without retries. Resolves when the attempt has ended. */
  deliver(id: string): Promise<WebhookRecord>;
  /** Removes one webhook from the queue for good. */
  drop(id: string): WebhookRecord;
  /** Copies one webhook. The copy is queued in manual mode and sent immediately in auto mode. */
  duplicate(id: string): WebhookRecord;
  /** Posts an arbitrary payload as if it came from PayPay; unsigned unless `isSigned` is set. */
  forge(payload: unknown, options?: { isSigned?: boolean }): Promise<WebhookRecord>;
}

export interface Webhooks extends WebhookController {
  /** Announces that a payment reached a status. */
  announce(payment: Payment, status: AnnouncedStatus): void;
  /** Resolves when no delivery, delay or retry is in progress. */
  idle(): Promise<void>;
  clear(): void;
  close(): Promise<void>;
}

interface Parts {
  readonly settings: WebhookSettings;
  readonly sender: WebhookSender;
  readonly records: WebhookRecords;
  /** Webhooks that a `reorder` fault holds back until the next one has been sent. */
  readonly held: WebhookRecord[];
}

/** Creates the webhook side of a sandbox. */
export function createWebhooks(
  deps: { clock: Clock; random: Random; log: SandboxLog },
  initial: WebhookSettings,
): Webhooks {
  const settings: WebhookSettings = { ...initial };
  const sender = createWebhookSender(deps, settings);
  const records = createWebhookRecords(deps.clock);
  const parts: Parts = { settings, sender, records, held: [] };
  // Rule ids such as game_1 are visible in the control interface, which keeps its wire names.
  const deliveryFaults = createRules<DeliveryFault>('game', deps.random);

  return Object.assign(settings, {
    deliveryFaults,
    list: records.list,
    pending: () => records.list().filter(({ status }) => status === 'pending'),
    ...createManualActions(parts),
    announce(payment: Payment, status: AnnouncedStatus) {
      const record = records.add(JSON.stringify(makeTransactionPayload(payment, status)), true);
      if (settings.mode === 'auto') {
        const fault = deliveryFaults.take(() => true);
        dispatch(parts, record, fault);
      }
    },
    idle: sender.idle,
    clear() {
      records.clear();
      parts.held.length = 0;
      deliveryFaults.clear();
    },
    close: sender.close,
  });
}

/** What a tester does to single webhooks; delivery faults do not apply to it. */
function createManualActions({
  settings,
  sender,
  records,
}: Parts): Pick<WebhookController, 'deliver' | 'drop' | 'duplicate' | 'forge'> {
  async function deliver(record: WebhookRecord): Promise<WebhookRecord> {
    await sender.post(record);
    return record;
  }

  return {
    deliver: async (id) => deliver(records.get(id)),
    drop: (id) => Object.assign(records.get(id), { status: 'dropped' as const }),
    duplicate(id) {
      const copy = records.copy(records.get(id));
      if (settings.mode === 'auto') {
        sender.track(sender.send(copy));
      }
      return copy;
    },
    forge(payload, { isSigned = false } = {}) {
      const body = typeof payload === 'string' ? payload : JSON.stringify(payload);
      return deliver(records.add(body, isSigned));
    },
  };
}

/** Sends one webhook, subject to the delivery fault if there is one. */
function dispatch(
  { sender, records, held }: Parts,
  record: WebhookRecord,
  fault: DeliveryFault | undefined,
): void {
  switch (fault?.kind) {
    case 'drop':
      record.status = 'dropped';
      return;
    case 'reorder':
      record.status = 'held';
      held.push(record);
      return;
    default:
      sender.track(sendBeforeHeld(sender, record, held.splice(0), fault?.delayMs));
      if (fault?.kind === 'duplicate') {
        sender.track(sender.send(records.copy(record)));
      }
  }
}

async function sendBeforeHeld(
  sender: WebhookSender,
  record: WebhookRecord,
  held: readonly WebhookRecord[],
  delayMs?: number,
): Promise<void> {
  await sender.send(record, delayMs);
  for (const overtaken of held) {
    await sender.send(overtaken);
  }
}
