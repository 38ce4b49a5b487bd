/**
 * Random transactions that write payment events, from several connections, as the gateway may: some write elsewhere before they wait
 * for the intent's lock, some are rolled back, some are killed.
 */
import type { Knex } from 'knex';
import type { TestDatabase } from '../../support/database.ts';

/** A repeatable source of whole numbers below `n`. */
export function seeded(seed: number): (n: number) => number {
  let state = (seed * 2_654_435_761 + 1) >>> 0;
  return (n) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % n;
  };
}

/** Two merchants with these numbers of intents, whose rows of payment_events are written by the test. */
export async function insertIntents(db: Knex, merchantId: string, ids: readonly string[]): Promise<void> {
  await db.raw(
    `insert into merchants (id, name, created_at, updated_at) values (?, 'Shop', now(), now())
     on conflict do nothing`,
    [merchantId],
  );
  await db.raw(
    `insert into payment_intents (id, merchant_id, merchant_ref_id, amount, currency, payment_method_types, status,
       payment_token_hash, created_at, expires_at)
     select id, ?, 'ref', 1000, 'JPY', '{cash}', 'requires_payment_method', sha256(id::bytea), now(), now() + interval '1 hour'
     from unnest(?::text[]) as id`,
    [merchantId, [...ids]],
  );
}

export const APPEND = `insert into payment_events (intent_id, type, actor, created_at, merchant_event, intent_state)
  values (?, 'created', 'test', now(), ?, null)`;

/**
 * Runs `count` random transactions, `connections` at a time.
 * @returns when all have ended
 */
export async function writeRandomly(
  database: TestDatabase,
  random: (n: number) => number,
  { intentIds, count, connections }: { intentIds: readonly string[]; count: number; connections: number },
): Promise<void> {
  const pool = database.connect(connections + 1);
  let left = count;
  const writer = async () => {
    while (left > 0) {
      left -= 1;
      await writeOnce(pool, random, intentIds).catch(rethrowUnlessKilled);
    }
  };
  try {
    await Promise.all(Array.from({ length: connections }, writer));
  } finally {
    await pool.destroy();
  }
}

async function writeOnce(
  pool: Knex,
  random: (n: number) => number,
  intentIds: readonly string[],
): Promise<void> {
  const end = random(8);
  const draws = [random(intentIds.length), random(intentIds.length)];
  const chosen = intentIds.filter((_, index) => draws.includes(index));
  const writesEarly = random(2) === 0;
  const rows = 1 + random(2);
  const isSilent = random(6) === 0;
  const trx = await pool.transaction();
  try {
    if (writesEarly) {
      // Takes a transaction id before the wait, so that the order of ids is not the order of locks.
      await trx.raw('select pg_current_xact_id()');
    }
    for (const id of chosen) {
      await trx.raw('select id from payment_intents where id = ? for update', [id]);
      for (let n = 0; n < rows; n += 1) {
        await trx.raw(APPEND, [id, isSilent ? null : 'payment_intent.processing']);
      }
      await trx.raw('select pg_sleep(?)', [random(4) / 1_000]);
    }
    if (end === 0) {
      const { rows: own } = await trx.raw('select pg_backend_pid() as pid');
      await pool.raw('select pg_terminate_backend(?)', [own[0].pid]);
    }
    await (end === 1 ? trx.rollback() : trx.commit());
  } catch (error) {
    await trx.rollback().catch(() => undefined);
    throw error;
  }
}

function rethrowUnlessKilled(error: unknown): void {
  if (!/terminat|Connection|connection|aborted|released|commit/.test(String(error))) {
    throw error;
  }
}
