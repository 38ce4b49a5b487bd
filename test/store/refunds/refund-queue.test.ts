import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { newId } from '../../../src/lib/ids.ts';
import { claimDueRefunds } from '../../../src/store/refunds/refund-queue.ts';
import { insertIntents } from '../../services/events/random-writers.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';

const NOW = new Date('2026-01-15T03:00:00Z');
const later = (seconds: number) => new Date(NOW.getTime() + seconds * 1_000);

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(() => database.db('refunds').delete());

/** A payment with pending refunds that are due at these times. @returns its attempt */
async function insertDue(merchantId: string, ...secondsFromNow: number[]): Promise<string> {
  const { db } = database;
  const [intentId, attemptId] = [newId('pi', NOW), newId('pa', NOW)];
  await insertIntents(db, merchantId, [intentId]);
  await db.raw(
    `insert into payment_attempts (id, intent_id, merchant_id, provider, provider_merchant_id, amount, currency, status,
       create_calls, provider_payment_id, paid_at, created_at, ended_at)
     values (:attemptId, :intentId, :merchantId, 'PAYPAY', 'p', 1000, 'JPY', 'succeeded', 1, 'pp', now(), now(), now())`,
    { attemptId, intentId, merchantId },
  );
  const rows = secondsFromNow.map((seconds) => ({ id: newId('re', NOW), next_try_at: later(seconds) }));
  await db.raw(
    `insert into refunds (id, attempt_id, intent_id, merchant_id, provider_payment_id, amount, currency, origin, method,
       status, pending_reason, created_at, next_try_at)
     select id, :attemptId, :intentId, :merchantId, 'pp', 1, 'JPY', 'merchant', 'provider', 'pending', 'provider_processing',
       now(), next_try_at
     from json_to_recordset(cast(:rows as json)) as row (id text, next_try_at timestamptz)`,
    { attemptId, intentId, merchantId, rows: JSON.stringify(rows) },
  );
  return attemptId;
}

const claim = async (limit: number) =>
  (await claimDueRefunds(database.db, NOW, later(150), limit)).map(({ attemptId }) => attemptId);

describe('the claim of due refunds', () => {
  it('takes one refund of each payment, counts the try, and does not give it to another worker', async () => {
    const attempts = [await insertDue('m1', -3, -2, -1), await insertDue('m1', -1)];
    const claims = await Promise.all([claim(10), claim(10)]);
    expect(new Set(claims.flat())).toEqual(new Set(attempts));
    const rows = await database.db('refunds').where({ next_try_at: later(150) });
    expect(rows.map(({ tries }) => tries)).toEqual(Array(claims.flat().length).fill(1));
  });

  it('takes the oldest first, whatever the ids of their payments, and merchants in turn', async () => {
    const newer = await insertDue('m1', -1);
    const older = await insertDue('m1', -2);
    const oldest = await insertDue('m1', -3);
    const other = await insertDue('m2', -0.5);
    expect((await claim(2)).sort()).toEqual([oldest, other].sort());
    expect(await claim(1)).toEqual([older]);
    expect(await claim(1)).toEqual([newer]);
  });

  it('takes none before it is due, and one whose time a wrong clock has set too far ahead', async () => {
    await insertDue('m1', 1, 900);
    const ahead = await insertDue('m1', 7_200);
    expect(await claim(10)).toEqual([ahead]);
  });

  it('of thousands of one payment takes one, and does not keep an older one of another merchant waiting', async () => {
    const attempt = await insertDue('m1', ...Array.from({ length: 2_000 }, (_, n) => n - 1_000));
    expect(await claim(20)).toEqual([attempt]);
    const other = await insertDue('m2', -999);
    expect((await claim(20)).sort()).toEqual([attempt, other].sort());
  });

  it('does not keep a refund waiting behind many of a few payments, of which only one each can be made', async () => {
    const many = Array.from({ length: 50 }, (_, n) => n - 100);
    const attempts = [];
    for (let payment = 0; payment < 4; payment += 1) {
      attempts.push(await insertDue('m1', ...many));
    }
    const other = await insertDue('m2', -1);
    expect((await claim(20)).sort()).toEqual([...attempts, other].sort());
  });
});
