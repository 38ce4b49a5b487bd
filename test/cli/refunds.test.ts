/**
 * `pgw refunds`: refunds that the operator makes for a merchant, and lists of refunds.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestGateway, TEST_KEY, type TestGateway, type TestMerchant } from '../support/gateway.ts';
import { startProgram } from '../support/program.ts';
import { newCashIntent, newPaidIntent, requestRefund } from '../support/refunds.ts';

let gateway: TestGateway;
let merchant: TestMerchant;
beforeAll(async () => {
  gateway = await startTestGateway();
  merchant = await gateway.newMerchant();
});
afterAll(() => gateway.close());

async function pgw(...args: string[]): Promise<{ code: number | string; output: string }> {
  const program = startProgram(['refunds', ...args], {
    DATABASE_URL: gateway.database.url,
    ENCRYPTION_KEY: TEST_KEY.toString('base64'),
    PAYPAY_BASE_URL: gateway.sandbox.url,
    PAYPAY_API_KEY: 'test-key',
    PAYPAY_API_SECRET: 'test-secret',
    PAYPAY_WEBHOOK_SECRET: 'test-webhook-secret',
  });
  program.child.stdin?.end();
  const code = await program.ended;
  return { code, output: program.output().trimEnd() };
}

async function list(...args: string[]): Promise<Record<string, unknown>[]> {
  return JSON.parse((await pgw('list', ...args, '--json')).output.split('\n')[0] ?? '');
}

describe('pgw refunds create', () => {
  it('makes a refund that a worker carries out, with the operator as the one who made it', async () => {
    const { id } = await newPaidIntent(gateway, merchant, { merchant_ref_id: 'order_refunded' });
    const args = [
      'create',
      '--payment',
      'order_refunded',
      '--reason',
      'duplicate',
      '--ref',
      'return_1',
      '--yes',
    ];
    const made = await pgw(...args, '--amount', '400');
    expect(made.output).toMatch(
      /^Refund re_\w+ of 400 JPY is pending\. A running gateway or pgw work carries it out/,
    );
    expect(await list('--payment', id)).toMatchObject([
      {
        amount: 400,
        status: 'pending',
        reason: 'duplicate',
        merchant_refund_ref_id: 'return_1',
        origin: 'merchant',
      },
    ]);
    const [event] = await gateway.database
      .db('payment_events')
      .where({ intent_id: id, type: 'refund_created' });
    expect(event.actor).toBe('operator');
    await expect
      .poll(async () => {
        await gateway.runPasses('refunds');
        return (await gateway.database.db('refunds').where({ intent_id: id }).first()).status;
      })
      .toBe('succeeded');
    const again = await pgw(...args);
    expect(again.code).toBe(1);
    expect(again.output).toMatch(/^pgw: Refund re_\w+ already has this merchant_refund_ref_id/);
    const rest = JSON.parse((await pgw('create', '--payment', id, '--yes', '--json')).output);
    expect(rest).toMatchObject({ payment_intent_id: id, amount: 600, merchant_id: merchant.merchantId });
    const tooMuch = await pgw('create', '--payment', id, '--amount', '1', '--yes');
    expect([tooMuch.code, tooMuch.output]).toEqual([
      1,
      expect.stringMatching(/^pgw: Nothing is left to refund/),
    ]);
  });

  it('makes none without --yes where nobody can be asked', async () => {
    const { id } = await newPaidIntent(gateway, merchant);
    const { code, output } = await pgw('create', '--payment', id);
    expect([code, output]).toEqual([
      1,
      expect.stringMatching(/^pgw: nobody can be asked to confirm.*--yes$/),
    ]);
    expect(await list('--payment', id)).toEqual([]);
  });

  it('records cash that was returned, by whom', async () => {
    const { id } = await newCashIntent(gateway, merchant);
    const { output } = await pgw(
      'create',
      '--payment',
      id,
      '--amount',
      '100',
      '--staff',
      'staff_017',
      '--yes',
    );
    expect(output).toMatch(/^Refund re_\w+ of 100 JPY is recorded\. Return the money in cash\.$/);
    expect(await list('--payment', id)).toMatchObject([
      { method: 'cash', status: 'succeeded', merchant_staff_id: 'staff_017' },
    ]);
  });

  it.each([
    ['--amount 1.5', '--amount takes a whole number'],
    ['--amount 0', '--amount takes a whole number'],
    ['--reason because', '--reason takes one of requested_by_customer, '],
    ['--method card', '--method takes one of provider, cash'],
    ['--staff no/body', '--staff takes at most 64 letters'],
    ['--yes', 'There is no payment order_x'],
  ])('refuses %s in one line', async (options, message) => {
    const { code, output } = await pgw('create', '--payment', 'order_x', ...options.split(' '));
    expect([code, output.split('\n').length]).toEqual([1, 1]);
    expect(output).toContain(`pgw: ${message}`);
  });
});

describe('pgw refunds list', () => {
  it('lists the refunds of all merchants, or of one, by status, and continues after one', async () => {
    const other = await gateway.newMerchant();
    const made: string[] = [];
    for (const shop of [merchant, other, other]) {
      const intent = await newPaidIntent(gateway, shop);
      made.unshift((await requestRefund(gateway, shop, intent, { amount: 1 })).body.id);
    }
    const idsOf = (refunds: Record<string, unknown>[]) => refunds.map(({ id }) => id);
    expect(idsOf(await list('--status', 'pending', '--limit', '3'))).toEqual(made);
    expect(idsOf(await list('--merchant', other.merchantId))).toEqual(made.slice(0, 2));
    expect(idsOf(await list('--after', made[0] ?? '', '--limit', '1'))).toEqual([made[1]]);
    const { output } = await pgw('list', '--status', 'pending', '--limit', '1');
    expect(output).toMatch(
      /^REFUND +STATUS .*\nre_\w+ +pending .* provider_processing\n\n1 refund\nMore refunds follow: add --after re_/,
    );
    expect((await pgw('list', '--status', 'failed')).output).toBe('No refunds match.');
  });
});
