/**
 * The read budget at a provider: one row, shared by all nodes.
 */
import { type Db, query } from './db/query.ts';

/**
 * Takes up to `wanted` reads from this second's budget. Ignores a stored second that is more than a minute ahead, because
 * only a wrong clock can have stored it.
 * @param second the current time, truncated to the second
 * @returns how many were granted
 */
export async function takeProviderReads(
  db: Db,
  provider: string,
  second: Date,
  wanted: number,
  perSecond: number,
): Promise<number> {
  const [row] = await query<{ granted: number }>(
    db,
    `update provider_reads
     set second = case when provider_reads.second > cast(:second as timestamptz) + interval '1 minute' then :second
                       else greatest(provider_reads.second, :second) end, taken = before.taken + before.granted
     from (
       select provider, taken, least(:wanted, greatest(cast(:perSecond as integer) - taken, 0)) as granted
       from (
         select provider,
                case when second between :second and cast(:second as timestamptz) + interval '1 minute' then taken else 0 end
                  as taken
         from provider_reads where provider = :provider for update
       ) as this_second
     ) as before
     where provider_reads.provider = before.provider
     returning before.granted`,
    { provider, second, wanted, perSecond },
  );
  return row?.granted ?? 0;
}
