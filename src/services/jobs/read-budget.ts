/**
 * How much of the provider's read quota background work may use: one budget over all nodes, so that neither many live
 * codes nor a flood of forged webhooks can exhaust it.
 */
import { takeProviderReads } from '../../store/provider-reads.ts';
import type { ServiceDeps } from '../deps.ts';

/** @returns how many of `wanted` reads may be made now; the rest waits for the next run */
export function takeReads(deps: ServiceDeps, wanted: number): Promise<number> {
  if (wanted === 0) {
    return Promise.resolve(0);
  }
  const provider = deps.providers.findForMethod('qr_mpm');
  if (!provider) {
    throw new Error('no provider is set up for qr_mpm');
  }
  const second = new Date(Math.floor(deps.clock.now().getTime() / 1_000) * 1_000);
  return takeProviderReads(deps.db, provider.name, second, wanted, deps.readsPerSecond);
}
