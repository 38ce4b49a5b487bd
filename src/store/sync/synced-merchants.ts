/**
 * Merchants as a sync writes them, with their rows locked, and the upstream system that each belongs to.
 */
import { type Db, execute, query } from '../db/query.ts';
import type { MerchantChange } from './merchant-events.ts';

export interface MerchantRow {
  readonly id: string;
  readonly name: string;
  /** Undefined keeps the current value. */
  readonly checkoutFrameAncestors: readonly string[] | undefined;
}

/**
 * Inserts the merchants that do not exist yet and locks the others until the transaction ends, so that their rows do not
 * change after they are read.
 * @returns the ids of the inserted merchants
 */
export async function claimMerchants(
  db: Db,
  merchants: readonly MerchantRow[],
  upstream: string,
  now: Date,
): Promise<Set<string>> {
  const rows = await query<{ id: string }>(
    db,
    `insert into merchants (id, name, checkout_frame_ancestors, upstream, created_at, updated_at)
     select id, name, string_to_array(ancestors, ' '), :upstream, :now, :now
     from unnest(cast(:ids as text[]), cast(:names as text[]), cast(:ancestors as text[])) as payload (id, name, ancestors)
     order by id
     -- An update that never writes still locks the row.
     on conflict (id) do update set id = excluded.id where false
     returning id`,
    { ...toMerchantArrays(merchants), upstream, now },
  );
  return new Set(rows.map(({ id }) => id));
}

/** The ids among these whose merchant belongs to another upstream system, sorted. */
export async function listMerchantsOfOthers(
  db: Db,
  ids: readonly string[],
  upstream: string,
): Promise<string[]> {
  const rows = await query<{ id: string }>(
    db,
    'select id from merchants where id = any(cast(:ids as text[])) and upstream <> :upstream order by id',
    { ids, upstream },
  );
  return rows.map(({ id }) => id);
}

/** Locks a merchant and returns its upstream system; undefined when there is no such merchant. */
export async function lockUpstream(trx: Db, merchantId: string): Promise<string | undefined> {
  const [row] = await query<{ upstream: string }>(
    trx,
    'select upstream from merchants where id = :merchantId for update',
    { merchantId },
  );
  return row?.upstream;
}

/** Call `lockUpstream` first. */
export async function updateUpstream(trx: Db, merchantId: string, upstream: string): Promise<void> {
  await execute(trx, 'update merchants set upstream = :upstream where id = :merchantId', {
    merchantId,
    upstream,
  });
}

/** Updates merchants that `claimMerchants` has locked. @returns the changes */
export async function updateMerchants(
  db: Db,
  merchants: readonly MerchantRow[],
  now: Date,
): Promise<MerchantChange[]> {
  const rows = await query<{
    id: string;
    name_before: string;
    name: string;
    ancestors_before: string | null;
    ancestors: string | null;
  }>(
    db,
    `with payload as (
       select id, name, string_to_array(ancestors, ' ') as ancestors
       from unnest(cast(:ids as text[]), cast(:names as text[]), cast(:ancestors as text[])) as payload (id, name, ancestors)
     ), before as (
       select id, merchants.name, checkout_frame_ancestors as ancestors,
              payload.name as new_name, coalesce(payload.ancestors, checkout_frame_ancestors) as new_ancestors
       from payload join merchants using (id)
     ), changed as (
       select * from before where (name, ancestors) is distinct from (new_name, new_ancestors)
     ), written as (
       update merchants set name = new_name, checkout_frame_ancestors = new_ancestors, updated_at = :now
       from changed where merchants.id = changed.id
     )
     select id, name as name_before, new_name as name,
            array_to_string(ancestors, ' ') as ancestors_before, array_to_string(new_ancestors, ' ') as ancestors
     from changed`,
    { ...toMerchantArrays(merchants), now },
  );
  const changes = rows.flatMap((row): MerchantChange[] => [
    { merchantId: row.id, field: 'name', before: row.name_before, after: row.name },
    {
      merchantId: row.id,
      field: 'checkout_frame_ancestors',
      before: row.ancestors_before,
      after: row.ancestors,
    },
  ]);
  return changes.filter(({ before, after }) => before !== after);
}

function toMerchantArrays(merchants: readonly MerchantRow[]) {
  return {
    ids: merchants.map(({ id }) => id),
    names: merchants.map(({ name }) => name),
    // Joined, because PostgreSQL would flatten nested arrays. An origin contains no space.
    ancestors: merchants.map(({ checkoutFrameAncestors }) => checkoutFrameAncestors?.join(' ') ?? null),
  };
}
