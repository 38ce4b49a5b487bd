/**
 * The queue of webhook deliveries. Claiming a delivery moves its next try to the end of a lease, so one whose process died
 * becomes due again. The claim looks for endpoints first and takes a few deliveries of each, so its cost depends on the
 * number of endpoints with due deliveries and not on the size of the backlog. A delivery that waits for an earlier one is
 * marked as blocked when a claim comes across it, and later claims do not read it; see delivery-order.ts.
 */
import { utcDateOf } from '../../lib/date-time.ts';
import { timeOfId } from '../../lib/ids.ts';
import { type Db, queryPrepared } from '../db/query.ts';
import { unblockFirst } from './delivery-order.ts';

/** Longer than a request to a receiver may take. */
const LEASE = "interval '1 minute'";
/** A suspension that ends later than any can was stored by a clock that was ahead, so it does not count. */
const LONGEST_SUSPENSION = "interval '20 minutes'";
/** How many more deliveries than it can take a claim reads of an ordered endpoint, because some may be blocked. */
const READ_AHEAD = 8;

/** What a process may have in flight at once. */
export interface ClaimLimits {
  readonly total: number;
  readonly perMerchant: number;
  readonly perEndpoint: number;
  /** Of all deliveries to endpoints whose last try failed. */
  readonly failing: number;
}

/** The deliveries that this process has in flight to an endpoint. */
export interface InFlight {
  readonly endpointId: string;
  readonly merchantId: string;
  readonly count: number;
}

export interface ClaimedDelivery {
  readonly id: string;
  readonly endpointId: string;
  readonly merchantId: string;
  readonly eventId: string;
  readonly eventType: string;
  readonly tries: number;
  readonly url: string;
  readonly sealedKeys: Buffer;
  /** Whether the endpoint has failed since its last success. */
  readonly isFailing: boolean;
  /** Whether it is the one try of a suspended endpoint. */
  readonly isProbe: boolean;
  /** Whether later deliveries of the same object wait for it. */
  readonly isOrdered: boolean;
}

export interface Claim {
  readonly deliveries: readonly ClaimedDelivery[];
  /** How many were found to be blocked; the next claim reads those after them. */
  readonly blocked: number;
}

interface ClaimedRow {
  readonly id: string;
  readonly endpoint_id: string;
  readonly merchant_id: string;
  readonly event_id: string;
  readonly event_type: string;
  readonly tries: number;
  readonly url: string;
  readonly secrets: Buffer;
  readonly is_failing: boolean;
  readonly is_probe: boolean;
  readonly is_ordered: boolean;
  readonly is_blocked: boolean;
}

/**
 * Endpoints with pending deliveries, each with its earliest that is not blocked, or else with a blocked one: one step in the
 * index per endpoint.
 */
export const WAITING = `
  waiting (endpoint_id, is_blocked, next_try_at) as (
    (select endpoint_id, is_blocked, next_try_at from webhook_deliveries
     where status = 'pending' order by endpoint_id, is_blocked, next_try_at limit 1)
    union all
    select next.endpoint_id, next.is_blocked, next.next_try_at
    from waiting cross join lateral (
      select endpoint_id, is_blocked, next_try_at from webhook_deliveries
      where status = 'pending' and endpoint_id > waiting.endpoint_id
      order by endpoint_id, is_blocked, next_try_at limit 1
    ) as next
  )`;

/** Whether an endpoint may be sent to, unless it has too many deliveries in flight. */
const IS_OPEN = `
  e.status = 'enabled' and (e.suspended_until is null or e.suspended_until <= :now
    or e.suspended_until > cast(:now as timestamptz) + ${LONGEST_SUSPENSION})`;

/** How many deliveries an endpoint can take now. */
const QUOTA = `
  least(
    case when e.failures > 0 then 1 else :perEndpoint end - coalesce(busy.count, 0),
    e.max_per_second - case when e.paced_second = date_trunc('second', cast(:now as timestamptz))
                       then e.paced_count else 0 end)`;

/**
 * The endpoints that have waited longest, with the number of deliveries that they can take; then locked against the claims
 * of other nodes. The lock does not hinder the sequencer, which only refers to endpoints. Each look-up is a subquery with a
 * limit, so that the planner finds the endpoint by its key instead of reading all of them.
 */
const OPEN = `
  in_flight as (
    select * from json_to_recordset(cast(:inFlight as json)) as busy (endpoint_id text, merchant_id text, count int)
  ), candidates as (
    select waiting.endpoint_id as id, found.quota
    from waiting
    left join in_flight as busy on busy.endpoint_id = waiting.endpoint_id
    cross join lateral (
      select ${QUOTA} as quota from webhook_endpoints as e where e.id = waiting.endpoint_id and ${IS_OPEN} limit 1
    ) as found
    where not waiting.is_blocked and waiting.next_try_at <= :now and found.quota > 0
    order by waiting.next_try_at limit :total
  ), open as (
    select locked.*, candidates.quota
    from candidates cross join lateral (
      select e.id, e.merchant_id, e.url, e.secrets, e.failures > 0 as is_failing, e.suspended_until is not null as is_probe,
             case e.ordering when 'none' then 0 else ${READ_AHEAD} end as read_ahead
      from webhook_endpoints as e where e.id = candidates.id and ${IS_OPEN} limit 1 for no key update skip locked
    ) as locked
  )`;

/** The deliveries to take, of those that are not blocked: in turns of merchants and endpoints, within all limits. */
const TAKEN = `
  due as (
    select open.id as endpoint_id, open.merchant_id, open.is_failing, open.quota, delivery.*,
           row_number() over (partition by open.id, delivery.has_earlier order by delivery.next_try_at) as turn
    from open cross join lateral (
      select id, next_try_at, is_ordered and exists (
          select from webhook_deliveries as earlier
          where earlier.endpoint_id = mine.endpoint_id and earlier.object_id = mine.object_id
            and earlier.position < mine.position and earlier.status = 'pending' and earlier.is_ordered) as has_earlier
      from webhook_deliveries as mine
      where endpoint_id = open.id and status = 'pending' and not is_blocked and next_try_at <= :now
      order by next_try_at limit open.quota + open.read_ahead for update skip locked
    ) as delivery
  ), ranked as (
    select id, endpoint_id, is_failing, next_try_at,
           row_number() over (partition by merchant_id order by turn, next_try_at)
             + (select coalesce(sum(count), 0) from in_flight where in_flight.merchant_id = due.merchant_id) as merchant_turn,
           row_number() over (partition by is_failing order by turn, next_try_at) as failing_turn
    from due
    where not has_earlier and turn <= quota
  ), taken as (
    select id, endpoint_id from ranked
    where merchant_turn <= :perMerchant and (not is_failing or failing_turn <= :failing)
    order by merchant_turn, next_try_at limit :total
  )`;

/** A suspended endpoint is not tried again by another node, and paced ones are counted. */
const CLAIM = `
  with recursive ${WAITING}, ${OPEN}, ${TAKEN}, counted as (
    update webhook_endpoints as e
    set suspended_until = case when e.suspended_until is null then null else cast(:now as timestamptz) + ${LEASE} end,
        paced_count = case when e.paced_second = date_trunc('second', cast(:now as timestamptz))
                      then e.paced_count else 0 end + counts.count,
        paced_second = date_trunc('second', cast(:now as timestamptz))
    from (select endpoint_id, count(*) as count from taken group by endpoint_id) as counts
    where e.id = any(array(select endpoint_id from taken)) and e.id = counts.endpoint_id
      and (e.max_per_second is not null or e.suspended_until is not null)
  )
  update webhook_deliveries as delivery
  set is_blocked = read.has_earlier,
      next_try_at = case when read.has_earlier then delivery.next_try_at else cast(:now as timestamptz) + ${LEASE} end
  from (select id, endpoint_id, false as has_earlier from taken
        union all select id, endpoint_id, true from due where has_earlier) as read
  join open on open.id = read.endpoint_id
  where delivery.id = read.id
  returning delivery.id, delivery.endpoint_id, delivery.merchant_id, delivery.event_id, delivery.event_type,
            delivery.tries, delivery.is_ordered, delivery.is_blocked, open.url, open.secrets, open.is_failing, open.is_probe`;

/**
 * Claims due deliveries for sending. Those that it finds blocked are marked; what blocked them may have ended meanwhile,
 * without having seen the mark, so they are looked at once more.
 */
export async function claimDeliveries(
  db: Db,
  limits: ClaimLimits,
  inFlight: readonly InFlight[],
  now: Date,
): Promise<Claim> {
  const busy = inFlight.map(({ endpointId, merchantId, count }) => {
    return { endpoint_id: endpointId, merchant_id: merchantId, count };
  });
  const rows = await queryPrepared<ClaimedRow>(db, CLAIM, { ...limits, inFlight: JSON.stringify(busy), now });
  const blocked = rows.filter((row) => row.is_blocked).map(({ id }) => id);
  if (blocked.length > 0) {
    await unblockFirst(db, blocked);
  }
  return { deliveries: rows.filter((row) => !row.is_blocked).map(toClaimed), blocked: blocked.length };
}

function toClaimed(row: ClaimedRow): ClaimedDelivery {
  return {
    id: row.id,
    endpointId: row.endpoint_id,
    merchantId: row.merchant_id,
    eventId: row.event_id,
    eventType: row.event_type,
    tries: row.tries,
    url: row.url,
    sealedKeys: row.secrets,
    isFailing: row.is_failing,
    isProbe: row.is_probe,
    isOrdered: row.is_ordered,
  };
}

/** The bodies of events, by id. Those of removed events are absent. */
export async function findEventBodies(
  db: Db,
  eventIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const days = eventIds.map((id) => utcDateOf(timeOfId(id)));
  const rows = await queryPrepared<{ id: string; body: string }>(
    db,
    `select id, body from events
     where id = any(cast(:eventIds as text[])) and day = any(cast(:days as date[]))`,
    { eventIds, days: [...new Set(days)] },
  );
  return new Map(rows.map(({ id, body }) => [id, body]));
}
