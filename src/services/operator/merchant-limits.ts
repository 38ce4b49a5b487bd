/**
 * Rate limits of individual merchants, cached in memory so that requests never wait for them. A change takes effect
 * on every node within seconds.
 */
import { monotonicMs } from '../../lib/clock.ts';
import { listMerchantLimits } from '../../store/merchant-limits.ts';
import type { ServiceDeps } from '../deps.ts';

const FRESH_MS = 3_000;

/** @returns a look-up from the cache, which is refreshed in the background when it is stale */
export async function createMerchantLimits(
  deps: ServiceDeps,
): Promise<(merchantId: string) => number | undefined> {
  let limits = await read(deps);
  let readAt = monotonicMs(deps.clock);
  return (merchantId) => {
    const now = monotonicMs(deps.clock);
    if (now - readAt > FRESH_MS) {
      readAt = now;
      read(deps).then(
        (next) => {
          limits = next;
        },
        (err: unknown) =>
          deps.log.warn({ err }, 'could not read merchant limits; keeping the last known ones'),
      );
    }
    return limits.get(merchantId);
  };
}

async function read(deps: ServiceDeps): Promise<Map<string, number>> {
  const rows = await listMerchantLimits(deps.db);
  return new Map(rows.map(({ merchantId, requestsPerMinute }) => [merchantId, requestsPerMinute]));
}
