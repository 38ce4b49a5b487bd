/**
 * What the stores share: the type of a database handle, the one way to send SQL through knex, and transactions.
 * Connections are made in knex.ts; statements live in the file of their aggregate.
 */
import type { Knex } from 'knex';
import { isTransient } from './errors.ts';

/** A pool or a transaction: stores do not care which. */
export type Db = Knex | Knex.Transaction;

/** A deadlock or a serialization failure undoes everything, so the work may simply run again; but not for ever. */
const TRANSACTION_TRIES = 4;

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

function nameOf(sql: string): string {
  let name = statementNames.get(sql);
  if (name === undefined) {
    name = `pgw_${statementNames.size}`;
    statementNames.set(sql, name);
  }
  return name;
}

/**
 * A text that PostgreSQL takes: half a character and NUL, for which it would refuse the whole statement, become
 * replacement characters.
 */
export function storableText(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\ufffd');
}

/** JSON for a binding, of texts that PostgreSQL takes. */
export function storableJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'string' ? storableText(inner) : inner,
  );
}

/** What waits for the commit of a transaction, by its handle. */
const waiting = new WeakMap<Db, (() => void)[]>();

/**
 * Runs `work` in one transaction: all of it or nothing. It may run more than once, so nothing outside the database may be
 * touched from it, and nobody may be called; what is to happen once it is done goes through `afterCommit`. Inside a
 * transaction it is a savepoint.
 */
export async function inTransaction<T>(db: Db, work: (trx: Db) => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    const effects: (() => void)[] = [];
    try {
      const result = await db.transaction((trx) => {
        waiting.set(trx, effects);
        return work(trx);
      });
      for (const effect of effects) {
        runOrPassOn(db, effect);
      }
      return result;
    } catch (error) {
      // Within an outer transaction there is nothing to try again: all of it is undone.
      if (db.isTransaction || tries >= TRANSACTION_TRIES || !isTransient(error)) {
        throw error;
      }
    }
  }
}

/**
 * Has `effect` run once the transaction of `trx`, the outermost, has committed; never when it is undone. It must not throw,
 * and nobody waits for it: whoever needs it to happen writes it down inside the transaction.
 */
export function afterCommit(trx: Db, effect: () => void): void {
  runOrPassOn(trx, effect);
}

/** A savepoint that is done is only as certain as the transaction around it. */
function runOrPassOn(db: Db, effect: () => void): void {
  const outer = waiting.get(db);
  if (outer) {
    outer.push(effect);
  } else {
    effect();
  }
}
