/**
 * Stores the outcome of an attempt to deliver an event: in the delivery, and in the endpoint's health if that changes.
 */
import type { DeliveryAttempt } from '../../domain/webhook-delivery.ts';
import type { WebhookEndpoint } from '../../domain/webhook-endpoint.ts';
import { HEALTHY, healthAfterFailure } from '../../domain/webhooks/endpoint-health.ts';
import { retryDelayMs, type TryFailure } from '../../domain/webhooks/retry-schedule.ts';
import { type Db, inTransaction } from '../../store/db/query.ts';
import { unblockNext } from '../../store/webhooks/delivery-order.ts';
import { saveAccepted, saveFailed } from '../../store/webhooks/delivery-outcomes.ts';
import type { ClaimedDelivery } from '../../store/webhooks/delivery-queue.ts';
import { lockEndpoint, saveEndpoint } from '../../store/webhooks/endpoints.ts';
import type { ServiceDeps } from '../deps.ts';
import { recordDisabled } from './endpoint-events.ts';

/** The outcome of one try. */
export interface TryOutcome {
  readonly attempt: DeliveryAttempt;
  /** Undefined when the receiver has accepted the event. */
  readonly failure: TryFailure | undefined;
}

/** The status with which a receiver says that the endpoint does not exist any more. */
const GONE = 410;

export async function recordDelivery(
  deps: ServiceDeps,
  claimed: ClaimedDelivery,
  { attempt, failure }: TryOutcome,
): Promise<void> {
  const now = deps.clock.now();
  const accepted = { id: claimed.id, attempt, now };
  if (failure) {
    await inTransaction(deps.db, (trx) => recordFailure(deps, trx, claimed, { attempt, failure }, now));
  } else if (claimed.isFailing) {
    await inTransaction(deps.db, async (trx) => {
      await changeEndpoint(trx, claimed, (endpoint) => ({ ...endpoint, health: HEALTHY }));
      await saveAccepted(trx, accepted);
    });
  } else {
    await saveAccepted(deps.db, accepted);
  }
  // After the commit; see delivery-order.ts.
  if (claimed.isOrdered && (await unblockNext(deps.db, claimed.id))) {
    deps.wake('deliveries');
  }
}

async function recordFailure(
  deps: ServiceDeps,
  trx: Db,
  claimed: ClaimedDelivery,
  { attempt, failure }: { readonly attempt: DeliveryAttempt; readonly failure: TryFailure },
  now: Date,
): Promise<void> {
  const change = await changeEndpoint(trx, claimed, (endpoint) => {
    const isGone = failure.status === GONE;
    const { health, disable } = healthAfterFailure(
      endpoint.health,
      { isGone, isProbe: claimed.isProbe },
      now,
    );
    const failed: WebhookEndpoint = { ...endpoint, health };
    return disable && endpoint.status !== 'disabled'
      ? { ...failed, status: 'disabled', disabledReason: disable, updatedAt: now }
      : failed;
  });
  if (change && change.before.status !== 'disabled' && change.after.status === 'disabled') {
    await recordDisabled(deps, trx, change.after);
  }
  const delayMs = retryDelayMs(claimed.tries + 1, failure, deps.random());
  const nextTryAt = delayMs === undefined ? undefined : new Date(now.getTime() + delayMs);
  await saveFailed(trx, { id: claimed.id, tries: claimed.tries, attempt, nextTryAt, now });
}

/**
 * Changes an endpoint under its lock, unless it has another URL since the delivery was claimed: the response of the old
 * receiver says nothing about the new one.
 * @returns it before and after; undefined when it was not changed
 */
async function changeEndpoint(
  trx: Db,
  { endpointId, url }: ClaimedDelivery,
  change: (endpoint: WebhookEndpoint) => WebhookEndpoint,
): Promise<{ readonly before: WebhookEndpoint; readonly after: WebhookEndpoint } | undefined> {
  const stored = await lockEndpoint(trx, endpointId, undefined);
  if (stored?.endpoint.url !== url) {
    return undefined;
  }
  const before = stored.endpoint;
  const after = change(before);
  await saveEndpoint(trx, after);
  return { before, after };
}
