/**
 * listEvents: the merchant's events after a cursor, once or as a stream.
 */
import { invalidField } from '../../../domain/errors.ts';
import { MERCHANT_EVENT_TYPES } from '../../../domain/merchant-events.ts';
import { monotonicMs } from '../../../lib/clock.ts';
import { type ApiKey, findApiKey, mayContinue } from '../../../store/api-keys.ts';
import type { FeedFilter } from '../../../store/events/feed.ts';
import type { ServiceDeps } from '../../deps.ts';
import { parseCursor } from '../../events/cursor.ts';
import { type FeedPage, readPage, waitForPage } from '../../events/feed.ts';
import type { Follower } from '../../events/followers.ts';

export interface ListEvents {
  readonly merchantId: string;
  /** Undefined: events of all stores, and of none. */
  readonly storeIds: readonly string[] | undefined;
  readonly after: string | undefined;
  /** Separated by commas. */
  readonly types: string | undefined;
  readonly limit: number;
  readonly waitSeconds: number;
}

/** @throws invalid_request, cursor_expired, rate_limit_exceeded when too many requests of the merchant wait */
export async function listEvents(deps: ServiceDeps, input: ListEvents): Promise<FeedPage> {
  const filter = filterOf(input);
  const start = parseCursor('after', input.after);
  if (input.waitSeconds === 0) {
    return readPage(deps, filter, start);
  }
  const follower = startFollowing(deps, input.merchantId);
  try {
    return await waitForPage(deps, filter, start, { follower, waitMs: input.waitSeconds * 1_000 });
  } finally {
    follower.leave();
  }
}

/** A page without events is a keep-alive signal. */
export type EventPages = AsyncGenerator<FeedPage, void, void>;

/** Shorter than the idle timeout of proxies. */
const KEEP_ALIVE_MS = 12_000;
/** Credentials expire and nodes fill unevenly, so every stream ends after this time. */
const MAX_AGE_MS = 3_600_000;
const PAGE_EVENTS = 100;

/**
 * The pages of a stream. The next one is read when the last one has been consumed.
 * @param lastEventId takes precedence over `after`
 * @returns also a function that ends the stream; the caller must call it when the client disconnects
 * @throws invalid_request, cursor_expired, rate_limit_exceeded when the merchant has too many streams
 */
export async function followEvents(
  deps: ServiceDeps,
  input: Omit<ListEvents, 'limit' | 'waitSeconds'> & {
    readonly key: ApiKey | undefined;
    readonly lastEventId: string | undefined;
  },
): Promise<{ pages: EventPages; stop: () => void }> {
  const filter = filterOf({ ...input, limit: PAGE_EVENTS });
  const { lastEventId } = input;
  const start =
    lastEventId === undefined ? parseCursor('after', input.after) : parseCursor('Last-Event-ID', lastEventId);
  const follower = startFollowing(deps, input.merchantId);
  try {
    const first = await readPage(deps, filter, start);
    return { pages: follow(deps, filter, first, { follower, key: input.key }), stop: follower.leave };
  } catch (error) {
    follower.leave();
    throw error;
  }
}

function startFollowing({ watchers, followers }: ServiceDeps, merchantId: string): Follower {
  const follower = followers.add(merchantId);
  watchers.listen();
  return follower;
}

async function* follow(
  deps: ServiceDeps,
  filter: FeedFilter,
  first: FeedPage,
  { follower, key }: { readonly follower: Follower; readonly key: ApiKey | undefined },
): EventPages {
  const nowMs = () => monotonicMs(deps.wallClock);
  const endMs = nowMs() + MAX_AGE_MS;
  let checkMs = nowMs() + KEEP_ALIVE_MS;
  // Also while there are events all the time.
  const isAllowed = async () => {
    if (nowMs() < checkMs) {
      return true;
    }
    checkMs = nowMs() + KEEP_ALIVE_MS;
    return await isStillAllowed(deps, key);
  };
  let page = first;
  try {
    do {
      yield page;
      page = await waitForPage(deps, filter, page.next, { follower, waitMs: checkMs - nowMs() });
    } while (!follower.hasEnded() && nowMs() < endMs && (await isAllowed()));
  } finally {
    follower.leave();
  }
}

/** Whether the key of a stream works as it did when the stream began. */
async function isStillAllowed(deps: ServiceDeps, key: ApiKey | undefined): Promise<boolean> {
  return key !== undefined && mayContinue(key, await findApiKey(deps.db, key.apiKey), deps.clock.now());
}

function filterOf({
  merchantId,
  storeIds,
  types,
  limit,
}: Pick<ListEvents, 'merchantId' | 'storeIds' | 'types' | 'limit'>): FeedFilter {
  return { merchantId, storeIds, types: types === undefined ? undefined : parseTypes(types), limit };
}

function parseTypes(types: string): string[] {
  const names = types.split(',').map((name) => name.trim());
  const known: readonly string[] = MERCHANT_EVENT_TYPES;
  if (names.some((name) => !known.includes(name))) {
    throw invalidField('types', 'enum', 'Types must be known types of events, separated by commas', {
      allowed: [...known],
    });
  }
  return [...new Set(names)];
}
