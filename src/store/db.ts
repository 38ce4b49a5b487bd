/**
 * What the stores share: the type of a database handle and the one way to send SQL through knex. Connections are made
 * in knex.ts; statements live in the file of their aggregate.
 */
import type { Knex } from 'knex';

/** A pool or a transaction: stores do not care which. */
export type Db = Knex | Knex.Transaction;

/** Runs one statement and answers its rows. Bindings are named, `:name` in the SQL. */
export async function query<Row>(
  db: Db,
  sql: string,
  bindings: Record<string, unknown> = {},
): Promise<Row[]> {
  const result = await db.raw<{ rows: Row[] }>(sql, bindings as Record<string, Knex.RawBinding>);
  return result.rows;
}

/** Runs one statement and answers how many rows it changed. */
export async function execute(db: Db, sql: string, bindings: Record<string, unknown> = {}): Promise<number> {
  const result = await db.raw<{ rowCount: number | null }>(sql, bindings as Record<string, Knex.RawBinding>);
  return result.rowCount ?? 0;
}

/** Runs `work` in one transaction: all of it or nothing. Nobody outside the database may be called from `work`. */
export function inTransaction<T>(db: Db, work: (trx: Db) => Promise<T>): Promise<T> {
  return db.transaction((trx) => work(trx));
}
