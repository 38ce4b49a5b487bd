/**
 * The clock of one simulated node: a wall clock that can be set, a monotonic one that nobody sets, and the database's time,
 * which is the simulation's, measured as in a running gateway.
 */
import type { Clock } from '../../src/lib/clock.ts';
import { createDatabaseClock, type DatabaseClock } from '../../src/store/db/clock.ts';
import type { TestClock } from '../support/clock.ts';
import { watchedDb } from '../support/watched-db.ts';

export interface NodeClock extends DatabaseClock {
  /** Sets the node's wall clock. */
  step(ms: number): void;
  /** Measures the database's clock while its first answer takes this long, before or after the clock is read. */
  measureSlowly(ms: number, isBefore: boolean): Promise<void>;
}

export async function createNodeClock(truth: TestClock): Promise<NodeClock> {
  let stepMs = 0;
  let delay = { beforeMs: 0, afterMs: 0 };
  const startedAtMs = truth.now().getTime();
  const base: Clock = {
    now: () => new Date(truth.now().getTime() + stepMs),
    monotonicMs: () => truth.now().getTime() - startedAtMs,
    sleep: truth.sleep,
  };
  const database = watchedDb(async () => {
    const { beforeMs, afterMs } = delay;
    delay = { beforeMs: 0, afterMs: 0 };
    await truth.advance(beforeMs);
    const now = truth.now();
    await truth.advance(afterMs);
    return { rows: [{ now }] };
  });
  const clock = await createDatabaseClock(database, base);
  return {
    ...clock,
    step(ms) {
      stepMs += ms;
    },
    async measureSlowly(ms, isBefore) {
      delay = isBefore ? { beforeMs: ms, afterMs: 0 } : { beforeMs: 0, afterMs: ms };
      await clock.measure();
    },
  };
}
