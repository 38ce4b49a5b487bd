/**
 * The names of operators, for lists of what they did.
 */
import { type Db, query } from '../db/query.ts';

/** By their ids. */
export async function listOperatorNames(
  db: Db,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (ids.length === 0) {
    return new Map();
  }
  const rows = await query<{ id: string; name: string }>(
    db,
    'select id, name from operators where id = any(cast(:ids as text[]))',
    { ids: [...new Set(ids)] },
  );
  return new Map(rows.map(({ id, name }) => [id, name]));
}
