/**
 * A database that fails for a while: it refuses every write, like a server that has become a standby, or it ends the
 * connection at some write or commit, before or after its effect, so that the outcome is unknown.
 */
import type { Db } from '../../src/store/db/query.ts';
import { watchedDb } from '../support/watched-db.ts';

/** What a client of the gateway gets as 503. */
export class DatabaseFault extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

export interface DatabaseFaults {
  /** Refuses the next writes with SQLSTATE 25006. */
  becomeReadOnly(writes: number): void;
  /** Ends the connection at one of the next writes (0 is the next). A commit counts as a write. */
  endConnection(afterWrites: number, isAfterEffect: boolean): void;
  clear(): void;
  /** The database with these faults. */
  wrap(db: Db): Db;
}

export function createDatabaseFaults(): DatabaseFaults {
  let refusals = 0;
  let end: { writesLeft: number; readonly isAfterEffect: boolean } | undefined;

  async function write<T>(effect: () => Promise<T>): Promise<T> {
    if (refusals > 0) {
      refusals -= 1;
      throw new DatabaseFault('25006', 'cannot execute this in a read-only transaction');
    }
    if (!end || end.writesLeft-- > 0) {
      return effect();
    }
    const { isAfterEffect } = end;
    end = undefined;
    if (isAfterEffect) {
      await effect();
    }
    throw new DatabaseFault('57P01', 'Connection terminated unexpectedly');
  }

  function wrap(db: Db): Db {
    const wrapped = watchedDb((sql, bindings, options) => {
      const send = async () => db.raw(sql, bindings).options(options);
      return isWrite(sql) ? write(send) : send();
    });
    return Object.assign(wrapped, {
      isTransaction: db.isTransaction === true,
      transaction: <T>(work: (trx: Db) => Promise<T>) => commit(db, work),
    });
  }

  /** A fault at the commit rolls back, or comes after the commit took effect. */
  async function commit<T>(db: Db, work: (trx: Db) => Promise<T>): Promise<T> {
    let fault: unknown;
    const result = await db.transaction(async (trx) => {
      const value = await work(wrap(trx));
      let isKept = false;
      const keep = async () => {
        isKept = true;
      };
      await write(keep).catch((error: unknown) => {
        if (!isKept) {
          throw error;
        }
        fault = error;
      });
      return value;
    });
    if (fault !== undefined) {
      throw fault;
    }
    return result;
  }

  return {
    becomeReadOnly(writes) {
      refusals = writes;
    },
    endConnection(afterWrites, isAfterEffect) {
      end = { writesLeft: afterWrites, isAfterEffect };
    },
    clear() {
      refusals = 0;
      end = undefined;
    },
    wrap,
  };
}

function isWrite(sql: string): boolean {
  return !/^\s*select\b/i.test(sql) || /\bfor (no key )?update\b/i.test(sql);
}
