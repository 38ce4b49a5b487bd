/**
 * streamPaymentIntentEvents: emits the present state, then every change, until the intent has ended.
 */
import { intentNotFound } from '../../domain/errors.ts';
import { isId } from '../../lib/ids.ts';
import { findChangedIntents } from '../../store/payment-lists.ts';
import type { ServiceDeps } from '../deps.ts';
import type { WatchedBy, Watcher } from '../live-status/watch.ts';

/**
 * @returns a function that ends the watch; the caller must call it when the client disconnects
 * @throws not_found when this merchant has no such intent, rate_limit_exceeded when there are too many streams
 */
export async function streamPaymentIntentEvents(
  deps: ServiceDeps,
  input: WatchedBy & { readonly intentId: string },
  watcher: Watcher,
): Promise<() => void> {
  if (!isId('pi', input.intentId)) {
    throw intentNotFound();
  }
  // The watch begins before the state is read, so that no change is lost between the two.
  const watching = deps.watchers.add(input.intentId, input, watcher);
  try {
    const [state] = await findChangedIntents(deps.db, new Map([[input.intentId, 0]]));
    if (state?.intent.merchantId !== input.merchantId) {
      throw intentNotFound();
    }
    watching.offer(state);
    // During a shutdown the state is still sent, because a browser never reconnects after a refusal.
    if (deps.isDraining()) {
      watcher.ended();
    }
    return watching.stop;
  } catch (error) {
    watching.stop();
    throw error;
  }
}
