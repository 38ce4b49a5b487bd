/**
 * One run of the sequencer inside its transaction: takes a bounded number of waiting rows in order, gives them positions
 * without gaps, and inserts the events with their deliveries. If the transaction is rolled back, nothing has happened.
 */
import { randomBytes } from 'node:crypto';
import { lowerWindowEnd } from '../../domain/event-window.ts';
import type { PaymentIntent } from '../../domain/payment.ts';
import type { Refund } from '../../domain/refunds/refund.ts';
import { isSubscribed } from '../../domain/webhook-endpoint.ts';
import { utcDateOf } from '../../lib/date-time.ts';
import { newId } from '../../lib/ids.ts';
import { presentPaymentIntent } from '../../presenters/payment-intent.ts';
import { presentRefund } from '../../presenters/refund.ts';
import type { Db } from '../../store/db/query.ts';
import {
  insertNumbered,
  listSubscriptions,
  type NewDelivery,
  type NumberedEvent,
  type Subscription,
} from '../../store/events/numbered.ts';
import {
  findWindowBounds,
  listInversions,
  listLeftRows,
  listWindowRows,
  type OutboxRow,
  type ReadyEvent,
  takeReadyEvents,
} from '../../store/events/outbox.ts';
import { createDay, dayAfter, listMissingDays } from '../../store/events/partitions.ts';
import {
  beginEpoch,
  beginEpochOfOtherTransactions,
  claimSequencer,
  type SequencerState,
  saveSequencer,
} from '../../store/events/sequencer.ts';
import { findDayOfEvent } from './event-day.ts';
import { renderEvent } from './render-event.ts';

export interface NumberingRun {
  /** Rows taken, including those of which the merchant is not informed. */
  readonly taken: number;
  readonly events: readonly NumberedEvent[];
  readonly deliveries: number;
}

type Unnumbered = Omit<NumberedEvent, 'position'> & { readonly fanOut: boolean };

const NOTHING: NumberingRun = { taken: 0, events: [], deliveries: 0 };
/** How much a window grows when it would be empty, because its first row waits for an older row far ahead. */
const WIDEN = 4;

/** @param now the time of the ids of the events, and of the deliveries */
export async function numberEvents(trx: Db, now: Date, limit: number): Promise<NumberingRun> {
  const state = await claimSequencer(trx);
  if (!state) {
    return NOTHING;
  }
  if (state.isOtherHistory) {
    await (state.hasOtherTransactions ? beginEpochOfOtherTransactions : beginEpoch)(
      trx,
      randomBytes(6).toString('hex'),
    );
    return { ...NOTHING, taken: 1 };
  }
  const { rows, next } = state.catchUp
    ? await takeLeftRows(trx, state, limit)
    : await takeWindowRows(trx, state, limit);
  const ready = await takeReadyEvents(trx, limit);
  const events = [...rows.flatMap((row) => fromPayment(row, now)), ...ready.map(fromReady)].map(
    (event, index) => ({ ...event, position: state.position + index + 1 }),
  );
  const deliveries = await insert(trx, events, now);
  if (next !== state || events.length > 0) {
    await saveSequencer(trx, { ...next, position: state.position + events.length });
  }
  return { taken: rows.length + ready.length, events, deliveries };
}

interface Taken {
  readonly rows: readonly OutboxRow[];
  /** The state afterwards, except its position. */
  readonly next: SequencerState;
}

/** The rows that the previous epoch has left; the windows of the new one begin after them. */
async function takeLeftRows(trx: Db, state: SequencerState, limit: number): Promise<Taken> {
  const { rows, isLast } = cut(await listLeftRows(trx, state, limit + 1), limit);
  const { catchUp } = state;
  const lastId = rows.at(-1)?.rowId;
  if (!catchUp || !isLast) {
    return { rows, next: { ...state, catchUp: catchUp && { ...catchUp, rowId: lastId ?? catchUp.rowId } } };
  }
  const { endRowId, nextHorizon } = catchUp;
  const next = {
    ...state,
    horizon: nextHorizon,
    firstRowId: endRowId,
    lastRowId: endRowId,
    windowEnd: undefined,
    windowRowId: 0,
    catchUp: undefined,
  };
  return { rows, next };
}

async function takeWindowRows(trx: Db, state: SequencerState, limit: number): Promise<Taken> {
  const windowEnd = state.windowEnd ?? (await findWindowEnd(trx, state, limit));
  if (windowEnd === undefined) {
    return { rows: [], next: state };
  }
  const open = { ...state, windowEnd };
  const { rows, isLast } = cut(await listWindowRows(trx, open, limit + 1), limit);
  const lastId = rows.at(-1)?.rowId ?? state.windowRowId;
  const lastRowId = Math.max(state.lastRowId, lastId);
  return isLast
    ? { rows, next: { ...state, lastRowId, horizon: windowEnd, windowEnd: undefined, windowRowId: 0 } }
    : { rows, next: { ...open, lastRowId, windowRowId: lastId } };
}

/** At most `limit` of the rows, and whether no others are left. */
function cut(rows: readonly OutboxRow[], limit: number): { rows: readonly OutboxRow[]; isLast: boolean } {
  return { rows: rows.slice(0, limit), isLast: rows.length <= limit };
}

/** The end of the next window, which contains about `size` rows; undefined when no row can be numbered yet. */
async function findWindowEnd(trx: Db, state: SequencerState, size: number): Promise<bigint | undefined> {
  const { first, next } = await findWindowBounds(trx, state, size);
  if (first === undefined) {
    return undefined;
  }
  const bound = next ?? state.xmin;
  const end = lowerWindowEnd(bound, await listInversions(trx, state, bound));
  if (end > first) {
    return end;
  }
  return next === undefined ? undefined : findWindowEnd(trx, state, size * WIDEN);
}

function fromPayment({ rowId, event }: OutboxRow, now: Date): Unnumbered[] {
  if (!event) {
    return [];
  }
  const { type, at } = event;
  const id = newId('evt', now);
  const { merchantId, merchantStoreId, objectId, intentId, data } =
    'refund' in event ? ofRefund(event.refund, rowId) : ofIntent(event.intent, rowId);
  const body = renderEvent({ id, type, timestamp: at, data });
  const day = dayOf(id);
  return [
    { id, day, merchantId, merchantStoreId, type, objectId, intentId, version: rowId, body, fanOut: true },
  ];
}

function ofIntent(intent: PaymentIntent, version: number) {
  const { merchantId, merchantStoreId, id } = intent;
  const data = { payment_intent: { ...presentPaymentIntent(intent), version } };
  return { merchantId, merchantStoreId, objectId: id, intentId: id, data };
}

function ofRefund(refund: Refund, version: number) {
  const { merchantId, merchantStoreId, id: objectId, intentId } = refund;
  return {
    merchantId,
    merchantStoreId,
    objectId,
    intentId,
    data: { refund: { ...presentRefund(refund), version } },
  };
}

function fromReady({ eventId, ...event }: ReadyEvent): Unnumbered {
  return { ...event, id: eventId, day: dayOf(eventId), intentId: undefined, version: undefined };
}

/** @returns the number of deliveries */
async function insert(trx: Db, events: readonly (NumberedEvent & Unnumbered)[], now: Date): Promise<number> {
  if (events.length === 0) {
    return 0;
  }
  await ensureDays(trx, events, now);
  const deliveries = await fanOut(trx, events, now);
  await insertNumbered(trx, events, deliveries, now);
  return deliveries.length;
}

/** The partitions of these events, and that of tomorrow, so that the first event of a day does not wait for it. */
async function ensureDays(trx: Db, events: readonly NumberedEvent[], now: Date): Promise<void> {
  const tomorrow = dayAfter(utcDateOf(now));
  const days = new Set([...events.map(({ day }) => day), tomorrow]);
  for (const day of await listMissingDays(trx, [...days])) {
    await createDay(trx, day);
  }
}

async function fanOut(
  trx: Db,
  events: readonly (NumberedEvent & Unnumbered)[],
  now: Date,
): Promise<NewDelivery[]> {
  const merchantIds = [...new Set(events.map(({ merchantId }) => merchantId))];
  const endpoints = new Map<string, Subscription[]>();
  for (const endpoint of await listSubscriptions(trx, merchantIds)) {
    endpoints.set(endpoint.merchantId, [...(endpoints.get(endpoint.merchantId) ?? []), endpoint]);
  }
  return events
    .filter((event) => event.fanOut)
    .flatMap((event) =>
      (endpoints.get(event.merchantId) ?? [])
        .filter((endpoint) => isSubscribed(endpoint, event))
        .map((endpoint) => ({
          id: newId('wd', now),
          endpointId: endpoint.id,
          event,
          isOrdered: endpoint.ordering === 'per_payment_intent' && event.intentId !== undefined,
        })),
    );
}

function dayOf(eventId: string): string {
  const day = findDayOfEvent(eventId);
  if (day === undefined) {
    throw new Error(`not the id of an event: ${eventId}`);
  }
  return day;
}
