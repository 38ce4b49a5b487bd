/**
 * Telling all nodes which payment intents have changed, after the change has committed: those of one turn together, one
 * statement at a time, whoever made the change never waiting. Best effort: what is lost is found by the watchers' own look.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Logger } from '../../lib/log.ts';
import type { Db } from '../../store/db/query.ts';
import { notifyChanged } from '../../store/payment-changes.ts';

export interface Announcer {
  announce(intentId: string): void;
  /** Resolves when everything announced so far was sent, or could not be. */
  flush(): Promise<void>;
}

export function createAnnouncer({ db, log }: { db: Db; log: Logger }): Announcer {
  const waiting = new Set<string>();
  let sending: Promise<void> | undefined;
  const send = async () => {
    await nextTurn();
    while (waiting.size > 0) {
      const intentIds = [...waiting];
      waiting.clear();
      await notifyChanged(db, intentIds).catch((err: unknown) =>
        log.warn({ err, intents: intentIds.length }, 'changes were not announced; live status comes late'),
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
