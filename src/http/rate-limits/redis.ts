/**
 * The connection to Redis, for counters that several nodes share. No request is refused because Redis is unavailable:
 * calls fail immediately, local counters replace the shared ones, and the connection is re-established by itself.
 */
import { Redis } from 'ioredis';
import { backoffMs } from '../../lib/backoff.ts';
import type { Logger } from '../../lib/log.ts';
import type { Metrics } from '../../lib/metrics.ts';

/** A request waits no longer than this for its count. */
const COMMAND_TIMEOUT_MS = 250;
const RECONNECT = { firstMs: 100, maxMs: 1_000 };

export function connectRedis(
  url: string,
  log: Logger,
  metrics: Pick<Metrics, 'sharedCountersAvailable'>,
  random: () => number,
): Redis {
  const redis = new Redis(url, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: COMMAND_TIMEOUT_MS,
    connectTimeout: 2_000,
    retryStrategy: (times) => backoffMs(times - 1, RECONNECT, random()),
  });
  let isAvailable: boolean | undefined;
  const reportState = (next: boolean, err?: unknown) => {
    if (next === isAvailable) {
      return;
    }
    isAvailable = next;
    metrics.sharedCountersAvailable(next);
    if (next) {
      log.info('connected to Redis: rate limits are shared by all nodes');
    } else {
      log.warn({ err }, 'lost Redis: each process counts rate limits by itself until it reconnects');
    }
  };
  redis.on('ready', () => reportState(true));
  redis.on('error', (err) => reportState(false, err));
  redis.on('close', () => reportState(false));
  return redis;
}
