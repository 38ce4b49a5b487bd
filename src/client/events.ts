/**
 * The events feed: one page, one event, and following it.
 */
import type { Client } from 'openapi-fetch';
import type { components, operations, paths } from '../../generated/openapi.d.ts';
import { backoffMs } from '../lib/backoff.ts';
import { type Clock, monotonicMs, systemClock } from '../lib/clock.ts';
import { dataOf, signalOf } from './calls.ts';
import { isTransient } from './errors.ts';
import type { CallOptions, ClientOptions } from './options.ts';
import { TIMEOUT_MS } from './send.ts';

type Schemas = components['schemas'];
export type EventsQuery = NonNullable<operations['listEvents']['parameters']['query']>;

export interface EachEventOptions extends CallOptions {
  /** The cursor after which to begin, or `oldest`; by default only what happens from now on. */
  readonly after?: string;
  /** Only events of these types. */
  readonly types?: readonly string[];
  /** Events that are fetched together, 1 to 100; 100 by default. */
  readonly limit?: number;
}

export interface FeedEntry {
  readonly event: Schemas['Event'];
  /**
   * Where to continue as `after` once this event is done. In the middle of a page it is the beginning of the page, so up to
   * `limit` - 1 events come again after a restart: recognise them by their id.
   */
  readonly cursor: string;
}

export interface EventMethods {
  /** One page of the feed, oldest first; `next_cursor` continues it. */
  listEvents(query?: EventsQuery, options?: CallOptions): Promise<Schemas['EventList']>;
  retrieveEvent(id: string, options?: CallOptions): Promise<Schemas['Event']>;
  /**
   * Follows the feed until `signal` aborts, through outages of any length, with requests that wait for the next event.
   * @throws PgwCursorExpiredError when the events after the cursor have been removed; PgwError for a refusal that does not
   * pass, such as a revoked key
   */
  eachEvent(options?: EachEventOptions): AsyncGenerator<FeedEntry, never>;
}

/** The longest that the contract allows. */
const MAX_WAIT_SECONDS = 25;
/** How long before the client's own timeout a waiting request ends. */
const MARGIN_SECONDS = 5;
/** Shortest time between two requests that find nothing, for a gateway or proxy that does not let them wait. */
const MIN_INTERVAL_MS = 1_000;
const BACKOFF = { firstMs: 1_000, maxMs: 30_000 };

/** The methods of the client for events. */
export function eventMethods(api: Client<paths>, options: ClientOptions): EventMethods {
  const { timeoutMs = TIMEOUT_MS, clock = systemClock, random = Math.random } = options;
  const waitSeconds = Math.min(MAX_WAIT_SECONDS, Math.max(0, Math.floor(timeoutMs / 1_000) - MARGIN_SECONDS));
  const methods: EventMethods = {
    listEvents: (query = {}, call = {}) =>
      dataOf<Schemas['EventList']>(
        api.GET('/v1/events', {
          params: { query },
          headers: { Accept: 'application/json' },
          ...signalOf(call),
        }) as Listed,
      ),
    retrieveEvent: (id, call = {}) =>
      dataOf(api.GET('/v1/events/{id}', { params: { path: { id } }, ...signalOf(call) })),
    eachEvent: (call = {}) => follow(methods.listEvents, call, { waitSeconds, clock, random }),
  };
  return methods;
}

/** A page of the feed, as openapi-fetch returns it; the contract's other form, a stream, comes only if it is asked for. */
type Listed = Promise<{ data?: Schemas['EventList']; error?: unknown; response: Response }>;

interface Pace {
  readonly waitSeconds: number;
  readonly clock: Clock;
  readonly random: () => number;
}

async function* follow(
  list: EventMethods['listEvents'],
  { after, types, limit = 100, signal }: EachEventOptions,
  pace: Pace,
): AsyncGenerator<FeedEntry, never> {
  const filter = { limit, ...(types && { types: types.join(',') }) };
  let cursor = after;
  while (true) {
    // Without a cursor there is nothing to wait for: the response only contains the cursor from which to continue.
    const query = cursor === undefined ? filter : { ...filter, after: cursor, wait: pace.waitSeconds };
    const startedMs = monotonicMs(pace.clock);
    const page = await persistently(() => list(query, { ...(signal && { signal }) }), pace, signal);
    for (const [index, event] of page.data.entries()) {
      const isLast = index === page.data.length - 1;
      yield { event, cursor: isLast ? page.next_cursor : (cursor ?? page.next_cursor) };
    }
    const isFirst = cursor === undefined;
    cursor = page.next_cursor;
    const tookMs = monotonicMs(pace.clock) - startedMs;
    if (page.data.length === 0 && !page.has_more && !isFirst && tookMs < MIN_INTERVAL_MS) {
      await pace.clock.sleep(MIN_INTERVAL_MS - tookMs, signal);
      signal?.throwIfAborted();
    }
  }
}

/** Calls until there is a response, however long that takes; `send` has already retried each call. */
async function persistently<T>(
  call: () => Promise<T>,
  { clock, random }: Pace,
  signal: AbortSignal | undefined,
): Promise<T> {
  for (let failures = 0; ; failures += 1) {
    signal?.throwIfAborted();
    try {
      return await call();
    } catch (error) {
      signal?.throwIfAborted();
      if (!isTransient(error)) {
        throw error;
      }
      await clock.sleep(backoffMs(failures, BACKOFF, random()), signal);
    }
  }
}
