/**
 * Records the calls to providers. They are added up in memory and stored once a second in one statement, outside every
 * transaction, so that no payment waits for it or fails by it. What a process has not stored when it is killed is lost, and
 * so is what comes while the database is away: nothing is decided by this record.
 */
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/log.ts';
import { storableText } from '../../lib/text.ts';
import type { ProviderCall } from '../../providers/provider.ts';
import type { Db } from '../../store/db/query.ts';
import {
  addProviderCalls,
  type CallsOfMinute,
  type RecordedCalls,
} from '../../store/provider-calls/provider-calls.ts';

export interface ProviderCalls {
  /** Records a call that has ended now. */
  ended(provider: string, call: ProviderCall): void;
  /** Resolves when everything recorded so far has been stored or has failed. */
  flush(): Promise<void>;
}

interface Recording {
  readonly db: Db;
  /** The time of payments, so that calls stand among the events of their payment. */
  readonly clock: Clock;
  readonly log: Logger;
}

const FLUSH_EVERY_MS = 1_000;
/** Different calls that one process keeps at a time; more within a second are left out. */
const MAX_KEYS = 5_000;
const MINUTE_MS = 60_000;

type Mutable<T> = { -readonly [Name in keyof T]: T[Name] };

class Sums {
  readonly calls = new Map<string, Mutable<RecordedCalls>>();
  readonly minutes = new Map<string, Mutable<CallsOfMinute>>();
  leftOut = 0;

  add(provider: string, call: ProviderCall, now: Date): void {
    const ms = Math.round(call.durationMs);
    this.#addToMinute(call, ms, now);
    // One text that the database cannot store would lose the others of its statement.
    const code = storableText(call.code ?? '');
    const key = [call.objectId, call.operation, call.outcome, code].join(' ');
    const known = this.calls.get(key);
    if (known) {
      known.calls += 1;
      known.lastAt = now;
      known.lastMs = ms;
      known.lastRequestId = call.requestId ?? known.lastRequestId;
      return;
    }
    if (this.calls.size >= MAX_KEYS) {
      this.leftOut += 1;
      return;
    }
    const { objectId, operation, outcome, requestId: lastRequestId } = call;
    const first = { calls: 1, firstAt: now, lastAt: now, lastMs: ms, lastRequestId };
    this.calls.set(key, { provider, objectId, operation, outcome, code, ...first });
  }

  #addToMinute({ operation, hasFailed }: ProviderCall, ms: number, now: Date): void {
    const minute = new Date(Math.floor(now.getTime() / MINUTE_MS) * MINUTE_MS);
    const key = `${minute.getTime()} ${operation}`;
    const row = this.minutes.get(key) ?? newMinute(minute, operation);
    this.minutes.set(key, row);
    row.calls += 1;
    row.failed += hasFailed ? 1 : 0;
    row.totalMs += ms;
    row.maxMs = Math.max(row.maxMs, ms);
    row.within100Ms += ms <= 100 ? 1 : 0;
    row.within300Ms += ms <= 300 ? 1 : 0;
    row.within1000Ms += ms <= 1_000 ? 1 : 0;
    row.within3000Ms += ms <= 3_000 ? 1 : 0;
  }
}

function newMinute(minute: Date, operation: string): Mutable<CallsOfMinute> {
  const none = { calls: 0, failed: 0, totalMs: 0, maxMs: 0 };
  return { minute, operation, ...none, within100Ms: 0, within300Ms: 0, within1000Ms: 0, within3000Ms: 0 };
}

/** By their keys, so that processes that add to the same rows wait for each other and do not deadlock. */
function inOrder<T>(rows: ReadonlyMap<string, T>): T[] {
  const keys = [...rows.keys()].sort();
  return keys.flatMap((key) => rows.get(key) ?? []);
}

export function createProviderCalls({ db, clock, log }: Recording): ProviderCalls {
  let sums = new Sums();
  /** Ends the pause before the next statement. */
  let pause: AbortController | undefined;
  let storing: Promise<void> = Promise.resolve();
  const store = async () => {
    const { calls, minutes, leftOut } = sums;
    if (minutes.size === 0) {
      return;
    }
    sums = new Sums();
    if (leftOut > 0) {
      log.warn(
        { calls: leftOut },
        'calls to the provider were left out of their record: too many within a second',
      );
    }
    await addProviderCalls(db, inOrder(calls), inOrder(minutes)).catch((err: unknown) =>
      log.warn({ err, calls: calls.size }, 'calls to the provider were not recorded'),
    );
  };
  const flush = () => {
    pause?.abort();
    pause = undefined;
    // One statement at a time: meanwhile calls are added up in the buffer.
    storing = storing.then(store);
    return storing;
  };
  return {
    ended(provider, call) {
      sums.add(provider, call, clock.now());
      if (!pause) {
        pause = new AbortController();
        void clock.sleep(FLUSH_EVERY_MS, pause.signal).then(flush);
      }
    },
    flush,
  };
}
