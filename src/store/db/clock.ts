/**
 * The database's clock, shared by all nodes because their own clocks differ. Its offset from this machine's monotonic clock
 * is measured from time to time, so that reading the time needs no query, and setting this machine's clock changes nothing.
 */
import { type Clock, monotonicMs, systemClock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/log.ts';
import { type Db, query } from './query.ts';

/** How often the distance to the database's clock is measured, because machines count time at slightly different speeds. */
const MEASURE_EVERY_MS = 60_000;
/** Pause after a measurement that failed, so that an unavailable database does not fill the log. */
const RETRY_MS = 1_000;
/** How soon after this machine's clock was set, or the machine was paused, the distance is measured again. */
const STEP_CHECK_MS = 250;

export interface DatabaseClock extends Clock {
  /** Measures the offset again. Keeps the known offset if the new samples are too slow to be more exact. */
  measure(): Promise<void>;
  /**
   * By how much this machine's wall clock has moved against its monotonic clock since the last measurement, if that is more
   * than ordinary drift: the wall clock was set, or the machine was suspended.
   */
  findStepMs(): number | undefined;
}

/** The database read its clock between the query and its answer, so the offset lies between two values. */
interface Measurement {
  readonly leastMs: number;
  readonly mostMs: number;
  /** Monotonic time of the answer. */
  readonly takenMs: number;
}

/** More than ordinary drift between two measurements, and less than any interval that decisions depend on. */
const STEP_MS = 500;
/** A sample with a shorter round trip is exact enough. */
const QUICK_MS = 20;
/** Several, because the first statement on a connection is slow. */
const MAX_SAMPLES = 3;
/** Assumed drift between two clocks: 500 parts per million, ten times the usual value. */
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
    // The value from before the measurement, so that a step during it is still found.
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

/** Whether a sample is more exact than the known one, which loses exactness with age, or contradicts it. */
function isBetter(sample: Measurement, known: Measurement): boolean {
  const drift = (sample.takenMs - known.takenMs) * DRIFT;
  const isPossible =
    sample.leastMs <= known.mostMs + drift + QUICK_MS && sample.mostMs >= known.leastMs - drift - QUICK_MS;
  const widthMs = known.mostMs - known.leastMs + 2 * drift;
  return !isPossible || sample.mostMs - sample.leastMs <= widthMs;
}

/** Measures the distance to the database's clock at its interval, and at once when this machine's clock was set. */
export async function keepMeasuring(clock: DatabaseClock, log: Logger, closing: AbortSignal): Promise<void> {
  let measuredMs = monotonicMs(systemClock);
  while (!closing.aborted) {
    await systemClock.sleep(STEP_CHECK_MS, closing);
    const stepMs = clock.findStepMs();
    const isDue = monotonicMs(systemClock) - measuredMs >= MEASURE_EVERY_MS;
    if (closing.aborted || (stepMs === undefined && !isDue)) {
      continue;
    }
    measuredMs = monotonicMs(systemClock);
    if (stepMs !== undefined) {
      log.warn(
        { stepMs },
        "this machine's clock was set, or it was paused; measuring the database's clock again",
      );
    }
    try {
      await clock.measure();
    } catch (err) {
      log.warn({ err }, "could not read the database's clock; keeping the last distance");
      await systemClock.sleep(RETRY_MS, closing);
    }
  }
}
