/**
 * Server-sent events about one payment intent: turns the notifications of a watcher into the bytes of
 * `text/event-stream`. A client that does not read its events is disconnected; it reconnects and gets the present state.
 */
import { Readable } from 'node:stream';
import { isTerminal } from '../domain/payment.ts';
import { type Clock, monotonicMs } from '../lib/clock.ts';
import { presentPaymentIntent } from '../presenters/payment-intent.ts';
import type { Watcher } from '../services/live-status/watch.ts';
import type { IntentVersion } from '../store/payment-lists.ts';

/** An event is about one kilobyte and an intent has a handful, so a full buffer means that the client does not read. */
const BUFFER_BYTES = 16_384;
/** Credentials expire and nodes fill unevenly, so every stream ends after this time. */
const MAX_AGE_MS = 3_600_000;
/** Reconnection delays: after a lost connection; after a shutdown, spread; after the last event, for clients that stay. */
const RETRY_MS = 2_000;
const RETRY_SPREAD_MS = 4_000;
const RETRY_ENDED_MS = 60_000;

/** No cache may store the stream, no proxy may buffer it, and the connection is not reused. */
export const STREAM_HEADERS = {
  'Cache-Control': 'no-store',
  'X-Accel-Buffering': 'no',
  Connection: 'close',
};

export interface EventStream {
  readonly body: Readable;
  readonly watcher: Watcher;
}

/** @param random in [0, 1): spreads the clients that have to reconnect */
export function createEventStream({ clock, random }: { clock: Clock; random: () => number }): EventStream {
  const body = new Readable({ read() {}, highWaterMark: BUFFER_BYTES });
  const oldAt = monotonicMs(clock) + MAX_AGE_MS;
  let isOver = false;
  const send = (text: string) => {
    if (isOver || body.destroyed) {
      return;
    }
    body.push(text);
    if (body.readableLength > BUFFER_BYTES) {
      body.destroy();
    }
  };
  const finish = () => {
    if (!isOver && !body.destroyed) {
      body.push(null);
    }
    isOver = true;
  };
  const ended = () => {
    send(retryIn(RETRY_MS + Math.round(random() * RETRY_SPREAD_MS)));
    finish();
  };
  send(retryIn(RETRY_MS));
  return {
    body,
    watcher: {
      changed(state) {
        send(isTerminal(state.intent) ? retryIn(RETRY_ENDED_MS) + eventOf(state) : eventOf(state));
        if (isTerminal(state.intent)) {
          finish();
        }
      },
      pulse() {
        if (monotonicMs(clock) >= oldAt) {
          ended();
        } else {
          send(':\n\n');
        }
      },
      ended,
    },
  };
}

function retryIn(milliseconds: number): string {
  return `retry: ${milliseconds}\n\n`;
}

function eventOf({ intent, version }: IntentVersion): string {
  return `id: ${version}\nevent: payment_intent\ndata: ${JSON.stringify(presentPaymentIntent(intent))}\n\n`;
}
