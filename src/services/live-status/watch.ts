/**
 * Live status: whoever watches a payment intent hears of each of its changes. However many watch on this node, there is one
 * connection that listens, one read for the intents that changed in the same turn, and one look at all of them now and
 * then, which finds what no message told. Knows no HTTP.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { DomainError } from '../../domain/errors.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/log.ts';
import type { Metrics } from '../../lib/metrics.ts';
import type { Db } from '../../store/db/query.ts';
import { type Listening, listenForChanges } from '../../store/payment-changes.ts';
import { findChangedIntents, type IntentVersion } from '../../store/payments.ts';

/** Who watches an intent. None of these may throw. */
export interface Watcher {
  /** The state, newer each time. */
  changed(state: IntentVersion): void;
  /** Nothing new, but all is well; every now and then. */
  pulse(): void;
  /** No more will come from here: watch again, elsewhere if this node is going. */
  ended(): void;
}

export interface Watching {
  /** Hands in a state read otherwise; it is told to the watcher when it is news to it. */
  offer(state: IntentVersion): void;
  stop(): void;
}

export interface Watchers {
  /** @throws rate_limit_exceeded when too many watch this intent, or anything, here */
  add(intentId: string, watcher: Watcher): Watching;
  /** Ends all watching: the node is going. */
  end(): void;
  close(): Promise<void>;
}

export interface WatchOptions {
  readonly db: Db;
  /** For the connection that listens. */
  readonly databaseUrl: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Pick<Metrics, 'observe'>;
  readonly limits?: WatchLimits;
}

export interface WatchLimits {
  readonly perIntent: number;
  readonly perNode: number;
}

/** A page, a till, a merchant's server, and reloads whose end has not been noticed yet; and memory for a node. */
const LIMITS: WatchLimits = { perIntent: 10, perNode: 10_000 };
/** Shorter than the idle time after which proxies cut a silent connection; and the longest that lost news stays unknown. */
const PULSE_MS = 12_000;
const RETRY_AFTER_MS = 5_000;

interface Member {
  readonly watcher: Watcher;
  /** What this watcher was told last; 0 before the first. */
  version: number;
}

interface Hub {
  readonly options: WatchOptions;
  readonly limits: WatchLimits;
  readonly members: Map<string, Set<Member>>;
  /** Intents to be read. */
  readonly due: Set<string>;
  readonly closing: AbortController;
  count: number;
  isListening: boolean;
  reading: Promise<void> | undefined;
  /** From the first watcher on: commands that watch nothing do not listen. */
  work: { readonly listening: Listening; readonly pulsing: Promise<void> } | undefined;
}

export function createWatchers(options: WatchOptions): Watchers {
  const hub: Hub = {
    options,
    limits: options.limits ?? LIMITS,
    members: new Map(),
    due: new Set(),
    closing: new AbortController(),
    count: 0,
    isListening: false,
    reading: undefined,
    work: undefined,
  };
  observe(hub);
  return {
    add: (intentId, watcher) => add(hub, intentId, watcher),
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

function add(hub: Hub, intentId: string, watcher: Watcher): Watching {
  const ofIntent = hub.members.get(intentId) ?? new Set<Member>();
  requireRoom(hub, ofIntent.size);
  const member: Member = { watcher, version: 0 };
  hub.members.set(intentId, ofIntent.add(member));
  hub.count += 1;
  hub.work ??= start(hub);
  return {
    offer: (state) => emitTo(member, state),
    stop() {
      if (!ofIntent.delete(member)) {
        return;
      }
      hub.count -= 1;
      if (ofIntent.size === 0) {
        hub.members.delete(intentId);
      }
    },
  };
}

function requireRoom({ limits, count }: Hub, ofIntent: number): void {
  if (ofIntent >= limits.perIntent) {
    throw full(`This PaymentIntent has ${limits.perIntent} event streams open, which is the most`, {
      scope: 'payment_intent_streams',
      limit: limits.perIntent,
    });
  }
  if (count >= limits.perNode) {
    throw full('The gateway has too many event streams open; try again later, or poll', {
      scope: 'node_streams',
      limit: limits.perNode,
    });
  }
}

function full(message: string, details: { scope: string; limit: number }): DomainError {
  return new DomainError('rate_limit_exceeded', message, { details, retryAfterMs: RETRY_AFTER_MS });
}

function start(hub: Hub): NonNullable<Hub['work']> {
  const { databaseUrl: url, clock, log } = hub.options;
  const listening = listenForChanges({
    url,
    clock,
    log,
    onChanged(intentId) {
      if (hub.members.has(intentId)) {
        requestRead(hub, [intentId]);
      }
    },
    onListening() {
      hub.isListening = true;
      requestRead(hub, hub.members.keys());
    },
    onAway() {
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
  }
}

/** Has these intents read soon: with whatever else is asked for in the same turn, or while a read is under way. */
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
  await nextTurn();
  while (hub.due.size > 0) {
    const known = new Map([...hub.due].map((intentId) => [intentId, knownVersion(hub, intentId)]));
    hub.due.clear();
    try {
      for (const state of await findChangedIntents(db, known)) {
        emit(hub, state);
      }
    } catch (err) {
      log.warn({ err, intents: known.size }, 'watched intents could not be read; the next look finds them');
    }
  }
  hub.reading = undefined;
}

/** What everybody who watches this intent knows at least. */
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

/** An answer may overtake an older one; nobody is told the old state after the new. */
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
    { labels: {}, value: hub.count },
  ]);
  metrics.observe(
    'pgw_event_listener_connected',
    '1 while changes of payment intents are heard, 0 while they are looked for; absent before the first stream',
    [],
    () => (hub.work ? [{ labels: {}, value: hub.isListening ? 1 : 0 }] : []),
  );
}
