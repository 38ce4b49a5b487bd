/**
 * The connection to Redis, for counters that several nodes share. No request is refused because Redis is unavailable, and
 * only the first ones are delayed: after an error each process uses its own counters until a background probe succeeds.
 */
import { Redis } from 'ioredis';
import { RateLimiterRedis } from 'rate-limiter-flexible';
import { backoffMs } from '../../lib/backoff.ts';
import { systemClock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/log.ts';
import type { Metrics } from '../../lib/metrics.ts';

/** A request waits no longer than this for its count. */
const COMMAND_TIMEOUT_MS = 250;
const RECONNECT = { firstMs: 100, maxMs: 1_000 };
/** Pause before each probe of a Redis that refused a command. */
const PROBE_MS = 1_000;

export interface SharedRedis {
  readonly client: Redis;
  /** `ready` while the shared counters are in use. */
  readonly status: string;
  /** Runs `shared`; runs `local` instead while Redis is unavailable, and when `shared` fails. */
  use<T>(shared: () => Promise<T>, local: () => T | Promise<T>): T | Promise<T>;
  disconnect(): void;
}

export function connectRedis(
  url: string,
  log: Logger,
  metrics: Pick<Metrics, 'sharedCountersAvailable'>,
  random: () => number,
): SharedRedis {
  const client = new Redis(url, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: COMMAND_TIMEOUT_MS,
    connectTimeout: 2_000,
    retryStrategy: (times) => backoffMs(times - 1, RECONNECT, random()),
  });
  const availability = createAvailability(client, log, metrics);
  return {
    client,
    get status() {
      return availability.isAvailable() ? 'ready' : 'unavailable';
    },
    use(shared, local) {
      if (!availability.isAvailable()) {
        return local();
      }
      return shared().catch((error: unknown) => {
        availability.failed(error);
        return local();
      });
    },
    disconnect() {
      availability.close();
      client.disconnect();
    },
  };
}

interface Availability {
  isAvailable(): boolean;
  failed(error?: unknown): void;
  close(): void;
}

function createAvailability(
  client: Redis,
  log: Logger,
  metrics: Pick<Metrics, 'sharedCountersAvailable'>,
): Availability {
  const closing = new AbortController();
  const { signal } = closing;
  const report = createReport(log, metrics);
  const probe = createProbe(client);
  let isAvailable = false;
  let isRecovering = false;
  const check = async () => {
    await probe.consume('probe');
    isAvailable = !signal.aborted;
    report(isAvailable);
  };
  const recover = async () => {
    isRecovering = true;
    while (!isAvailable && !signal.aborted) {
      await systemClock.sleep(PROBE_MS, signal);
      if (client.status === 'ready' && !signal.aborted) {
        // Reconnect, because the name may resolve to another server by now.
        await check().catch(() => client.disconnect(true));
      }
    }
    isRecovering = false;
  };
  const failed = (error?: unknown) => {
    isAvailable = false;
    if (!signal.aborted) {
      report(false, error);
    }
    if (!isRecovering) {
      void recover();
    }
  };
  client.on('ready', () => void check().catch(failed));
  client.on('error', failed);
  client.on('close', () => failed());
  return { isAvailable: () => isAvailable, failed, close: () => closing.abort() };
}

/** Sends the counters' command, because a Redis that answers PING may refuse it (replica, no memory, no permission). */
function createProbe(client: Redis): RateLimiterRedis {
  return new RateLimiterRedis({
    keyPrefix: 'pgw:rate',
    points: Number.MAX_SAFE_INTEGER,
    duration: 60,
    storeClient: client,
  });
}

/** Logs and records only changes. */
function createReport(log: Logger, metrics: Pick<Metrics, 'sharedCountersAvailable'>) {
  let last: boolean | undefined;
  return (next: boolean, error?: unknown) => {
    if (next === last) {
      return;
    }
    last = next;
    metrics.sharedCountersAvailable(next);
    if (next) {
      log.info('connected to Redis: rate limits are shared by all nodes');
    } else {
      log.warn(
        { reason: describe(error) },
        'lost Redis: each process counts rate limits by itself until it is back',
      );
    }
  };
}

/**
 * Only the message: the error object also contains the arguments of the command, which may be the password. Some servers
 * repeat the arguments of a refused command in the message.
 */
function describe(error: unknown): string {
  const { message = '', code } = (error ?? { message: 'the connection was closed' }) as {
    message?: string;
    code?: unknown;
  };
  const text = message.replace(/,? with args .*/is, '');
  return typeof code === 'string' && !text.includes(code) ? `${code} ${text}` : text;
}
