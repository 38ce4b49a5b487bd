/**
 * Shared by all stores: the type of a database handle, queries, and transactions. Connections are made in knex.ts;
 * statements are in the file of their aggregate.
 */
import type { Knex } from 'knex';
import { sha256Hex } from '../../lib/hash.ts';
import { storableText } from '../../lib/text.ts';
import { isTransient } from './errors.ts';

/** A pool or a transaction; stores work with either. */
export type Db = Knex | Knex.Transaction;

/** Tries of a transaction that a deadlock or a serialization failure rolls back. */
const MAX_TRANSACTION_TRIES = 4;

type Bindings = Readonly<Record<string, unknown>>;

/** Runs one statement and returns its rows. Bindings are named, `:name` in the SQL. */
export async function query<Row>(db: Db, sql: string, bindings: Bindings = {}): Promise<Row[]> {
  return (await raw<{ rows: Row[] }>(db, sql, bindings)).rows;
}

/**
 * Like `query`, for statements of nearly every request: each connection parses and plans them only once. Not for SQL
 * with many variants, because a connection keeps every statement it has prepared.
 */
export async function queryPrepared<Row>(db: Db, sql: string, bindings: Bindings = {}): Promise<Row[]> {
  return (await raw<{ rows: Row[] }>(db, sql, bindings).options({ name: nameOf(sql) })).rows;
}

/** Runs one statement and returns how many rows it changed. */
export async function execute(db: Db, sql: string, bindings: Bindings = {}): Promise<number> {
  return (await raw<{ rowCount: number | null }>(db, sql, bindings)).rowCount ?? 0;
}

/** Like `execute`, prepared like `queryPrepared`. */
export async function executePrepared(db: Db, sql: string, bindings: Bindings = {}): Promise<number> {
  const statement = raw<{ rowCount: number | null }>(db, sql, bindings).options({ name: nameOf(sql) });
  return (await statement).rowCount ?? 0;
}

function raw<Result>(db: Db, sql: string, bindings: Bindings): Knex.Raw<Result> {
  return db.raw<Result>(sql, bindings as Record<string, Knex.RawBinding>);
}

/** Names of prepared statements, by their SQL. The driver prepares a statement that has one. */
const statementNames = new Map<string, string>();

/** Derived from the SQL, so that one name never means two statements, even if a pooler shares connections between processes. */
function nameOf(sql: string): string {
  let name = statementNames.get(sql);
  if (name === undefined) {
    name = `pgw_${sha256Hex(sql).slice(0, 16)}`;
    statementNames.set(sql, name);
  }
  return name;
}

/** JSON for a binding, whose texts PostgreSQL accepts. */
export function storableJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'string' ? storableText(inner) : inner,
  );
}

/** Effects that wait for the commit of a transaction. */
const pendingEffects = new WeakMap<Db, (() => void)[]>();

/**
 * Runs `work` in one transaction, or in a savepoint when `db` is a transaction. `work` may run more than once, so it
 * must change nothing but the database and make no outside calls; effects that follow from it go through
 * `afterCommit`.
 */
export async function inTransaction<T>(db: Db, work: (trx: Db) => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    const effects: (() => void)[] = [];
    try {
      const result = await db.transaction((trx) => {
        pendingEffects.set(trx, effects);
        return work(trx);
      });
      for (const effect of effects) {
        runOrDefer(db, effect);
      }
      return result;
    } catch (error) {
      // Inside a transaction a retry is useless, because all of it is rolled back.
      if (db.isTransaction || tries >= MAX_TRANSACTION_TRIES || !isTransient(error)) {
        throw error;
      }
    }
  }
}

/**
 * Runs `effect` after the outermost transaction of `trx` has committed, and never if it is rolled back. Best effort:
 * a crash after the commit loses it, so what must happen has to be recorded inside the transaction. It must not
 * throw.
 */
export function afterCommit(trx: Db, effect: () => void): void {
  runOrDefer(trx, effect);
}

/** Defers the effect when `db` is a transaction itself, because that may still be rolled back. */
function runOrDefer(db: Db, effect: () => void): void {
  const outer = pendingEffects.get(db);
  if (outer) {
    outer.push(effect);
  } else {
    effect();
  }
}
