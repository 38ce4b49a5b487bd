import { expect, it } from 'vitest';
import { createTestDatabase } from '../support/database.ts';
import { simulate } from './simulation.ts';

const STEPS = 120;
/** Always the same, and some that nobody has seen. */
const FIXED = [1, 2, 3, 4, 5, 6, 7, 8];
const FRESH = Array.from({ length: Number(process.env['SIMULATE_SEEDS'] ?? 6) }, () =>
  Math.floor(Math.random() * 2 ** 31),
);
const seeds = process.env['SIMULATE_SEED'] ? [Number(process.env['SIMULATE_SEED'])] : [...FIXED, ...FRESH];

it.each(seeds)(
  'seed %i: under faults, crashes and races the books agree to the yen',
  async (seed) => {
    const database = await createTestDatabase();
    try {
      const { faults, history } = await simulate({
        seed,
        steps: Number(process.env['SIMULATE_STEPS'] ?? STEPS),
        db: database.db,
      });
      if (faults.length > 0) {
        process.stdout.write(`${history.join('\n')}\nReplay: npm run simulate -- --seed ${seed}\n`);
      }
      expect(faults).toEqual([]);
    } finally {
      await database.drop();
    }
  },
  120_000,
);
