/**
 * When API keys were last used, accurate to a minute.
 */
import { type Db, execute } from '../db/query.ts';

/**
 * Records the use of keys, unless it was recorded within the last minute, perhaps by another node. A row that somebody is
 * changing is left out, so that this statement waits for none.
 */
export async function recordKeyUses(db: Db, apiKeys: readonly string[], now: Date): Promise<void> {
  await execute(
    db,
    `update api_keys set last_used_at = :now
     where api_key in (
       select api_key from api_keys
       where api_key = any(cast(:apiKeys as text[])) and (last_used_at is null
         -- A time that lies ahead was written by a clock that was wrong.
         or last_used_at <= cast(:now as timestamptz) - interval '1 minute' or last_used_at > :now)
       for no key update skip locked)`,
    { apiKeys, now },
  );
}
