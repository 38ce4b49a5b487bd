/**
 * Live status: notifies watchers of every change of a payment intent. However many watchers a node has, it uses one
 * listening connection, one read for the intents that changed in the same tick, and one periodic read of all watched
 * intents, which finds changes whose notification was lost. Knows no HTTP.
 */
import { setImmediate as nextTick } from 'node:timers/promises';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/log.ts';
import type { Metrics } from '../../lib/metrics.ts';
import { type ApiKey, findApiKey, mayContinue } from '../../store/api-keys.ts';
import type { Db } from '../../store/db/query.ts';
import { type Listening, listenForChanges } from '../../store/payment-changes.ts';
import { findChangedIntents, type IntentVersion } from '../../store/payment-lists.ts';
import type { Followers } from '../events/followers.ts';
import { createWatchCounts, WATCH_LIMITS, type WatchCounts, type WatchLimits } from './watch-limits.ts';

/** A watcher of one intent. None of its methods may throw. */
export interface Watcher {
  /** The new state; newer with each call. */
  changed(state: IntentVersion): void;
  /** Called periodically while the watch is healthy. */
  pulse(): void;
  /** The watch ends here; watch again, on another node if this one is shutting down. */
  ended(): void;
}

/** Who watches an intent. */
export interface WatchedBy {
  readonly merchantId: string;
  /** The key of the merchant's server; undefined for a payer. */
  readonly key: ApiKey | undefined;
}

export interface Watching {
  /** Offers a state read elsewhere; the watcher is notified when it is newer. */
  offer(state: IntentVersion): void;
  stop(): void;
}

export interface Watchers {
  /** @throws rate_limit_exceeded when this intent, its merchant or this node has too many watchers */
  add(intentId: string, by: WatchedBy, watcher: Watcher): Watching;
  /** Opens the listening connection, if it is not open yet, so that the followers of events are woken. */
  listen(): void;
  /** Ends all watches because the node shuts down. */
  end(): void;
  close(): Promise<void>;
}

export interface WatchOptions {
  readonly db: Db;
  /** For the listening connection. */
  readonly databaseUrl: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  readonly metrics: Pick<Metrics, 'observe'>;
  readonly limits?: WatchLimits;
  /** Woken when a merchant has new events. */
  readonly followers?: Pick<Followers, 'wake'>;
}

/** Shorter than the idle timeout of proxies, and the longest delay after a lost notification. */
const PULSE_MS = 12_000;

interface Member {
  readonly watcher: Watcher;
  readonly key: ApiKey | undefined;
  /** The version this watcher was last notified of; 0 before the first. */
  version: number;
}

interface Hub {
  readonly options: WatchOptions;
  readonly counts: WatchCounts;
  readonly members: Map<string, Set<Member>>;
  /** Intents waiting to be read. */
  readonly due: Set<string>;
  readonly closing: AbortController;
  isListening: boolean;
  reading: Promise<void> | undefined;
  /** Started by the first watcher, so that commands that watch nothing do not listen. */
  work: { readonly listening: Listening; readonly pulsing: Promise<void> } | undefined;
}

export function createWatchers(options: WatchOptions): Watchers {
  const hub: Hub = {
    options,
    counts: createWatchCounts(options.limits ?? WATCH_LIMITS),
    members: new Map(),
    due: new Set(),
    closing: new AbortController(),
    isListening: false,
    reading: undefined,
    work: undefined,
  };
  observe(hub);
  return {
    add: (intentId, by, watcher) => add(hub, intentId, by, watcher),
    listen() {
      hub.work ??= start(hub);
    },
    end() {
      for (const { watcher } of allMembers(hub)) {
        watcher.ended();
      }
    },
    async close() {
      hub.closing.abort();
      for (const { watcher } of allMembers(hub)) {
        watcher.ended();
      }
      await hub.work?.listening.close();
      await hub.work?.pulsing;
      await hub.reading;
    },
  };
}

function add(hub: Hub, intentId: string, by: WatchedBy, watcher: Watcher): Watching {
  const { merchantId, key } = by;
  const leave = hub.counts.enter(intentId, { merchantId, apiKey: key?.apiKey });
  const ofIntent = hub.members.get(intentId) ?? new Set<Member>();
  const member: Member = { watcher, key, version: 0 };
  hub.members.set(intentId, ofIntent.add(member));
  hub.work ??= start(hub);
  return {
    offer: (state) => emitTo(member, state),
    stop() {
      if (!ofIntent.delete(member)) {
        return;
      }
      leave();
      if (ofIntent.size === 0) {
        hub.members.delete(intentId);
      }
    },
  };
}

function start(hub: Hub): NonNullable<Hub['work']> {
  const { databaseUrl: url, clock, random, log, followers } = hub.options;
  const listening = listenForChanges({
    url,
    clock,
    random,
    log,
    onChanged(intentId) {
      if (hub.members.has(intentId)) {
        requestRead(hub, [intentId]);
      }
    },
    onEvents: (merchantId) => followers?.wake(merchantId),
    onListening() {
      hub.isListening = true;
      followers?.wake(undefined);
      requestRead(hub, hub.members.keys());
    },
    onLost() {
      hub.isListening = false;
    },
  });
  return { listening, pulsing: keepPulsing(hub) };
}

async function keepPulsing(hub: Hub): Promise<void> {
  const { signal } = hub.closing;
  while (!signal.aborted) {
    await hub.options.clock.sleep(PULSE_MS, signal);
    if (signal.aborted) {
      return;
    }
    requestRead(hub, hub.members.keys());
    for (const { watcher } of allMembers(hub)) {
      watcher.pulse();
    }
    await endRefused(hub);
  }
}

/** Ends the streams whose key was revoked, has expired or was changed since they began. */
async function endRefused(hub: Hub): Promise<void> {
  const { db, clock, log } = hub.options;
  const keyed = allMembers(hub).flatMap(({ key, watcher }) => (key ? [{ key, watcher }] : []));
  const apiKeys = [...new Set(keyed.map(({ key }) => key.apiKey))];
  try {
    const found = await Promise.all(apiKeys.map((apiKey) => findApiKey(db, apiKey)));
    const current = new Map(found.map((key) => [key?.apiKey, key]));
    for (const { key, watcher } of keyed) {
      if (!mayContinue(key, current.get(key.apiKey), clock.now())) {
        watcher.ended();
      }
    }
  } catch (err) {
    log.warn({ err }, 'could not read the API keys of open event streams; trying again shortly');
  }
}

/** Schedules a read of these intents, together with others requested in the same tick or during a read. */
function requestRead(hub: Hub, intentIds: Iterable<string>): void {
  for (const intentId of intentIds) {
    hub.due.add(intentId);
  }
  if (hub.due.size > 0) {
    hub.reading ??= readDue(hub);
  }
}

async function readDue(hub: Hub): Promise<void> {
  const { db, log } = hub.options;
  await nextTick();
  while (hub.due.size > 0) {
    const known = new Map([...hub.due].map((intentId) => [intentId, knownVersion(hub, intentId)]));
    hub.due.clear();
    try {
      for (const state of await findChangedIntents(db, known)) {
        emit(hub, state);
      }
    } catch (err) {
      log.warn(
        { err, intents: known.size },
        'watched intents could not be read; the next periodic read finds them',
      );
    }
  }
  hub.reading = undefined;
}

/** The oldest version that a watcher of this intent was notified of. */
function knownVersion({ members }: Hub, intentId: string): number {
  return Math.min(
    ...[...(members.get(intentId) ?? [])].map(({ version }) => version),
    Number.MAX_SAFE_INTEGER,
  );
}

function emit({ members }: Hub, state: IntentVersion): void {
  for (const member of [...(members.get(state.intent.id) ?? [])]) {
    emitTo(member, state);
  }
}

/** Reads may finish out of order: an older state is never emitted after a newer one. */
function emitTo(member: Member, state: IntentVersion): void {
  if (state.version <= member.version) {
    return;
  }
  member.version = state.version;
  member.watcher.changed(state);
}

function allMembers({ members }: Hub): Member[] {
  return [...members.values()].flatMap((ofIntent) => [...ofIntent]);
}

function observe(hub: Hub): void {
  const { metrics } = hub.options;
  metrics.observe('pgw_event_streams', 'Open event streams of this process', [], () => [
    { labels: {}, value: hub.counts.total },
  ]);
  metrics.observe(
    'pgw_event_listener_connected',
    '1 while notifications of changed payment intents arrive, 0 while only periodic reads find changes; 0 before the first stream',
    [],
    () => (hub.work ? [{ labels: {}, value: hub.isListening ? 1 : 0 }] : []),
  );
}
