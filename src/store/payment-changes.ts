/**
 * Broadcasts changes of payment intents, and that merchants have new events, to all processes, by PostgreSQL's NOTIFY and
 * LISTEN. A notification is sent
 * after the commit, because the server serializes the commits of transactions that contain a NOTIFY. It can therefore
 * be lost, so listeners also poll.
 */
import pg from 'pg';
import { backoffMs } from '../lib/backoff.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import { type Db, execute } from './db/query.ts';

const CHANNEL = 'pgw_payment_intents';
const EVENTS_CHANNEL = 'pgw_events';
const CONNECT_TIMEOUT_MS = 5_000;
/** Delay of TCP keep-alive probes, without which a connection that only listens never notices a lost server. */
const KEEP_ALIVE_MS = 10_000;
const RECONNECT = { firstMs: 100, maxMs: 5_000 };

/** Notifies all listeners that these intents have changed. */
export async function notifyChanged(db: Db, intentIds: readonly string[]): Promise<void> {
  await execute(db, 'select pg_notify(:channel, id) from unnest(cast(:intentIds as text[])) as id', {
    channel: CHANNEL,
    intentIds,
  });
}

/** Notifies all listeners that these merchants have new events in the feed. */
export async function notifyEvents(db: Db, merchantIds: readonly string[]): Promise<void> {
  await execute(db, 'select pg_notify(:channel, id) from unnest(cast(:merchantIds as text[])) as id', {
    channel: EVENTS_CHANNEL,
    merchantIds,
  });
}

export interface ListenOptions {
  readonly url: string;
  readonly clock: Clock;
  /** In [0, 1), for the jitter of reconnects. */
  readonly random: () => number;
  readonly log: Logger;
  readonly onChanged: (intentId: string) => void;
  readonly onEvents: (merchantId: string) => void;
  /** Notifications arrive from now on; earlier ones were missed. */
  readonly onListening: () => void;
  readonly onLost: () => void;
}

export interface Listening {
  close(): Promise<void>;
}

/** Listens on a connection of its own, and reconnects with back-off when it is lost. */
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
      options.log.warn({ err }, 'lost the connection that listens for changes; live status is delayed');
    });
    options.onLost();
    if (!closing.aborted) {
      await options.clock.sleep(backoffMs(retries, RECONNECT, options.random()), closing);
    }
    retries += 1;
  }
}

/**
 * Listens on one connection until `closing` aborts.
 * @throws when the connection is lost
 */
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
  // A loss while connecting is reported by connect().
  over.catch(() => undefined);
  client.on('notification', ({ channel, payload = '' }) =>
    channel === EVENTS_CHANNEL ? options.onEvents(payload) : options.onChanged(payload),
  );
  try {
    await client.connect();
    await client.query(`listen ${CHANNEL}; listen ${EVENTS_CHANNEL}`);
    if (closing.aborted) {
      return;
    }
    options.onListening();
    await over;
  } finally {
    done.abort();
    // Not awaited, because a lost server never responds.
    void client.end().catch(() => undefined);
  }
}
