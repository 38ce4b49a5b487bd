/**
 * The state of webhook deliveries and endpoints, for monitoring.
 */
import { type Db, query } from '../db/query.ts';
import { WAITING } from './delivery-queue.ts';

/**
 * When the oldest of the next deliveries of all enabled endpoints was created; undefined when none is pending.
 */
export async function findOldestPending(db: Db): Promise<Date | undefined> {
  const [oldest] = await query<{ created_at: Date | null }>(
    db,
    `with recursive ${WAITING}
     select min(delivery.created_at) as created_at
     from waiting
     join webhook_endpoints on webhook_endpoints.id = waiting.endpoint_id and webhook_endpoints.status = 'enabled'
     cross join lateral (
       select created_at from webhook_deliveries
       where endpoint_id = waiting.endpoint_id and status = 'pending' order by is_blocked, next_try_at limit 1
     ) as delivery`,
  );
  return oldest?.created_at ?? undefined;
}

/** Zero for a state that no endpoint has, so that its series does not end. */
export function countEndpoints(db: Db): Promise<{ readonly state: string; readonly count: number }[]> {
  return query(
    db,
    `select state, count(endpoint.id)::int as count
     from unnest(array['enabled', 'suspended', 'paused', 'disabled']) as state
     left join webhook_endpoints endpoint on endpoint.status <> 'deleted'
       and state = case when endpoint.status = 'enabled' and endpoint.suspended_until is not null then 'suspended'
                   else endpoint.status end
     group by state`,
  );
}
