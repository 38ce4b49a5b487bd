import { expect, it } from 'vitest';
import { createTestDatabase } from '../support/database.ts';
import type { Sabotage } from './sabotage.ts';
import { simulate } from './simulation.ts';

/** A mistake needs an occasion; the run ends when it is found. */
const STEPS = 300;
const SEEDS = 5;

it.each<[name: string, sabotage: Sabotage, fault: RegExp]>([
  [
    'a refund that failed and kept its reservation',
    'reservation_kept',
    /has amount_refunded \d+ of \d+, and its refunds are \d+/,
  ],
  ['a refund that was sent under a new id', 'new_id_each_try', /^PayPay has re_\w+ as re_\w+_\d+/],
  [
    'two refunds that were decided on the same sum',
    'sum_not_locked',
    /has amount_refunded \d+ of \d+, and its refunds are \d+/,
  ],
])(
  'the simulation finds %s',
  async (_, sabotage, fault) => {
    const found: string[] = [];
    for (let seed = 1; seed <= SEEDS && !found.some((line) => fault.test(line)); seed += 1) {
      const database = await createTestDatabase();
      try {
        const { faults } = await simulate({ seed, steps: STEPS, db: database.db, sabotage });
        found.push(...faults);
      } finally {
        await database.drop();
      }
    }
    expect(found).toContainEqual(expect.stringMatching(fault));
  },
  240_000,
);
