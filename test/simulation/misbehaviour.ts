/**
 * Steps in which the world around the nodes misbehaves: clocks, the database, and the way to PayPay.
 */
import type { Db } from '../../src/store/db/query.ts';
import type { DatabaseFaults } from './database-faults.ts';
import type { NodeClock } from './node-clock.ts';
import type { Random } from './random.ts';
import type { Reachability } from './unreachable.ts';

export interface Surroundings {
  readonly random: Random;
  readonly db: Db;
  readonly nodeClocks: readonly [NodeClock, NodeClock];
  readonly databaseFaults: DatabaseFaults;
  readonly payPay: Reachability;
  readonly say: (line: string) => void;
}

const MINUTE_MS = 60_000;
const STEPS_MS = [MINUTE_MS, 60 * MINUTE_MS, 24 * 60 * MINUTE_MS];
/** How PayPay knows the merchant of the simulation. */
export const PAYPAY_MERCHANT = 'paypay_sim';

/** Sets the wall clock of one node. Its process may notice and measure the database's clock again. */
export async function stepClock({ random, nodeClocks, say }: Surroundings): Promise<void> {
  const node = random.integer(0, 1);
  const ms = random.pick(STEPS_MS) * random.pick([-1, 1]);
  const clock = nodeClocks[node === 0 ? 0 : 1];
  clock.step(ms);
  const isNoticed = random.chance(0.5);
  if (isNoticed) {
    await clock.measure();
  }
  say(`the clock of ${node === 0 ? 'A' : 'B'} is set by ${ms / 1000} s${isNoticed ? ' and measured' : ''}`);
}

/** A node measures the database's clock while the database answers slowly. */
export async function measureSlowly({ random, nodeClocks, say }: Surroundings): Promise<void> {
  const ms = random.integer(100, 20_000);
  await random.pick(nodeClocks).measureSlowly(ms, random.chance(0.5));
  say(`the database's clock is measured within ${ms} ms`);
}

export async function failDatabase({ random, databaseFaults, say }: Surroundings): Promise<void> {
  if (random.chance(0.4)) {
    const writes = random.integer(1, 6);
    databaseFaults.becomeReadOnly(writes);
    return say(`the database refuses ${writes} writes`);
  }
  const [writes, isAfterEffect] = [random.integer(0, 12), random.chance(0.5)];
  databaseFaults.endConnection(writes, isAfterEffect);
  say(
    `a connection to the database ends after ${writes} writes, ${isAfterEffect ? 'after' : 'before'} the effect`,
  );
}

export async function breakTls({ random, payPay, say }: Surroundings): Promise<void> {
  const calls = random.integer(1, 2);
  payPay.breakFor(calls);
  say(`TLS to PayPay fails ${calls} times`);
}
