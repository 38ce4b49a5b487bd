/**
 * Records when API keys were last used: at most once a minute for each key and process, one statement at a time. Callers do
 * not wait, and a failure changes nothing for them; the use after the next minute is recorded again.
 */
import { setImmediate as nextTick } from 'node:timers/promises';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/log.ts';
import type { ApiKey } from '../../store/api-keys.ts';
import type { Db } from '../../store/db/query.ts';
import { recordKeyUses } from '../../store/keys/key-uses.ts';

export interface KeyUses {
  /** Records that a key, as this request has read it, is in use now. */
  used(key: Pick<ApiKey, 'apiKey' | 'lastUsedAt'>): void;
  /** Resolves when everything recorded so far has been stored or has failed. */
  flush(): Promise<void>;
}

const INTERVAL_MS = 60_000;
/** Beyond so many keys in a minute the oldest are forgotten, which costs a statement that changes nothing. */
const MAX_KEYS = 10_000;

export function createKeyUses({ db, clock, log }: { db: Db; clock: Clock; log: Logger }): KeyUses {
  /** When the last use of each key was recorded, oldest first. */
  const recordedMs = new Map<string, number>();
  const waiting = new Set<string>();
  let storing: Promise<void> | undefined;
  const store = async () => {
    await nextTick();
    while (waiting.size > 0) {
      const apiKeys = [...waiting];
      waiting.clear();
      await recordKeyUses(db, apiKeys, clock.now()).catch((err: unknown) =>
        log.warn({ err, keys: apiKeys.length }, 'the last use of API keys was not recorded'),
      );
    }
    storing = undefined;
  };
  return {
    used({ apiKey, lastUsedAt }) {
      const nowMs = clock.now().getTime();
      // Another node may have recorded it.
      if (isRecent(lastUsedAt?.getTime(), nowMs) || isRecent(recordedMs.get(apiKey), nowMs)) {
        return;
      }
      recordedMs.delete(apiKey);
      recordedMs.set(apiKey, nowMs);
      forgetOldest(recordedMs);
      waiting.add(apiKey);
      storing ??= store();
    },
    async flush() {
      await storing;
    },
  };
}

function isRecent(ms: number | undefined, nowMs: number): boolean {
  return ms !== undefined && ms <= nowMs && nowMs - ms < INTERVAL_MS;
}

function forgetOldest(recordedMs: Map<string, number>): void {
  for (const apiKey of recordedMs.keys()) {
    if (recordedMs.size <= MAX_KEYS) {
      return;
    }
    recordedMs.delete(apiKey);
  }
}
