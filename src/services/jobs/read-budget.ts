/**
 * How much of the provider's quota for reads the background work may use: one budget for the whole installation, so that
 * neither a crowd of live codes nor a flood of forged webhooks can use it up.
 */
import { takeProviderReads } from '../../store/provider-reads.ts';
import type { ServiceDeps } from '../deps.ts';

/** @returns how many of `wanted` reads may be made now; the rest waits for the next pass */
export function takeReads(deps: ServiceDeps, wanted: number): Promise<number> {
  if (wanted === 0) {
    return Promise.resolve(0);
  }
  const second = new Date(Math.floor(deps.clock.now().getTime() / 1_000) * 1_000);
  return takeProviderReads(deps.db, 'PAYPAY', second, wanted, deps.readsPerSecond);
}
