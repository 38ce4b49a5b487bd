import type { Db } from '../../src/store/db/query.ts';

type Send = (sql: string, bindings: Record<string, never>, options: object) => Promise<unknown>;

/** A database handle that gives each statement to `send`, with what was set by `.options()`. */
export function watchedDb(send: Send): Db {
  const raw = (sql: string, bindings: Record<string, never>) => {
    let options = {};
    // As in knex, a statement is sent only when it is awaited, after its options were set.
    const sent = Promise.resolve().then(() => send(sql, bindings, options));
    return Object.assign(sent, {
      options(set: object) {
        options = set;
        return sent;
      },
    });
  };
  return { raw, isTransaction: false } as unknown as Db;
}
