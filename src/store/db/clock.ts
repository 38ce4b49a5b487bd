/**
 * The database's clock, shared by all nodes because their own clocks differ. The offset from this machine's clock is
 * measured from time to time, so that reading the time needs no query.
 */
import type { Clock } from '../../lib/clock.ts';
import { type Db, query } from './query.ts';

export interface DatabaseClock extends Clock {
  /** Measures the offset again. */
  measure(): Promise<void>;
}

/** @param base this machine's clock */
export async function createDatabaseClock(db: Db, base: Clock): Promise<DatabaseClock> {
  let offsetMs = 0;
  const measure = async () => {
    const before = base.now().getTime();
    const [row] = await query<{ now: Date }>(db, 'select clock_timestamp() as now');
    const after = base.now().getTime();
    // The database read its clock at some point between the two.
    if (row) {
      offsetMs = Math.round(row.now.getTime() - (before + after) / 2);
    }
  };
  await measure();
  return { now: () => new Date(base.now().getTime() + offsetMs), sleep: base.sleep, measure };
}
