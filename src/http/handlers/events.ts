/**
 * Tag Events: a handler unpacks, calls one service, presents. Bodies of events are stored JSON and are sent as they are.
 */
import { Readable } from 'node:stream';
import { followEvents, listEvents } from '../../services/operations/events/list-events.ts';
import { retrieveEvent } from '../../services/operations/events/retrieve-event.ts';
import { keyOf, requireMerchantId, storesOf } from '../caller.ts';
import { STREAM_HEADERS } from '../event-stream.ts';
import type { Call, Handlers, Reply } from '../openapi/contract.ts';
import { presentEventPage, presentEventStream } from '../presenters/event-feed.ts';

/** Events contain what only this caller may read. */
const NO_STORE = { 'Cache-Control': 'no-store' };
/** Text that waits for a client that reads slowly; after it no further page is read. */
const BUFFER_BYTES = 16_384;

export const eventHandlers = {
  async listEvents(call) {
    const { deps, caller, query } = call;
    if (call.wantsStream) {
      return streamEvents(call);
    }
    const page = await listEvents(deps, {
      merchantId: requireMerchantId(caller),
      storeIds: storesOf(caller),
      after: query.after,
      types: query.types,
      limit: query.limit ?? 20,
      waitSeconds: query.wait ?? 0,
    });
    return { status: 200, type: 'application/json', content: presentEventPage(page), headers: NO_STORE };
  },

  async retrieveEvent({ deps, caller, path }) {
    const content = await retrieveEvent(deps, { merchantId: requireMerchantId(caller), eventId: path.id });
    return { status: 200, type: 'application/json', content, headers: NO_STORE };
  },
} satisfies Partial<Handlers>;

async function streamEvents({
  deps,
  caller,
  query,
  lastEventId,
}: Call<'listEvents'>): Promise<Reply<'listEvents'>> {
  const { pages, stop } = await followEvents(deps, {
    merchantId: requireMerchantId(caller),
    storeIds: storesOf(caller),
    after: query.after,
    types: query.types,
    key: keyOf(caller),
    lastEventId,
  });
  const text = presentEventStream(pages, deps.random);
  const content = readableOf(text, stop);
  return { status: 200, type: 'text/event-stream', content, headers: STREAM_HEADERS };
}

/** Asks for more text only when the client has read. `stop` is called when it has gone, even while there is no event. */
function readableOf(text: AsyncIterator<string, void>, stop: () => void): Readable {
  return new Readable({
    highWaterMark: BUFFER_BYTES,
    read() {
      text.next().then(
        ({ value, done }) => this.push(done ? null : value),
        (error: Error) => this.destroy(error),
      );
    },
    destroy(error, done) {
      stop();
      done(error);
    },
  });
}
