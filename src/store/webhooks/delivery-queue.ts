/**
 * The queue of webhook deliveries. Claiming a delivery moves its next try to the end of a lease, so one whose process died
 * becomes due again. The claim looks for endpoints first and takes a few deliveries of each, so its cost depends on the
 * number of endpoints with due deliveries and not on the size of the backlog.
 */
import type { DeliveryAttempt } from '../../domain/webhook-delivery.ts';
import { utcDateOf } from '../../lib/date-time.ts';
import { timeOfId } from '../../lib/ids.ts';
import { batchedWrite } from '../db/batches.ts';
import { type Db, execute, queryPrepared, storableJson } from '../db/query.ts';

/** Longer than a request to a receiver may take. */
const LEASE = "interval '1 minute'";
/** A suspension that ends later than any can was stored by a clock that was ahead, so it does not count. */
const LONGEST_SUSPENSION = "interval '20 minutes'";
/** How many attempts of a delivery are kept. */
const KEPT_ATTEMPTS = 20;

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
}

/** Endpoints with pending deliveries, each with its earliest: one step in the index per endpoint. */
export const WAITING = `
  waiting (endpoint_id, next_try_at) as (
    (select endpoint_id, next_try_at from webhook_deliveries
     where status = 'pending' order by endpoint_id, next_try_at limit 1)
    union all
    select next.endpoint_id, next.next_try_at
    from waiting cross join lateral (
      select endpoint_id, next_try_at from webhook_deliveries
      where status = 'pending' and endpoint_id > waiting.endpoint_id order by endpoint_id, next_try_at limit 1
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
    where waiting.next_try_at <= :now and found.quota > 0
    order by waiting.next_try_at limit :total
  ), open as (
    select locked.*, candidates.quota
    from candidates cross join lateral (
      select e.id, e.merchant_id, e.url, e.secrets, e.failures > 0 as is_failing, e.suspended_until is not null as is_probe
      from webhook_endpoints as e where e.id = candidates.id and ${IS_OPEN} limit 1 for no key update skip locked
    ) as locked
  )`;

/** The deliveries to take: in turns of merchants and endpoints, within all limits. */
const TAKEN = `
  due as (
    select open.id as endpoint_id, open.merchant_id, open.is_failing, delivery.id, delivery.next_try_at,
           row_number() over (partition by open.id order by delivery.next_try_at) as turn
    from open cross join lateral (
      select id, next_try_at from webhook_deliveries as mine
      where endpoint_id = open.id and status = 'pending' and next_try_at <= :now
        and (not is_ordered or not exists (
          select from webhook_deliveries as earlier
          where earlier.endpoint_id = mine.endpoint_id and earlier.object_id = mine.object_id
            and earlier.position < mine.position and earlier.status = 'pending' and earlier.is_ordered))
      order by next_try_at limit open.quota for update skip locked
    ) as delivery
  ), ranked as (
    select id, endpoint_id, is_failing, next_try_at,
           row_number() over (partition by merchant_id order by turn, next_try_at)
             + (select coalesce(sum(count), 0) from in_flight where in_flight.merchant_id = due.merchant_id) as merchant_turn,
           row_number() over (partition by is_failing order by turn, next_try_at) as failing_turn
    from due
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
  update webhook_deliveries as delivery set next_try_at = cast(:now as timestamptz) + ${LEASE}
  from taken join open on open.id = taken.endpoint_id
  where delivery.id = taken.id
  returning delivery.id, delivery.endpoint_id, delivery.merchant_id, delivery.event_id, delivery.event_type,
            delivery.tries, open.url, open.secrets, open.is_failing, open.is_probe`;

/** Claims due deliveries for sending. */
export async function claimDeliveries(
  db: Db,
  limits: ClaimLimits,
  inFlight: readonly InFlight[],
  now: Date,
): Promise<ClaimedDelivery[]> {
  const busy = inFlight.map(({ endpointId, merchantId, count }) => {
    return { endpoint_id: endpointId, merchant_id: merchantId, count };
  });
  const rows = await queryPrepared<ClaimedRow>(db, CLAIM, { ...limits, inFlight: JSON.stringify(busy), now });
  return rows.map((row) => ({
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
  }));
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

export interface TriedDelivery {
  readonly id: string;
  readonly attempt: DeliveryAttempt;
}

/**
 * Stores that a delivery was accepted. Also after its lease has ended, because the receiver has the event; what another
 * process stores about the same delivery later changes nothing.
 */
export const saveAccepted: (db: Db, tried: TriedDelivery & { readonly now: Date }) => Promise<void> =
  batchedWrite(async (db, all: readonly (TriedDelivery & { readonly now: Date })[]) => {
    // Ordered, so that two such statements cannot deadlock.
    const rows = all
      .map(({ id, attempt, now }) => ({ id, attempt: toAttemptJson(attempt), ended_at: now }))
      .sort((a, b) => (a.id < b.id ? -1 : 1));
    await executeSave(db, rows);
    return all.map(() => undefined);
  });

async function executeSave(db: Db, rows: readonly object[]): Promise<void> {
  await queryPrepared(
    db,
    `update webhook_deliveries as delivery
     set status = 'succeeded', tries = delivery.tries + 1, next_try_at = null, ended_at = accepted.ended_at,
         attempts = ${appended('accepted.attempt')}
     from json_to_recordset(cast(:rows as json)) as accepted (id text, attempt jsonb, ended_at timestamptz)
     where delivery.id = accepted.id and delivery.status = 'pending'`,
    { rows: storableJson(rows) },
  );
}

export interface FailedDelivery extends TriedDelivery {
  /** How many tries had been made when it was claimed. */
  readonly tries: number;
  /** Undefined when there are no further tries. */
  readonly nextTryAt: Date | undefined;
  readonly now: Date;
}

/** Stores a failed try, unless another process has tried the delivery since it was claimed. */
export async function saveFailed(
  trx: Db,
  { id, attempt, tries, nextTryAt, now }: FailedDelivery,
): Promise<void> {
  await execute(
    trx,
    `update webhook_deliveries
     set status = case when cast(:nextTryAt as timestamptz) is null then 'failed' else 'pending' end,
         tries = tries + 1, next_try_at = :nextTryAt,
         ended_at = case when cast(:nextTryAt as timestamptz) is null then cast(:now as timestamptz) end,
         attempts = ${appended('cast(:attempt as jsonb)')}
     where id = :id and status = 'pending' and tries = :tries`,
    { id, tries, now, nextTryAt: nextTryAt ?? null, attempt: storableJson(toAttemptJson(attempt)) },
  );
}

/** Ends deliveries whose event has been removed. */
export async function failRemoved(db: Db, ids: readonly string[], now: Date): Promise<void> {
  await execute(
    db,
    `update webhook_deliveries set status = 'failed', next_try_at = null, ended_at = :now
     where id = any(cast(:ids as text[])) and status = 'pending'`,
    { ids, now },
  );
}

/** Removes up to `limit` deliveries with ids below the given one. @returns how many */
export function removeDeliveriesBelow(db: Db, id: string, limit: number): Promise<number> {
  return execute(
    db,
    `delete from webhook_deliveries where id = any(array(
       select id from webhook_deliveries where id < :id order by id limit :limit for update skip locked))`,
    { id, limit },
  );
}

/** The attempts with one more, of which the last ones are kept. */
function appended(attempt: string): string {
  return `(case when jsonb_array_length(attempts) >= ${KEPT_ATTEMPTS} then attempts - 0 else attempts end) || ${attempt}`;
}

function toAttemptJson(attempt: DeliveryAttempt) {
  return {
    at: attempt.at.toISOString(),
    duration_ms: attempt.durationMs,
    status: attempt.status,
    problem: attempt.problem,
    message: attempt.message,
    response_excerpt: attempt.responseExcerpt,
  };
}
