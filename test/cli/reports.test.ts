/**
 * `pgw reports`: the figures of days.
 */
import iconv from 'iconv-lite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestClock } from '../support/clock.ts';
import { startTestGateway, type TestGateway, type TestMerchant } from '../support/gateway.ts';
import { startProgram } from '../support/program.ts';
import { newCashIntent } from '../support/refunds.ts';

const DAY = ['--from', '2026-01-15', '--to', '2026-01-15'];

let gateway: TestGateway;
let merchant: TestMerchant;
beforeAll(async () => {
  gateway = await startTestGateway({ clock: createTestClock(new Date('2026-01-15T03:00:00Z')) });
  merchant = await gateway.newMerchant();
  const till = { merchant_store_id: merchant.storeId, merchant_terminal_id: 'till_1' };
  await newCashIntent(gateway, merchant, { amount: 300, ...till });
  await newCashIntent(gateway, merchant, { amount: 200, ...till });
});
afterAll(() => gateway.close());

async function pgw(...args: string[]): Promise<{ code: number | string; bytes: Buffer; errors: string }> {
  const { child, ended } = startProgram(['reports', 'daily', ...args], {
    DATABASE_URL: gateway.database.url,
  });
  const chunks: Buffer[] = [];
  let errors = '';
  child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => {
    errors += chunk;
  });
  return { code: await ended, bytes: Buffer.concat(chunks), errors };
}

describe('pgw reports daily', () => {
  it('writes CSV that Excel reads, in UTF-8 or Shift_JIS', async () => {
    const csv = [
      'date,merchant_id,merchant_store_id,merchant_terminal_id,payment_method_type,currency,payment_count,amount_captured,refund_count,amount_refunded,amount_net',
      `2026-01-15,${merchant.merchantId},${merchant.storeId},till_1,cash,JPY,2,500,0,0,500`,
      '',
    ].join('\r\n');
    expect((await pgw(...DAY)).bytes.toString()).toBe(`\ufeff${csv}`);
    const { bytes } = await pgw(...DAY, '--encoding', 'shift_jis');
    expect(iconv.decode(bytes, 'shift_jis')).toBe(csv);
  });

  it('writes the same as JSON on one line, with totals', async () => {
    const { bytes } = await pgw(
      ...DAY,
      '--merchant',
      merchant.merchantId,
      '--group-by',
      'store',
      '--format',
      'json',
    );
    const [line = '', rest] = bytes.toString().split('\n');
    expect(rest).toBe('');
    const sums = {
      currency: 'JPY',
      payment_count: 2,
      amount_captured: 500,
      refund_count: 0,
      amount_refunded: 0,
      amount_net: 500,
    };
    expect(JSON.parse(line)).toMatchObject({
      from: '2026-01-15',
      to: '2026-01-15',
      rows: [
        { date: '2026-01-15', merchant_store_id: merchant.storeId, merchant_terminal_id: null, ...sums },
      ],
      totals: [sums],
    });
  });

  it.each([
    ['an unknown merchant', [...DAY, '--merchant', 'nobody'], 'There is no merchant nobody'],
    ['an impossible day', ['--from', '2026-02-30', '--to', '2026-03-01'], 'There is no day 2026-02-30'],
    ['an unknown format', [...DAY, '--format', 'xml'], '--format takes csv or json'],
    ['an unknown encoding', [...DAY, '--encoding', 'utf-16'], '--encoding takes utf-8 or shift_jis'],
  ])('refuses %s in one line', async (_, args, message) => {
    const { code, errors } = await pgw(...args);
    expect(code).not.toBe(0);
    expect(errors).toContain(message);
  });
});
