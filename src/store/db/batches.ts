/**
 * Batching: concurrent requests to the database share one statement. A batch collects the calls of one event loop
 * tick, or those made while the maximum number of batches is in flight. A single call is not delayed: its batch is
 * dispatched in the same tick. A dispatched batch is closed to new items, so every read starts after its call, and a
 * write returns after its commit. `npm run bench -- --only create,retrieve` measures the effect.
 */
import DataLoader from 'dataloader';
import { isConnectionLost, isRowError } from './errors.ts';
import type { Db } from './query.ts';

interface BatchOptions {
  /** Batches in flight at once. More batches are smaller; fewer make calls wait longer. */
  readonly maxConcurrent: number;
  readonly maxItems: number;
}

type Run<Item, Result> = (db: Db, items: readonly Item[]) => Promise<readonly (Result | Error)[]>;

const READS: BatchOptions = { maxConcurrent: 2, maxItems: 200 };
const WRITES: BatchOptions = { maxConcurrent: 2, maxItems: 200 };

/**
 * A batched look-up. If its connection is lost, it runs once more on another one, so that requests survive a failover
 * that ended idle connections: a read has no effect that could be doubled.
 * @param run returns one result for each item, in the same order
 */
export function batchedRead<Item, Result>(run: Run<Item, Result>): (db: Db, item: Item) => Promise<Result> {
  const runTwice: Run<Item, Result> = async (db, items) => {
    try {
      return await run(db, items);
    } catch (error) {
      // A transaction is lost with its connection.
      if (db.isTransaction || !isConnectionLost(error)) {
        throw error;
      }
      return run(db, items);
    }
  };
  return batched(runTwice, READS);
}

/**
 * A batched write: one statement, one commit. If it fails with an error that a single item can cause, the items are
 * written one by one, so that only the bad one fails. Any other failure, such as a lost connection or a timeout,
 * fails all items: the effect may be unknown, and more statements would not help.
 */
export function batchedWrite<Item, Result>(run: Run<Item, Result>): (db: Db, item: Item) => Promise<Result> {
  const runSeparately = async (db: Db, items: readonly Item[]): Promise<readonly (Result | Error)[]> => {
    try {
      return await run(db, items);
    } catch (error) {
      if (items.length === 1 || !isRowError(error)) {
        throw error;
      }
      const results: (Result | Error)[] = [];
      for (const item of items) {
        results.push(...(await run(db, [item]).catch((reason: unknown) => [toError(reason)])));
      }
      return results;
    }
  };
  return batched(runSeparately, WRITES);
}

function batched<Item, Result>(run: Run<Item, Result>, options: BatchOptions) {
  const loaders = new WeakMap<Db, DataLoader<Item, Result>>();
  return async (db: Db, item: Item): Promise<Result> => {
    if (db.isTransaction) {
      return only(await run(db, [item]));
    }
    let loader = loaders.get(db);
    if (!loader) {
      loader = createLoader(run, db, options);
      loaders.set(db, loader);
    }
    return loader.load(item);
  };
}

function createLoader<Item, Result>(
  run: Run<Item, Result>,
  db: Db,
  { maxConcurrent, maxItems }: BatchOptions,
) {
  const waiting: (() => void)[] = [];
  let inFlight = 0;
  const ended = () => {
    const next = waiting.shift();
    if (next) {
      next();
    } else {
      inFlight -= 1;
    }
  };
  return new DataLoader<Item, Result>((items) => run(db, items).finally(ended), {
    cache: false,
    maxBatchSize: maxItems,
    batchScheduleFn(dispatch) {
      if (inFlight >= maxConcurrent) {
        return waiting.push(dispatch);
      }
      inFlight += 1;
      // After all calls of this tick.
      return setImmediate(dispatch);
    },
  });
}

function only<Result>(results: readonly (Result | Error)[]): Result {
  const [result] = results;
  if (result instanceof Error) {
    throw result;
  }
  return result as Result;
}

function toError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
