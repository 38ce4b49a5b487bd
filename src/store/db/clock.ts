/**
 * The database's time: one clock for all nodes, whose own clocks differ. Its distance from this machine's monotonic
 * clock is measured now and then, so that asking what time it is costs nothing, and setting this machine's clock
 * changes nothing.
 */
import { type Clock, monotonicMs } from '../../lib/clock.ts';
import { type Db, query } from './query.ts';

export interface DatabaseClock extends Clock {
  /** Measures the distance again; keeps the one known when the answer comes too slowly to be a better one. */
  measure(): Promise<void>;
  /**
   * By how much this machine's wall clock and its monotonic clock have drifted apart since the last measurement, once
   * that is more than clocks do by themselves: the wall clock was set, or the machine was paused.
   */
  findStepMs(): number | undefined;
}

/** The database looked at its clock between two moments of ours, so the distance lies between two values. */
interface Measurement {
  readonly leastMs: number;
  readonly mostMs: number;
  /** On the monotonic clock. */
  readonly takenMs: number;
}

/** More than an adjusted clock drifts between two measurements, and less than anything here depends on. */
const STEP_MS = 500;
/** A measurement that took less needs no second look. */
const QUICK_MS = 20;
/** The first statement of a connection is slow, so it is not the only one. */
const MAX_SAMPLES = 3;
/** By how much two clocks drift apart while nobody adjusts them: 500 parts in a million, ten times what is usual. */
const DRIFT = 0.0005;

/** @param base this machine's clock */
export async function createDatabaseClock(db: Db, base: Clock): Promise<DatabaseClock> {
  const wallAheadMs = () => base.now().getTime() - monotonicMs(base);
  let seenAheadMs = wallAheadMs();
  let known = await takeSample(db, base);
  const measure = async () => {
    const aheadMs = wallAheadMs();
    for (let samples = 0; samples < MAX_SAMPLES; samples += 1) {
      const sample = await takeSample(db, base);
      known = isBetter(sample, known) ? sample : known;
      if (sample.mostMs - sample.leastMs <= QUICK_MS) {
        break;
      }
    }
    // Not as it is now: a step during the measurement has to be found afterwards.
    seenAheadMs = aheadMs;
  };
  await measure();
  return {
    now: () => new Date(monotonicMs(base) + (known.leastMs + known.mostMs) / 2),
    sleep: base.sleep,
    monotonicMs: () => monotonicMs(base),
    measure,
    findStepMs() {
      const stepMs = Math.round(wallAheadMs() - seenAheadMs);
      return Math.abs(stepMs) > STEP_MS ? stepMs : undefined;
    },
  };
}

async function takeSample(db: Db, base: Clock): Promise<Measurement> {
  const beforeMs = monotonicMs(base);
  const [row] = await query<{ now: Date }>(db, 'select clock_timestamp() as now');
  const takenMs = monotonicMs(base);
  if (!row) {
    throw new Error('the database did not say what time it is');
  }
  const databaseMs = row.now.getTime();
  return { leastMs: databaseMs - takenMs, mostMs: databaseMs - beforeMs, takenMs };
}

/** Whether a sample is more exact than what is known, which becomes less exact with its age, or proves that wrong. */
function isBetter(sample: Measurement, known: Measurement): boolean {
  const drift = (sample.takenMs - known.takenMs) * DRIFT;
  const isPossible =
    sample.leastMs <= known.mostMs + drift + QUICK_MS && sample.mostMs >= known.leastMs - drift - QUICK_MS;
  const widthMs = known.mostMs - known.leastMs + 2 * drift;
  return !isPossible || sample.mostMs - sample.leastMs <= widthMs;
}
