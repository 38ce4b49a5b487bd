import { expect, it } from 'vitest';
import { createTestDatabase } from '../support/database.ts';
import { isLongRun } from '../support/long.ts';
import { simulate } from './simulation.ts';

const STEPS = 120;
/** Seeds that are always the same, and others that no run has had before. */
const [FIXED, FRESH] = isLongRun ? [8, 992] : [3, 3];
const fixed = Array.from({ length: FIXED }, (_, index) => index + 1);
const fresh = Array.from({ length: Number(process.env['SIMULATE_SEEDS'] ?? FRESH) }, () =>
  Math.floor(Math.random() * 2 ** 31),
);
const seeds = process.env['SIMULATE_SEED'] ? [Number(process.env['SIMULATE_SEED'])] : [...fixed, ...fresh];

it.each(seeds)(
  'seed %i: the ledgers agree to the yen under faults, crashes and races',
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
  240_000,
);
