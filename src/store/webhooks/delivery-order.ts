/**
 * The order of the deliveries of one object to one endpoint: a delivery is blocked while an earlier one is pending. Whether a
 * delivery may be sent is decided by the claim, from what is pending. `is_blocked` only keeps later claims from reading a
 * delivery that an earlier claim has found to be blocked, so a mark that is missing costs little; one that stays must not.
 *
 * Whoever ends or marks a delivery commits that first and then, in another statement, unblocks the first pending delivery of
 * the object. Of two who do so at once, the later one sees what both have committed, so no lock is needed. What a process
 * leaves blocked that dies in between, `unblockObjects` finds.
 */
import { batchedWrite } from '../db/batches.ts';
import { type Db, execute, query } from '../db/query.ts';

/**
 * Unblocks the first pending delivery of the object of each of these deliveries. One that is locked is left to the statement
 * that changes it, so this one waits for none.
 * @returns how many were blocked
 */
export function unblockFirst(db: Db, ids: readonly string[]): Promise<number> {
  return execute(
    db,
    `update webhook_deliveries set is_blocked = false
     where id = any(array(
       select id from webhook_deliveries where is_blocked and id = any(array(
         select first.id
         from unnest(cast(:ids as text[])) as given (id)
         cross join lateral (
           select endpoint_id, object_id from webhook_deliveries where id = given.id and is_ordered limit 1
         ) as known
         cross join lateral (
           select id, is_blocked from webhook_deliveries
           where endpoint_id = known.endpoint_id and object_id = known.object_id and status = 'pending' and is_ordered
           order by position limit 1
         ) as first
         where first.is_blocked))
       for update skip locked))`,
    { ids },
  );
}

/** Does the same after one delivery has ended. @returns whether a delivery is due that was not, perhaps of another call */
export const unblockNext: (db: Db, id: string) => Promise<boolean> = batchedWrite(
  async (db, ids: readonly string[]) => {
    const isAnyDue = (await unblockFirst(db, ids)) > 0;
    return ids.map(() => isAnyDue);
  },
);

/** An object with pending deliveries to an endpoint. */
export interface OrderedObject {
  readonly endpointId: string;
  readonly objectId: string;
}

interface ObjectRow {
  readonly endpoint_id: string;
  readonly object_id: string;
  readonly number: number;
  readonly unblocked: number;
}

const FIRST_OF_NEXT = `
  select endpoint_id, object_id, id, is_blocked from webhook_deliveries
  where status = 'pending' and is_ordered and (endpoint_id, object_id) >`;

/**
 * Unblocks the first pending delivery of each of the next `limit` objects: one step in the index per object, however many
 * deliveries it has.
 * @param after where to begin; undefined: with the first object
 * @returns how many were blocked, and the last object; undefined when there are no further ones
 */
export async function unblockObjects(
  db: Db,
  after: OrderedObject | undefined,
  limit: number,
): Promise<{ readonly unblocked: number; readonly last: OrderedObject | undefined }> {
  const [row] = await query<ObjectRow>(
    db,
    `with recursive object (endpoint_id, object_id, id, is_blocked, number) as (
       select first.*, 1 from (
         ${FIRST_OF_NEXT} (:endpointId, :objectId) order by endpoint_id, object_id, position limit 1) as first
       union all
       select next.*, object.number + 1 from object cross join lateral (
         ${FIRST_OF_NEXT} (object.endpoint_id, object.object_id)
         order by endpoint_id, object_id, position limit 1) as next
       where object.number < :limit
     ), unblocked as (
       update webhook_deliveries set is_blocked = false
       where id = any(array(
         select id from webhook_deliveries where is_blocked and id = any(array(select id from object where is_blocked))
         for update skip locked))
       returning 1
     )
     select endpoint_id, object_id, number, (select count(*)::int from unblocked) as unblocked
     from object order by number desc limit 1`,
    { endpointId: after?.endpointId ?? '', objectId: after?.objectId ?? '', limit },
  );
  const last = row?.number === limit ? { endpointId: row.endpoint_id, objectId: row.object_id } : undefined;
  return { unblocked: row?.unblocked ?? 0, last };
}
