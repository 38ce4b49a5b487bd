/**
 * The read budget at a provider: one row, shared by all nodes.
 */
import { type Db, query } from './db/query.ts';

/**
 * Takes up to `wanted` reads from this second's budget. A second that lies far ahead is no reason to wait for it: a clock
 * that was wrong has left it.
 * @param second the present moment, truncated to the second
 * @returns how many are granted
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
