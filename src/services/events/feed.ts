/**
 * Reads the events feed a page at a time, and waits for the next event.
 */
import { monotonicMs } from '../../lib/clock.ts';
import { type FeedEvent, type FeedFilter, type FeedStart, readFeed } from '../../store/events/feed.ts';
import type { ServiceDeps } from '../deps.ts';
import { renderCursor, requireComplete } from './cursor.ts';
import type { Follower } from './followers.ts';

export interface FeedPage {
  readonly events: readonly (FeedEvent & { readonly cursor: string })[];
  readonly nextCursor: string;
  /** The same cursor, for the next read. */
  readonly next: FeedStart;
  readonly hasMore: boolean;
}

/** The longest delay after a lost notification. */
const REREAD_MS = 5_000;

/** @throws cursor_expired */
export async function readPage(deps: ServiceDeps, filter: FeedFilter, start: FeedStart): Promise<FeedPage> {
  const read = await readFeed(deps.db, filter, start);
  requireComplete(read);
  const events = read.events.slice(0, filter.limit);
  const isCut = read.events.length > filter.limit;
  const position = (isCut ? events.at(-1)?.position : read.stoppedAt) ?? read.head;
  return {
    events: events.map((event) => ({ ...event, cursor: renderCursor(read.epoch, event.position) })),
    nextCursor: renderCursor(read.epoch, position),
    next: { epoch: read.epoch, position },
    hasMore: isCut || read.stoppedAt !== undefined,
  };
}

/**
 * Reads after `start` until there is something to return or the time is over.
 * @throws cursor_expired
 */
export async function waitForPage(
  deps: ServiceDeps,
  filter: FeedFilter,
  start: FeedStart,
  { follower, waitMs }: { readonly follower: Follower; readonly waitMs: number },
): Promise<FeedPage> {
  const endMs = monotonicMs(deps.wallClock) + waitMs;
  let page = await readPage(deps, filter, start);
  while (page.events.length === 0 && !page.hasMore && !follower.hasEnded()) {
    const leftMs = endMs - monotonicMs(deps.wallClock);
    if (leftMs <= 0) {
      return page;
    }
    await follower.wait(Math.min(leftMs, REREAD_MS));
    page = await readPage(deps, filter, page.next);
  }
  return page;
}
