/**
 * The events feed as merchants read it.
 */
import { type Db, queryPrepared } from '../db/query.ts';

/** Where a read begins: after a position of an epoch, at the oldest event, or after the newest. */
export type FeedStart = 'oldest' | 'now' | { readonly epoch: string; readonly position: number };

export interface FeedEvent {
  readonly position: number;
  readonly type: string;
  /** JSON exactly as delivered. */
  readonly body: string;
}

export interface FeedRead {
  readonly epoch: string;
  /** The last position given. */
  readonly head: number;
  /** Events up to this position have been removed. */
  readonly removed: number;
  /** The position after which the read began; undefined when the cursor is of an unknown epoch. */
  readonly start: number | undefined;
  /** At most one more than the limit. */
  readonly events: readonly FeedEvent[];
  /** The last position that was read, if there may be more events after it. */
  readonly stoppedAt: number | undefined;
}

export interface FeedFilter {
  readonly merchantId: string;
  /** Undefined: all. */
  readonly types: readonly string[] | undefined;
  /** Undefined: events of all stores, and of none. */
  readonly storeIds: readonly string[] | undefined;
  readonly limit: number;
}

/** How many events of other types and stores one read skips at most. */
const MAX_SCANNED = 1_000;

/**
 * A cursor of an earlier epoch is valid up to where the following epochs began. The state of the feed and its events come
 * from one snapshot, so an event below the head is never missing.
 */
const READ = `
  with feed as (
    select epoch, position as head, removed_position as removed,
           case
             when cast(:from as text) = 'now' then position
             when :from = 'oldest' then removed_position
             when epoch = :from then cast(:position as bigint)
             else (
               select least(cast(:position as bigint), min(later.started_after))
               from event_epochs as own join event_epochs as later on later.number > own.number
               where own.epoch = :from having min(later.started_after) is not null
             )
           end as start
    from event_sequencer
  )
  select epoch, head, removed, start, found.*
  from feed left join lateral (
    select position, type, is_wanted,
           case when count(*) filter (where is_wanted) over (order by position) <= cast(:limit as integer) + 1
             and is_wanted then body end as body
    from (
      select position, type, body,
             (cast(:types as text[]) is null or type = any(cast(:types as text[])))
               and (cast(:storeIds as text[]) is null
                 or coalesce(merchant_store_id = any(cast(:storeIds as text[])), false)) as is_wanted
      from events where merchant_id = :merchantId and position > feed.start
      order by position limit :scanned
    ) as scanned
  ) as found on true`;

interface FeedRow {
  readonly epoch: string;
  readonly head: number;
  readonly removed: number;
  readonly start: number | null;
  readonly position: number | null;
  readonly type: string | null;
  readonly is_wanted: boolean | null;
  readonly body: string | null;
}

/** Reads the merchant's events after `start`, oldest first. */
export async function readFeed(db: Db, filter: FeedFilter, start: FeedStart): Promise<FeedRead> {
  const { merchantId, types, storeIds, limit } = filter;
  const scanned = types || storeIds ? MAX_SCANNED : limit + 1;
  const rows = await queryPrepared<FeedRow>(db, READ, {
    merchantId,
    types: types ?? null,
    storeIds: storeIds ?? null,
    limit,
    scanned,
    from: typeof start === 'string' ? start : start.epoch,
    position: typeof start === 'string' ? 0 : start.position,
  });
  // Sorted here, because PostgreSQL would sort them again although it has read them in this order.
  rows.sort((a, b) => (a.position ?? 0) - (b.position ?? 0));
  const [first] = rows;
  if (!first) {
    throw new Error('event_sequencer is empty');
  }
  const last = rows.at(-1);
  return {
    epoch: first.epoch,
    head: first.head,
    removed: first.removed,
    start: first.start ?? undefined,
    events: rows.flatMap(({ position, type, body }) =>
      position === null || type === null || body === null ? [] : [{ position, type, body }],
    ),
    stoppedAt: rows.length === scanned ? (last?.position ?? undefined) : undefined,
  };
}

/** The body of one event of the merchant. `day` is the UTC date in the id. */
export async function findEvent(
  db: Db,
  event: { readonly merchantId: string; readonly id: string; readonly day: string },
): Promise<string | undefined> {
  const [row] = await queryPrepared<{ body: string }>(
    db,
    'select body from events where day = cast(:day as date) and id = :id and merchant_id = :merchantId',
    { ...event },
  );
  return row?.body;
}
