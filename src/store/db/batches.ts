/**
 * What several requests ask of the database at once becomes one statement: those of one turn of the event loop, and those
 * that come while as many batches as allowed are on their way. A request alone does not wait: its batch leaves in the same
 * turn. A batch that has left takes nobody in, so every read begins after its request came, and whoever waits for a write
 * hears of it after its commit.
 * `npm run bench -- --only create,retrieve` tells what it brings.
 */
import DataLoader from 'dataloader';
import { isOfOneRow } from './errors.ts';
import type { Db } from './query.ts';

interface BatchOptions {
  /** Batches on their way at the same time: more of them are smaller, fewer wait for each other. */
  readonly maxConcurrent: number;
  readonly maxItems: number;
}

type Run<Item, Result> = (db: Db, items: readonly Item[]) => Promise<readonly (Result | Error)[]>;

const READS: BatchOptions = { maxConcurrent: 2, maxItems: 200 };
const WRITES: BatchOptions = { maxConcurrent: 2, maxItems: 200 };

/**
 * A look-up whose calls are gathered.
 * @param run answers in the order of the items
 */
export function batchedRead<Item, Result>(run: Run<Item, Result>): (db: Db, item: Item) => Promise<Result> {
  return batched(run, READS);
}

/**
 * A write whose calls are gathered into one statement, which is one commit. When the database refuses it for what one
 * item can have caused, each is written by itself, one after the other: a bad one fails alone. After any other fault
 * (it broke off, it is too slow) nothing is tried again: nothing may be known, and many statements would help nobody.
 */
export function batchedWrite<Item, Result>(run: Run<Item, Result>): (db: Db, item: Item) => Promise<Result> {
  const runApart = async (db: Db, items: readonly Item[]): Promise<readonly (Result | Error)[]> => {
    try {
      return await run(db, items);
    } catch (error) {
      if (items.length === 1 || !isOfOneRow(error)) {
        throw error;
      }
      const apart: (Result | Error)[] = [];
      for (const item of items) {
        apart.push(...(await run(db, [item]).catch((reason: unknown) => [toError(reason)])));
      }
      return apart;
    }
  };
  return batched(runApart, WRITES);
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
  let atOnce = 0;
  const ended = () => {
    const next = waiting.shift();
    if (next) {
      next();
    } else {
      atOnce -= 1;
    }
  };
  return new DataLoader<Item, Result>((items) => run(db, items).finally(ended), {
    cache: false,
    maxBatchSize: maxItems,
    batchScheduleFn(leave) {
      if (atOnce >= maxConcurrent) {
        return waiting.push(leave);
      }
      atOnce += 1;
      // After all that came in this turn.
      return setImmediate(leave);
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
