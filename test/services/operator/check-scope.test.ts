/**
 * `pgw money check` of a part: the attempts since a time, or those of a merchant or a store.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkMoney } from '../../../src/services/operator/check-money.ts';
import { startTestGateway, type TestGateway, type TestMerchant } from '../../support/gateway.ts';
import { startProgram } from '../../support/program.ts';
import { newCashIntent, newPaidIntent } from '../../support/refunds.ts';

let gateway: TestGateway;
let first: TestMerchant;
let second: TestMerchant;
beforeAll(async () => {
  gateway = await startTestGateway();
  first = await gateway.newMerchant();
  second = await gateway.newMerchant();
  await newPaidIntent(gateway, first, { merchant_store_id: undefined });
  await newPaidIntent(gateway, first, { merchant_store_id: first.storeId });
  await newCashIntent(gateway, first);
  await newPaidIntent(gateway, second);
});
afterAll(() => gateway.close());

const countOf = async (scope: Parameters<typeof checkMoney>[1]) =>
  (await checkMoney(gateway.deps, scope)).attempts;

describe('a money check', () => {
  it('compares the attempts of one merchant or store, also after intents without attempts', async () => {
    expect(await countOf({})).toBe(3);
    expect(await countOf({ merchantId: first.merchantId })).toBe(2);
    expect(await countOf({ merchantId: first.merchantId, storeId: first.storeId })).toBe(1);
    expect(await countOf({ merchantId: second.merchantId })).toBe(1);
  });

  it('compares the attempts that began since a time, of all merchants and of one', async () => {
    const { db } = gateway.database;
    const [last] = await db('payment_attempts')
      .where({ merchant_id: first.merchantId })
      .orderBy('id', 'desc');
    const since = last.created_at as Date;
    expect(await countOf({ since })).toBe(2);
    expect(await countOf({ since, merchantId: first.merchantId })).toBe(1);
    expect(await countOf({ since: new Date(Date.now() + 3_600_000) })).toBe(0);
  });

  it('reports how far it has come, to the last attempt', async () => {
    const reports: number[] = [];
    await checkMoney(gateway.deps, {}, ({ attempts }) => reports.push(attempts));
    expect(reports).toEqual([1, 2, 3]);
  });

  it.each([
    ['--since yesterday', '--since takes a day such as 2026-01-15, or a time such as'],
    ['--store store_001', '--store requires --merchant'],
  ])('refuses %s in one line', async (options, message) => {
    const program = startProgram(['money', 'check', ...options.split(' ')]);
    expect(await program.ended).toBe(1);
    expect(program.output()).toMatch(new RegExp(`^pgw: ${message}[^\n]*\n$`));
  });
});
