/**
 * Merchants' own rate limits, kept in memory: a request never waits for them. A change shows on every node within
 * seconds.
 */
import { listMerchantLimits } from '../../store/merchant-limits.ts';
import type { ServiceDeps } from '../deps.ts';

const FRESH_MS = 3_000;

/** @returns a lookup from memory, which reads the table again in the background when it is stale */
export async function createMerchantLimits(
  deps: ServiceDeps,
): Promise<(merchantId: string) => number | undefined> {
  let limits = await read(deps);
  let readAt = deps.clock.now().getTime();
  return (merchantId) => {
    const now = deps.clock.now().getTime();
    if (now - readAt > FRESH_MS) {
      readAt = now;
      read(deps).then(
        (next) => {
          limits = next;
        },
        (err: unknown) =>
          deps.log.warn({ err }, 'merchant limits could not be read; the last known ones stay'),
      );
    }
    return limits.get(merchantId);
  };
}

async function read(deps: ServiceDeps): Promise<Map<string, number>> {
  const rows = await listMerchantLimits(deps.db);
  return new Map(rows.map(({ merchantId, requestsPerMinute }) => [merchantId, requestsPerMinute]));
}
