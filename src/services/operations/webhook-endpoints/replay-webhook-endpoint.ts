/**
 * replayWebhookEndpoint: delivers the events of a period again, those whose delivery failed or all.
 */
import type { ActContext } from '../../../domain/audit/act.ts';
import { invalidField } from '../../../domain/errors.ts';
import type { WebhookEndpoint } from '../../../domain/webhook-endpoint.ts';
import { utcDateOf } from '../../../lib/date-time.ts';
import { firstIdAt, newId } from '../../../lib/ids.ts';
import { afterCommit, type Db, inTransaction } from '../../../store/db/query.ts';
import { makeDue } from '../../../store/webhooks/deliveries.ts';
import {
  countEventsRead,
  type EventsRead,
  listFailedDeliveries,
  listReplayableEvents,
  type ReplayWindow,
  upsertDeliveries,
} from '../../../store/webhooks/replay.ts';
import { recordEndpointAct } from '../../audit/record-endpoint-acts.ts';
import type { ServiceDeps } from '../../deps.ts';
import { getLockedEndpoint, requireNotDisabled } from '../../webhooks/endpoints.ts';

/** Events are kept for 30 days. */
const MAX_DAYS = 31;
const DAY_MS = 86_400_000;
/** One request writes this many rows at most, in one transaction. */
const MAX_DELIVERIES = 10_000;
/** One request reads this many events at most, wanted or not, so that it takes a second and not minutes. */
const MAX_EVENTS_READ = 50_000;

export interface ReplayWebhookEndpoint {
  readonly merchantId: string;
  readonly endpointId: string;
  /** The stores that the key is limited to; undefined: no limit. */
  readonly storeIds: readonly string[] | undefined;
  /** Inclusive. */
  readonly from: Date;
  /** Exclusive. */
  readonly to: Date;
  readonly eventTypes: readonly string[] | undefined;
  readonly only: 'failed' | 'all';
  readonly isDryRun: boolean;
}

/**
 * @returns how many deliveries are sent again or, in a dry run, would be
 * @throws not_found, invalid_request (the period, too many deliveries, a disabled endpoint)
 */
export function replayWebhookEndpoint(
  deps: ServiceDeps,
  by: ActContext,
  command: ReplayWebhookEndpoint,
): Promise<number> {
  requirePeriod(command);
  const window = windowOf(command);
  return inTransaction(deps.db, async (trx) => {
    const { endpoint } = await getLockedEndpoint(trx, command.endpointId, command.merchantId);
    requireNotDisabled(endpoint);
    const count = await (command.only === 'failed' ? replayFailed : replayAll)(deps, trx, endpoint, {
      window,
      isDryRun: command.isDryRun,
    });
    if (!command.isDryRun) {
      afterCommit(trx, () => deps.wake('deliveries'));
      const after = { ...describePeriod(command), count };
      await recordEndpointAct(deps, trx, by, endpoint, { type: 'webhook_endpoint.replayed', after });
    }
    return count;
  });
}

function describePeriod({ from, to, only, eventTypes, storeIds }: ReplayWebhookEndpoint) {
  return {
    from: from.toISOString(),
    to: to.toISOString(),
    only,
    event_types: eventTypes ?? null,
    store_ids: storeIds ?? null,
  };
}

interface Replay {
  readonly window: ReplayWindow;
  readonly isDryRun: boolean;
}

async function replayFailed(
  { clock }: ServiceDeps,
  trx: Db,
  endpoint: WebhookEndpoint,
  { window, isDryRun }: Replay,
): Promise<number> {
  const ids = await listFailedDeliveries(trx, endpoint.id, window);
  requireFew(ids);
  return isDryRun || ids.length === 0 ? ids.length : makeDue(trx, ids, clock.now());
}

async function replayAll(
  { clock }: ServiceDeps,
  trx: Db,
  endpoint: WebhookEndpoint,
  { window, isDryRun }: Replay,
): Promise<number> {
  const read = await chooseEventsRead(trx, endpoint.merchantId, window);
  const events = await listReplayableEvents(trx, endpoint, window, read);
  requireFew(events);
  if (isDryRun || events.length === 0) {
    return events.length;
  }
  const now = clock.now();
  const deliveries = events.map((event) => ({ ...event, id: newId('wd', now) }));
  return upsertDeliveries(trx, endpoint, deliveries, now);
}

/** @throws invalid_request when both ways would read too many events; in a shorter period, one of them does not */
async function chooseEventsRead(trx: Db, merchantId: string, window: ReplayWindow): Promise<EventsRead> {
  for (const read of ['period', 'merchant'] as const) {
    const count = await countEventsRead(trx, read, merchantId, window, MAX_EVENTS_READ + 1);
    if (count <= MAX_EVENTS_READ) {
      return read;
    }
  }
  throw invalidField('to', 'max_items', 'There are too many events in this period; choose a shorter one');
}

function requirePeriod({ from, to }: ReplayWebhookEndpoint): void {
  if (from >= to) {
    throw invalidField('to', 'after_from', 'To must be later than from');
  }
  if (to.getTime() - from.getTime() > MAX_DAYS * DAY_MS) {
    throw invalidField('to', 'max_period', `To must be at most ${MAX_DAYS} days after from`);
  }
}

function windowOf({ from, to, eventTypes, storeIds }: ReplayWebhookEndpoint): ReplayWindow {
  return {
    eventIdFrom: firstIdAt('evt', from),
    eventIdTo: firstIdAt('evt', to),
    firstDay: dayOf(from),
    lastDay: dayOf(to),
    eventTypes,
    storeIds,
    limit: MAX_DELIVERIES + 1,
  };
}

/** Of times outside these years there are no events, and no days that PostgreSQL knows in this form. */
function dayOf(time: Date): string {
  const ms = Math.min(Math.max(time.getTime(), 0), Date.UTC(9999, 11, 31));
  return utcDateOf(new Date(ms));
}

function requireFew(found: readonly unknown[]): void {
  if (found.length > MAX_DELIVERIES) {
    const message = `More than ${MAX_DELIVERIES} deliveries are in this period; choose a shorter one, or fewer event_types`;
    throw invalidField('to', 'max_items', message);
  }
}
