/**
 * The webhooks that were sent or wait to be sent, for tests and the home page. The list is bounded: the oldest
 * entries are discarded first.
 */
import type { Clock } from '../../lib/clock.ts';
import type { WebhookAttempt } from './delivery.ts';

/** `pending`: queued in manual mode. `held`: to be sent after the next webhook, because of a `reorder` fault. */
export type WebhookStatus = 'pending' | 'held' | 'delivering' | 'delivered' | 'dropped' | 'gave_up';

export interface WebhookRecord {
  readonly id: string;
  readonly createdAt: string;
  status: WebhookStatus;
  /** The exact text that is posted. */
  readonly body: string;
  /** False for a forged webhook without a signature. */
  readonly isSigned: boolean;
  readonly attempts: WebhookAttempt[];
}

export interface WebhookRecords {
  add(body: string, isSigned: boolean): WebhookRecord;
  /** Adds a new record with the same body. */
  copy(record: WebhookRecord): WebhookRecord;
  /** @throws an Error when there is no such record */
  get(id: string): WebhookRecord;
  /** Oldest first. */
  list(): WebhookRecord[];
  clear(): void;
}

const MAX_RECORDS = 1_000;

/** Creates an empty list of records. */
export function createWebhookRecords(clock: Clock): WebhookRecords {
  let records: WebhookRecord[] = [];
  let lastNumber = 0;

  function add(body: string, isSigned: boolean): WebhookRecord {
    lastNumber += 1;
    const createdAt = clock.now().toISOString();
    const added: WebhookRecord = {
      id: `wh_${lastNumber}`,
      createdAt,
      status: 'pending',
      body,
      isSigned,
      attempts: [],
    };
    records.push(added);
    // Pending webhooks are never discarded, because a test still has to deliver them.
    const excess = records.length - MAX_RECORDS;
    records = records.filter((record, index) => index >= excess || record.status === 'pending');
    return added;
  }

  return {
    add,
    copy: ({ body, isSigned }) => add(body, isSigned),
    get(id) {
      const found = records.find((record) => record.id === id);
      if (!found) {
        throw new Error(`There is no webhook ${id}; list the webhooks to see their ids`);
      }
      return found;
    },
    list: () => [...records],
    clear: () => {
      records = [];
    },
  };
}
