/**
 * Pages of the events feed as JSON and as server-sent events. Bodies of events are inserted as they were stored.
 */
import type { FeedPage } from '../../services/events/feed.ts';

/** Reconnection delays: after a lost connection, and, spread, after the gateway has ended the stream. */
const RETRY_MS = 2_000;
const RETRY_SPREAD_MS = 4_000;

export function presentEventPage({ events, nextCursor, hasMore }: FeedPage): string {
  const data = events.map(({ body }) => body).join(',');
  return `{"data":[${data}],"next_cursor":${JSON.stringify(nextCursor)},"has_more":${hasMore}}`;
}

/**
 * The text of a stream. A page without events becomes a comment with the cursor, so that the client resumes from there.
 * @param random in [0, 1): spreads the clients that have to reconnect
 */
export async function* presentEventStream(
  pages: AsyncIterable<FeedPage>,
  random: () => number,
): AsyncGenerator<string, void, void> {
  yield `retry: ${RETRY_MS}\n\n`;
  for await (const { events, nextCursor } of pages) {
    for (const { cursor, type, body } of events) {
      yield `id: ${cursor}\nevent: ${type}\ndata: ${body}\n\n`;
    }
    if (events.length === 0) {
      yield `:\nid: ${nextCursor}\n\n`;
    }
  }
  yield `retry: ${RETRY_MS + Math.round(random() * RETRY_SPREAD_MS)}\n\n`;
}
