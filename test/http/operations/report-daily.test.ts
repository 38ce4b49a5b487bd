import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { syncMerchants } from '../../../src/services/operations/sync-merchants.ts';
import { createTestClock, type TestClock } from '../../support/clock.ts';
import { startTestGateway, type TestGateway, type TestMerchant } from '../../support/gateway.ts';
import { addStores, newLimitedKey } from '../../support/keys.ts';
import { completeRefunds, newCashIntent, newPaidIntent, requestRefund } from '../../support/refunds.ts';

const REPORTS = '/v1/reports/daily';
/** Noon in Japan. */
const NOON = new Date('2026-01-15T03:00:00Z');

let clock: TestClock;
let gateway: TestGateway;

beforeAll(async () => {
  clock = createTestClock(NOON);
  gateway = await startTestGateway({ clock, sandbox: { webhookMode: 'manual' } });
});
afterAll(() => gateway.close());

async function report(as: TestMerchant, query: string) {
  const { status, body } = await gateway.request('GET', `${REPORTS}?${query}`, { as });
  expect(status).toBe(200);
  return body;
}

/** A day long after those of the other tests, so that each has days of its own. */
async function nextDays(): Promise<string> {
  await clock.advance(40 * 86_400_000);
  await clock.advance(86_400_000 - ((clock.now().getTime() - NOON.getTime()) % 86_400_000));
  return clock.now().toISOString().slice(0, 10);
}

const of = (payments: number, captured: number, refunds = 0, refunded = 0) => ({
  currency: 'JPY',
  payment_count: payments,
  amount_captured: captured,
  refund_count: refunds,
  amount_refunded: refunded,
  amount_net: captured - refunded,
});

describe('GET /v1/reports/daily', () => {
  it('adds up what was paid and what was refunded on a day, by currency', async () => {
    const day = await nextDays();
    const merchant = await gateway.newMerchant();
    await newCashIntent(gateway, merchant, { amount: 300 });
    const paid = await newPaidIntent(gateway, merchant, { amount: 1000 });
    await requestRefund(gateway, merchant, paid, { amount: 400 });
    await completeRefunds(gateway, paid);
    const found = await report(merchant, `from=${day}&to=${day}`);
    expect(found).toEqual({
      from: day,
      to: day,
      rows: [{ date: day, ...of(2, 1300, 1, 400) }],
      totals: [of(2, 1300, 1, 400)],
    });
  });

  it('divides a day by store, till and method', async () => {
    const day = await nextDays();
    const merchant = await gateway.newMerchant();
    await addStores(gateway, merchant, ['store_b']);
    await newCashIntent(gateway, merchant, { amount: 10, merchant_store_id: merchant.storeId });
    await newCashIntent(gateway, merchant, { amount: 20, merchant_store_id: 'store_b' });
    const till = { merchant_store_id: 'store_b', merchant_terminal_id: 'till_1' };
    await newPaidIntent(gateway, merchant, { amount: 400, ...till });
    const { rows } = await report(merchant, `from=${day}&to=${day}&group_by=store,terminal,method`);
    expect(rows).toEqual(
      [
        {
          date: day,
          merchant_store_id: 'store_b',
          merchant_terminal_id: 'till_1',
          payment_method_type: 'qr_mpm',
          ...of(1, 400),
        },
        { date: day, merchant_store_id: 'store_b', payment_method_type: 'cash', ...of(1, 20) },
        { date: day, merchant_store_id: merchant.storeId, payment_method_type: 'cash', ...of(1, 10) },
      ].sort((a, b) =>
        a.merchant_store_id < b.merchant_store_id ? -1 : a.merchant_store_id > b.merchant_store_id ? 1 : 0,
      ),
    );
    const ofStore = await report(merchant, `from=${day}&to=${day}&store=store_b&group_by=method`);
    expect(ofStore.rows).toEqual([
      { date: day, payment_method_type: 'cash', ...of(1, 20) },
      { date: day, payment_method_type: 'qr_mpm', ...of(1, 400) },
    ]);
  });

  it('counts a refund on the day on which it succeeds, and money returned in cash as cash', async () => {
    const day = await nextDays();
    const merchant = await gateway.newMerchant();
    const scopes = ['refunds', 'refunds:cash', 'reports', 'payments'] as const;
    const till = { ...merchant, ...(await newLimitedKey(gateway, merchant, { scopes })) };
    const paid = await newPaidIntent(gateway, merchant, { amount: 1000 });
    await clock.advance(86_400_000);
    const next = clock.now().toISOString().slice(0, 10);
    const { status } = await requestRefund(gateway, till, paid, { amount: 300, method: 'cash' });
    expect(status).toBe(201);
    const { rows, totals } = await report(till, `from=${day}&to=${next}&group_by=method`);
    expect(rows).toEqual([
      { date: day, payment_method_type: 'qr_mpm', ...of(1, 1000) },
      { date: next, payment_method_type: 'cash', ...of(0, 0, 1, 300) },
    ]);
    expect(totals).toEqual([of(1, 1000, 1, 300)]);
  });

  it('ends a day at midnight in the time zone of the store', async () => {
    const day = await nextDays();
    const merchant = await gateway.newMerchant();
    const stores = [
      { id: 'tokyo', name: 'Tokyo', configs: [] },
      { id: 'honolulu', name: 'Honolulu', timeZone: 'Pacific/Honolulu', configs: [] },
    ];
    await syncMerchants(gateway.deps, [{ id: merchant.merchantId, name: 'Shop', stores }]);
    // The last second of the day in Japan, and the first of the next one.
    await clock.advance(Date.parse(`${day}T14:59:59Z`) - clock.now().getTime());
    const before = await newCashIntent(gateway, merchant, { amount: 1, merchant_store_id: 'tokyo' });
    await newCashIntent(gateway, merchant, { amount: 2, merchant_store_id: 'honolulu' });
    await clock.advance(1_000);
    await newCashIntent(gateway, merchant, { amount: 4, merchant_store_id: 'tokyo' });
    await newCashIntent(gateway, merchant, { amount: 8, merchant_store_id: 'honolulu' });
    expect(before.id).toBeTruthy();
    const { rows } = await report(merchant, `from=${day}&to=${day}&group_by=store`);
    expect(rows).toEqual([
      { date: day, merchant_store_id: 'honolulu', ...of(2, 10) },
      { date: day, merchant_store_id: 'tokyo', ...of(1, 1) },
    ]);
  });

  it('has nothing of other merchants, and of a key limited to stores only theirs', async () => {
    const day = await nextDays();
    const merchant = await gateway.newMerchant();
    await addStores(gateway, merchant, ['store_b']);
    await newCashIntent(gateway, merchant, { amount: 10 });
    await newCashIntent(gateway, merchant, { amount: 20, merchant_store_id: 'store_b' });
    const limited = { ...merchant, ...(await newLimitedKey(gateway, merchant, { storeIds: ['store_b'] })) };
    expect((await report(limited, `from=${day}&to=${day}`)).totals).toEqual([of(1, 20)]);
    expect((await report(limited, `from=${day}&to=${day}&store=${merchant.storeId}`)).rows).toEqual([]);
    const other = await gateway.newMerchant();
    expect(await report(other, `from=${day}&to=${day}`)).toEqual({
      from: day,
      to: day,
      rows: [],
      totals: [],
    });
  });

  it.each([
    ['a day that does not exist', 'from=2026-02-30&to=2026-03-01', 'from'],
    ['an end before the beginning', 'from=2026-01-15&to=2026-01-14', 'to'],
    ['more than 31 days', 'from=2026-01-01&to=2026-02-01', 'to'],
    ['an unknown division', 'from=2026-01-15&to=2026-01-15&group_by=store,weather', 'group_by'],
    ['no end', 'from=2026-01-15', 'to'],
  ])('refuses %s', async (_, query, field) => {
    const merchant = await gateway.newMerchant();
    const { status, body } = await gateway.request('GET', `${REPORTS}?${query}`, { as: merchant });
    expect(status).toBe(400);
    expect(body.details.field).toBe(field);
  });

  it('needs a key with the scope reports', async () => {
    const merchant = await gateway.newMerchant();
    const as = await newLimitedKey(gateway, merchant, { scopes: ['payments'] });
    const { status, body } = await gateway.request('GET', `${REPORTS}?from=2026-01-15&to=2026-01-15`, { as });
    expect([status, body.details.required_scope]).toEqual([403, 'reports']);
    expect((await gateway.request('GET', `${REPORTS}?from=2026-01-15&to=2026-01-15`)).status).toBe(401);
  });

  it('equals the ledger to the yen, however it is divided', async () => {
    const day = await nextDays();
    const merchant = await gateway.newMerchant();
    await addStores(gateway, merchant, ['store_b', 'store_c']);
    await fillLedger(merchant, day);
    const period = { from: shift(day, -10), to: shift(day, 10) };
    const ledger = await ledgerOf(merchant, period);
    await fc.assert(
      fc.asyncProperty(
        fc.subarray(['store', 'terminal', 'method']),
        fc.integer({ min: -10, max: 9 }),
        async (divisions, cut) => {
          const groupBy = divisions.length === 0 ? '' : `&group_by=${divisions.join(',')}`;
          const parts = await Promise.all([
            report(merchant, `from=${period.from}&to=${shift(day, cut)}${groupBy}`),
            report(merchant, `from=${shift(day, cut + 1)}&to=${period.to}${groupBy}`),
          ]);
          expect(sumOf(parts.flatMap(({ rows }) => rows))).toEqual(ledger);
          expect(sumOf(parts.flatMap(({ totals }) => totals))).toEqual(ledger);
        },
      ),
      { numRuns: 25 },
    );
  });
});

function shift(day: string, days: number): string {
  return new Date(Date.parse(day) + days * 86_400_000).toISOString().slice(0, 10);
}

/** 300 payments, a third of them refunded, at any second of twenty days. */
async function fillLedger({ merchantId }: TestMerchant, day: string): Promise<void> {
  const { db } = gateway.database;
  await db.raw(
    `insert into payment_intents (id, merchant_id, merchant_store_id, merchant_terminal_id, merchant_ref_id, amount, currency,
       payment_method_types, payment_method_type, status, amount_captured, payment_token_hash, created_at, expires_at, succeeded_at)
     select 'pi_0000000000' || lpad(n::text, 16, '0'), :merchantId,
       (array['store_b', 'store_c', null])[1 + n % 3], (array['till_1', 'till_2', null, null])[1 + n % 4], 'o' || n,
       1 + n * 7, 'JPY', array['cash'], 'cash', 'succeeded', 1 + n * 7, sha256(n::text::bytea), at, at + interval '1 hour', at
     from generate_series(1, 300) n, lateral (
       select cast(:day as timestamptz) + (n * 7919 % 1440000 - 720000) * interval '1 second' as at) as times`,
    { merchantId, day },
  );
  await db.raw(
    `insert into refunds (id, intent_id, merchant_id, merchant_store_id, amount, currency, status, origin, method, created_at, ended_at)
     select replace(id, 'pi_', 're_'), id, merchant_id, merchant_store_id, 1 + amount / 3, 'JPY', 'succeeded', 'merchant', 'cash',
            succeeded_at, succeeded_at + interval '7 hours'
     from payment_intents where merchant_id = :merchantId and amount % 3 = 0`,
    { merchantId },
  );
}

/** Counted here and not by the report's statement, day by day in Japan. */
async function ledgerOf({ merchantId }: TestMerchant, { from, to }: { from: string; to: string }) {
  const { db } = gateway.database;
  const isIn = (at: Date) => {
    const local = new Date(at.getTime() + 9 * 3_600_000).toISOString().slice(0, 10);
    return local >= from && local <= to;
  };
  const intents = await db('payment_intents').where({ merchant_id: merchantId });
  const refunds = await db('refunds').where({ merchant_id: merchantId });
  const paid = intents.filter(({ succeeded_at: at }) => isIn(at));
  const returned = refunds.filter(({ ended_at: at }) => isIn(at));
  return {
    payments: paid.length,
    captured: paid.reduce((sum, { amount_captured: amount }) => sum + amount, 0),
    refunds: returned.length,
    refunded: returned.reduce((sum, { amount }) => sum + amount, 0),
  };
}

function sumOf(rows: readonly Record<string, number>[]) {
  const sum = (field: string) => rows.reduce((all, row) => all + (row[field] ?? 0), 0);
  return {
    payments: sum('payment_count'),
    captured: sum('amount_captured'),
    refunds: sum('refund_count'),
    refunded: sum('amount_refunded'),
  };
}
