/**
 * Announces to all nodes which payment intents have changed, after the commit. Ids of one tick go out together, one
 * statement at a time, and callers do not wait. Best effort: the watchers' periodic read finds what was lost.
 */
import { setImmediate as nextTick } from 'node:timers/promises';
import type { Logger } from '../../lib/log.ts';
import type { Db } from '../../store/db/query.ts';
import { notifyChanged } from '../../store/payment-changes.ts';

export interface Announcer {
  announce(intentId: string): void;
  /** Resolves when everything announced so far has been sent or has failed. */
  flush(): Promise<void>;
}

export function createAnnouncer({ db, log }: { db: Db; log: Logger }): Announcer {
  const waiting = new Set<string>();
  let sending: Promise<void> | undefined;
  const send = async () => {
    await nextTick();
    while (waiting.size > 0) {
      const intentIds = [...waiting];
      waiting.clear();
      await notifyChanged(db, intentIds).catch((err: unknown) =>
        log.warn({ err, intents: intentIds.length }, 'changes were not announced; live status is delayed'),
      );
    }
    sending = undefined;
  };
  return {
    announce(intentId) {
      waiting.add(intentId);
      sending ??= send();
    },
    async flush() {
      await sending;
    },
  };
}
