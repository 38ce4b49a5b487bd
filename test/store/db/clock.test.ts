import { describe, expect, it } from 'vitest';
import { createDatabaseClock, type DatabaseClock } from '../../../src/store/db/clock.ts';
import type { Db } from '../../../src/store/db/query.ts';
import { watchedDb } from '../../support/watched-db.ts';

const START = Date.parse('2026-01-15T10:00:00Z');

/** A machine and a database whose clocks and round trips the test owns. */
function createMachine() {
  const machine = { elapsedMs: 0, wallSetByMs: 0, databaseSetByMs: 0, tripMs: 4, answers: 0 };
  const databaseNow = () => START + machine.databaseSetByMs + machine.elapsedMs;
  const db: Db = watchedDb(async () => {
    machine.answers += 1;
    const now = new Date(databaseNow());
    // The way there takes no time and the way back all of it: the most unfavourable trip.
    machine.elapsedMs += machine.tripMs;
    return { rows: [{ now }] };
  });
  const base = {
    now: () => new Date(machine.elapsedMs + machine.wallSetByMs),
    monotonicMs: () => machine.elapsedMs,
    sleep: async () => undefined,
  };
  const errorMs = (clock: DatabaseClock) => Math.abs(clock.now().getTime() - databaseNow());
  return { machine, db, base, errorMs };
}

const MINUTE = 60_000;

describe("the database's clock", () => {
  it.each([MINUTE, 60 * MINUTE, 24 * 60 * MINUTE].flatMap((ms) => [ms, -ms]))(
    "does not move when this machine's clock is set by %i ms, and asks to be measured again",
    async (stepMs) => {
      const { machine, db, base, errorMs } = createMachine();
      const clock = await createDatabaseClock(db, base);
      machine.wallSetByMs += stepMs;
      expect(errorMs(clock)).toBeLessThan(10);
      expect(clock.findStepMs()).toBe(stepMs);
      await clock.measure();
      expect(clock.findStepMs()).toBeUndefined();
      expect(errorMs(clock)).toBeLessThan(10);
    },
  );

  it('is right again after a pause of the machine, which its monotonic clock does not count', async () => {
    const { machine, db, base, errorMs } = createMachine();
    const clock = await createDatabaseClock(db, base);
    machine.databaseSetByMs += 60 * MINUTE;
    machine.wallSetByMs += 60 * MINUTE;
    expect(clock.findStepMs()).toBe(60 * MINUTE);
    await clock.measure();
    expect(errorMs(clock)).toBeLessThan(10);
  });

  it('keeps the distance it knows when the answer is slow', async () => {
    const { machine, db, base, errorMs } = createMachine();
    const clock = await createDatabaseClock(db, base);
    machine.elapsedMs += MINUTE;
    machine.tripMs = 18_000;
    await clock.measure();
    expect(errorMs(clock)).toBeLessThan(50);
  });

  it('believes a slow answer that proves the known distance wrong', async () => {
    const { machine, db, base, errorMs } = createMachine();
    const clock = await createDatabaseClock(db, base);
    machine.tripMs = 2_000;
    machine.databaseSetByMs -= 60 * MINUTE;
    await clock.measure();
    expect(errorMs(clock)).toBeLessThan(2_000);
  });

  it('at the start takes the quickest of several answers', async () => {
    const { machine, db, base, errorMs } = createMachine();
    machine.tripMs = 18_000;
    const creating = createDatabaseClock(db, base);
    machine.tripMs = 4;
    const clock = await creating;
    expect(machine.answers).toBe(2);
    expect(errorMs(clock)).toBeLessThan(10);
  });

  it('follows clocks that drift apart slowly', async () => {
    const { machine, db, base, errorMs } = createMachine();
    const clock = await createDatabaseClock(db, base);
    for (let minute = 0; minute < 60; minute += 1) {
      machine.elapsedMs += MINUTE;
      machine.databaseSetByMs += 10;
      await clock.measure();
    }
    expect(errorMs(clock)).toBeLessThan(50);
    expect(clock.findStepMs()).toBeUndefined();
  });
});
