/**
 * streamPaymentIntentEvents: the present state to begin with, then every change, until the intent is over.
 */
import { intentNotFound } from '../../domain/errors.ts';
import { isId } from '../../lib/ids.ts';
import { findChangedIntents } from '../../store/payments.ts';
import type { ServiceDeps } from '../deps.ts';
import type { Watcher } from '../live-status/watch.ts';

/**
 * @returns what ends the watching; to be called when nobody listens any more, in any case
 * @throws not_found when this merchant has no such intent, rate_limit_exceeded when too many watch already
 */
export async function streamPaymentIntentEvents(
  deps: ServiceDeps,
  input: { merchantId: string; intentId: string },
  watcher: Watcher,
): Promise<() => void> {
  if (!isId('pi', input.intentId)) {
    throw intentNotFound();
  }
  // Watching begins before the state is read, so that no change falls between the two.
  const watching = deps.watchers.add(input.intentId, watcher);
  try {
    const [state] = await findChangedIntents(deps.db, new Map([[input.intentId, 0]]));
    if (state?.intent.merchantId !== input.merchantId) {
      throw intentNotFound();
    }
    watching.offer(state);
    // A node that is going tells the state all the same: a browser gives up on a refusal for good.
    if (deps.isDraining()) {
      watcher.ended();
    }
    return watching.stop;
  } catch (error) {
    watching.stop();
    throw error;
  }
}
