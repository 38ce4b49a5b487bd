/**
 * News that a payment intent has changed, from any process to all: PostgreSQL's NOTIFY and LISTEN. A hint and no more: it
 * is sent after the commit, for a NOTIFY inside a transaction makes the server commit such transactions one by one; so it
 * may be lost, and whoever listens also looks by itself now and then.
 */
import pg from 'pg';
import { backoffMs } from '../lib/backoff.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import { type Db, execute } from './db/query.ts';

const CHANNEL = 'pgw_payment_intents';
const CONNECT_TIMEOUT_MS = 5_000;
/** How soon the system starts to ask whether the server is still there; a connection that only listens never finds out. */
const KEEP_ALIVE_MS = 10_000;
const RECONNECT = { firstMs: 100, maxMs: 5_000 };

/** Tells everybody who listens that these intents have changed. */
export async function notifyChanged(db: Db, intentIds: readonly string[]): Promise<void> {
  await execute(db, 'select pg_notify(:channel, id) from unnest(cast(:intentIds as text[])) as id', {
    channel: CHANNEL,
    intentIds,
  });
}

export interface ListenOptions {
  readonly url: string;
  readonly clock: Clock;
  /** In [0, 1), for the jitter of reconnects. */
  readonly random: () => number;
  readonly log: Logger;
  readonly onChanged: (intentId: string) => void;
  /** From now on news comes in; what happened before was missed. */
  readonly onListening: () => void;
  readonly onAway: () => void;
}

export interface Listening {
  close(): Promise<void>;
}

/** Listens on a connection of its own, and on another one, with growing pauses, whenever that is lost. */
export function listenForChanges(options: ListenOptions): Listening {
  const closing = new AbortController();
  const listening = keepListening(options, closing.signal);
  return {
    async close() {
      closing.abort();
      await listening;
    },
  };
}

async function keepListening(options: ListenOptions, closing: AbortSignal): Promise<void> {
  let retries = 0;
  const onListening = () => {
    retries = 0;
    options.onListening();
  };
  while (!closing.aborted) {
    await listenUntilLost({ ...options, onListening }, closing).catch((err: unknown) => {
      options.log.warn({ err }, 'the connection that listens for changes was lost; live status comes late');
    });
    options.onAway();
    if (!closing.aborted) {
      await options.clock.sleep(backoffMs(retries, RECONNECT, options.random()), closing);
    }
    retries += 1;
  }
}

/** One connection: until it is lost, which throws, or until closing. */
async function listenUntilLost(options: ListenOptions, closing: AbortSignal): Promise<void> {
  const client = new pg.Client({
    connectionString: options.url,
    application_name: 'mpac-pgw listen',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
  });
  const done = new AbortController();
  const over = new Promise<void>((resolve, reject) => {
    client.on('error', reject);
    client.on('end', () => reject(new Error('the server ended the connection')));
    closing.addEventListener('abort', () => resolve(), { once: true, signal: done.signal });
  });
  // Lost while it is being opened, it is the opening that tells.
  over.catch(() => undefined);
  client.on('notification', ({ payload }) => options.onChanged(payload ?? ''));
  try {
    await client.connect();
    await client.query(`listen ${CHANNEL}`);
    if (closing.aborted) {
      return;
    }
    options.onListening();
    await over;
  } finally {
    done.abort();
    // Not waited for: a server that is gone does not say goodbye.
    void client.end().catch(() => undefined);
  }
}
