/**
 * What was sent or is to be sent, for tests that look and people who look on. Bounded: the oldest entries go.
 */
import type { Clock } from '../../lib/clock.ts';
import type { WebhookAttempt } from './delivery.ts';

/** `pending`: waits for the test (manual mode) · `held`: waits for the next one to overtake it · the rest is history. */
export type WebhookStatus = 'pending' | 'held' | 'delivering' | 'delivered' | 'dropped' | 'gave_up';

export interface WebhookRecord {
  readonly id: string;
  readonly createdAt: string;
  status: WebhookStatus;
  /** The exact bytes that are posted. */
  readonly body: string;
  /** False for a forged webhook that carries no signature. */
  readonly isSigned: boolean;
  readonly attempts: WebhookAttempt[];
}

export interface WebhookRecords {
  add(body: string, isSigned: boolean): WebhookRecord;
  get(id: string): WebhookRecord;
  /** Oldest first. */
  list(): WebhookRecord[];
  clear(): void;
}

const MAX_RECORDS = 1_000;

/** An empty record. */
export function createWebhookRecords(clock: Clock): WebhookRecords {
  let records: WebhookRecord[] = [];
  let lastNumber = 0;
  return {
    add(body, isSigned) {
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
      // What waits for a test must not be lost, however much there is of it.
      const excess = records.length - MAX_RECORDS;
      records = records.filter((one, index) => index >= excess || one.status === 'pending');
      return added;
    },
    get(id) {
      const found = records.find((one) => one.id === id);
      if (!found) {
        throw new Error(`There is no webhook ${id}; list them to see which there are`);
      }
      return found;
    },
    list: () => [...records],
    clear: () => {
      records = [];
    },
  };
}
