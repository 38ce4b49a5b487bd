/**
 * Webhook endpoints and the events feed in the simulation: what the merchant has, does and must have received in the end.
 */
import type { ServiceDeps } from '../../src/services/deps.ts';
import type { FeedPage } from '../../src/services/events/feed.ts';
import { listEvents } from '../../src/services/operations/events/list-events.ts';
import { createWebhookEndpoint } from '../../src/services/operations/webhook-endpoints/create-webhook-endpoint.ts';
import { replayWebhookEndpoint } from '../../src/services/operations/webhook-endpoints/replay-webhook-endpoint.ts';
import { updateWebhookEndpoint } from '../../src/services/operations/webhook-endpoints/update-webhook-endpoint.ts';
import type { Db } from '../../src/store/db/query.ts';
import { BY_TEST } from '../support/acts.ts';
import { parseEvent, type ReceivedEvent, type Receivers } from './receivers.ts';
import { checkLastRefunds, checkRefundEvents, type RefundRow, readRefunds } from './refund-checks.ts';

export interface SimulatedEndpoint {
  readonly id: string;
  readonly url: string;
  readonly eventTypes: readonly string[] | undefined;
  readonly isOrdered: boolean;
  /** Whether its receiver may say that it does not exist any more. */
  readonly mayBeGone: boolean;
}

/** A client that follows the feed. */
export interface Feed {
  cursor: string;
  readonly ids: string[];
}

export interface EventsMemory {
  readonly receivers: Receivers;
  readonly endpoints: readonly SimulatedEndpoint[];
  readonly feed: Feed;
}

const DAY_MS = 86_400_000;

export async function createEndpoints(deps: ServiceDeps, merchantId: string): Promise<SimulatedEndpoint[]> {
  const ends = [
    'payment_intent.succeeded',
    'payment_intent.cancelled',
    'payment_intent.expired',
    'payment_intent.refunded',
    'refund.succeeded',
    'refund.failed',
  ];
  const wanted = [
    { url: 'https://all.example.com/', eventTypes: undefined, isOrdered: false, mayBeGone: true },
    { url: 'https://ends.example.com/', eventTypes: ends, isOrdered: false, mayBeGone: true },
    { url: 'https://ordered.example.com/', eventTypes: undefined, isOrdered: true, mayBeGone: false },
  ];
  const endpoints: SimulatedEndpoint[] = [];
  for (const { isOrdered, ...endpoint } of wanted) {
    const { endpoint: created } = await createWebhookEndpoint(deps, BY_TEST, {
      merchantId,
      url: endpoint.url,
      description: undefined,
      eventTypes: endpoint.eventTypes,
      merchantStoreIds: undefined,
      ordering: isOrdered ? 'per_payment_intent' : 'none',
      signature: 'hmac',
      maxPerSecond: undefined,
      idempotencyId: undefined,
    });
    endpoints.push({ ...endpoint, id: created.id, isOrdered });
  }
  return endpoints;
}

/** Enables an endpoint and has everything sent again, also what occurred while it was disabled. */
export async function enableAndReplay(
  deps: ServiceDeps,
  merchantId: string,
  endpoint: SimulatedEndpoint,
  now: Date,
): Promise<void> {
  await updateWebhookEndpoint(deps, BY_TEST, {
    merchantId,
    endpointId: endpoint.id,
    status: 'enabled',
    url: undefined,
    description: undefined,
    eventTypes: undefined,
    merchantStoreIds: undefined,
    ordering: undefined,
    maxPerSecond: undefined,
  });
  await replayWebhookEndpoint(deps, BY_TEST, {
    merchantId,
    endpointId: endpoint.id,
    storeIds: undefined,
    from: new Date(now.getTime() - 15 * DAY_MS),
    to: new Date(now.getTime() + 15 * DAY_MS),
    eventTypes: undefined,
    only: 'all',
    isDryRun: false,
  });
}

export function readFeedPage(
  deps: ServiceDeps,
  merchantId: string,
  { cursor }: Feed,
  limit: number,
): Promise<FeedPage> {
  return listEvents(deps, {
    merchantId,
    after: cursor,
    types: undefined,
    storeIds: undefined,
    limit,
    waitSeconds: 0,
  });
}

export function takePage(feed: Feed, page: FeedPage): void {
  feed.ids.push(...page.events.map(({ body }) => (JSON.parse(body) as { id: string }).id));
  feed.cursor = page.nextCursor;
}

interface EventRow {
  readonly position: number;
  readonly id: string;
  readonly type: string;
  readonly object_id: string;
  readonly version: number | null;
  readonly body: string;
}

/** At the end: every event is once in the feed, and every endpoint has received each of its events. */
export async function checkEvents(db: Db, { receivers, endpoints, feed }: EventsMemory): Promise<string[]> {
  const { rows: events } = (await db.raw('select * from events order by position')) as { rows: EventRow[] };
  const { rows: changes } = (await db.raw(
    'select id from payment_events where merchant_event is not null order by id',
  )) as { rows: { id: number }[] };
  const { rows: intents } = (await db.raw('select id, status from payment_intents')) as {
    rows: { id: string; status: string }[];
  };
  const versions = events.flatMap(({ version }) => (version === null ? [] : [version]));
  const faults = [
    ...compare(
      'positions',
      events.map(({ position }) => position),
      events.map((_, index) => index + 1),
    ),
    ...compare(
      'numbered changes',
      versions.toSorted((a, b) => a - b),
      changes.map(({ id }) => id),
    ),
    ...compare(
      'the feed',
      feed.ids,
      events.map(({ id }) => id),
    ),
    ...checkOrder(
      'the feed',
      events.map(({ body }) => parseEvent(body)),
    ),
    ...(await checkRefundEvents(db, events)),
    ...events
      .filter(({ body }) => body.includes('_secret_') || body.includes('qr_content'))
      .map(({ id }) => `${id} contains a token or a QR code`),
  ];
  const refunds = await readRefunds(db);
  for (const endpoint of endpoints) {
    const received = receivers.received.get(endpoint.url) ?? [];
    faults.push(...checkEndpoint(endpoint, received, events, intents));
    faults.push(...checkLastRefunds(endpoint.url, received, refunds.filter(hasEnded)));
  }
  return faults;
}

function checkEndpoint(
  { url, eventTypes, isOrdered }: SimulatedEndpoint,
  received: readonly ReceivedEvent[],
  events: readonly EventRow[],
  intents: readonly { readonly id: string; readonly status: string }[],
): string[] {
  const bodies = new Map(received.map(({ id, body }) => [id, body]));
  const wanted = events.filter(({ type }) => !eventTypes || eventTypes.includes(type));
  const last = new Map<string, ReceivedEvent>();
  for (const event of received) {
    if (event.intentId !== undefined && event.version >= (last.get(event.intentId)?.version ?? 0)) {
      last.set(event.intentId, event);
    }
  }
  return [
    ...wanted
      .filter(({ id, body }) => bodies.get(id) !== body)
      .map(({ id, type }) => `${url} has not received ${id} (${type}) as it is in the feed`),
    ...(isOrdered ? checkOrder(url, firstsOf(received)) : []),
    ...intents.flatMap(({ id, status }) => {
      const event = last.get(id);
      const shown = event && (JSON.parse(event.body) as { data: { payment_intent: { status: string } } });
      return shown?.data.payment_intent.status === status
        ? []
        : [`${url} last saw ${id} as ${shown?.data.payment_intent.status}, and it is ${status}`];
    }),
  ];
}

function hasEnded({ status }: RefundRow): boolean {
  return status !== 'pending';
}

/** Without what arrived again. */
function firstsOf(received: readonly ReceivedEvent[]): readonly ReceivedEvent[] {
  return received.filter(({ id }, index) => received.findIndex((other) => other.id === id) === index);
}

function checkOrder(
  where: string,
  events: readonly { readonly orderedBy: string | undefined; readonly version: number }[],
): string[] {
  const latest = new Map<string, number>();
  const faults: string[] = [];
  for (const { orderedBy: intentId = '', version } of events) {
    if (version < (latest.get(intentId) ?? 0)) {
      faults.push(`${where} has version ${version} of ${intentId} after a later one`);
    }
    latest.set(intentId, version);
  }
  return faults;
}

function compare(what: string, actual: readonly unknown[], expected: readonly unknown[]): string[] {
  const [is, should] = [JSON.stringify(actual), JSON.stringify(expected)];
  return is === should ? [] : [`${what}: ${is} should be ${should}`];
}
