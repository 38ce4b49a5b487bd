/**
 * What the operator sees of refunds in metrics and log.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { REFUND_FAILURE_CODES } from '../../../src/providers/paypay/refund-failures.ts';
import { observeState } from '../../../src/services/operator/observe-state.ts';
import { startTestGateway, type TestGateway, type TestMerchant } from '../../support/gateway.ts';
import { completeRefunds, newCashIntent, newPaidIntent, requestRefund } from '../../support/refunds.ts';

let gateway: TestGateway;
let merchant: TestMerchant;

beforeAll(async () => {
  gateway = await startTestGateway();
  merchant = await gateway.newMerchant();
  observeState(gateway.deps.metrics, gateway.database.db, gateway.deps.clock);
});
afterAll(() => gateway.close());

const render = async () => (await gateway.deps.metrics.render()).text;
async function counted(origin: string, outcome: string, code = 'none'): Promise<number> {
  const line = `pgw_refunds_total{origin="${origin}",outcome="${outcome}",code="${code}"} `;
  const found = (await render()).split('\n').find((text) => text.startsWith(line));
  return Number(found?.slice(line.length) ?? 0);
}
async function oldestPending(): Promise<number> {
  return Number(/^pgw_refund_oldest_pending_seconds (\S+)$/m.exec(await render())?.[1]);
}

describe('refunds in the metrics', () => {
  it('are counted once when they are created and once when they succeed', async () => {
    await requestRefund(gateway, merchant, await newCashIntent(gateway, merchant), { amount: 400 });
    const intent = await newPaidIntent(gateway, merchant);
    await requestRefund(gateway, merchant, intent, { amount: 400 });
    expect([await counted('merchant', 'created'), await counted('merchant', 'succeeded')]).toEqual([2, 1]);
    await completeRefunds(gateway, intent);
    await completeRefunds(gateway, intent);
    expect([await counted('merchant', 'created'), await counted('merchant', 'succeeded')]).toEqual([2, 2]);
  });

  it('are counted by the code of their failure, which is also in the log, once and without secrets', async () => {
    const intent = await newPaidIntent(gateway, merchant);
    const result = 'USER_STATE_IS_NOT_ACTIVE';
    gateway.sandbox.faults.add({ operation: 'refund', kind: 'refuse', result, times: 1 });
    const { body: refund } = await requestRefund(gateway, merchant, intent, { description: 'private-note' });
    await gateway.runPasses('refunds');
    await gateway.runPasses('refunds');
    expect(await counted('merchant', 'failed', 'payer_account_inactive')).toBe(1);
    const lines = gateway.logLines.filter((line) => line.includes('a refund failed'));
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      {
        level: 'warn',
        refundId: refund.id,
        intentId: intent.id,
        merchantId: merchant.merchantId,
        code: 'payer_account_inactive',
      },
    ]);
    expect(gateway.logLines.join('')).not.toContain('private-note');
  });

  it('begin at 0 for every origin and every code of a failure, so that alerts see the first one', async () => {
    const names = [
      ...(await render()).matchAll(
        /^pgw_refunds_total\{origin="(\w+)",outcome="(\w+)",code="(\w+)"\} \d+$/gm,
      ),
    ];
    const series = names.map(([, origin, outcome, code]) => `${origin} ${outcome} ${code}`);
    for (const origin of ['merchant', 'gateway', 'provider']) {
      expect(series).toEqual(expect.arrayContaining([`${origin} created none`, `${origin} succeeded none`]));
    }
    for (const code of [...REFUND_FAILURE_CODES, 'other']) {
      expect(series).toContain(`merchant failed ${code}`);
    }
  });

  it('are counted when the gateway returns money', async () => {
    const cancelled = await gateway.newIntent(merchant);
    const { body: code } = await gateway.confirm(cancelled);
    await gateway.request('POST', `/v1/payment_intents/${cancelled.id}/cancel`, { as: merchant });
    await gateway.sandbox.pay({ qrContent: code.qr_content, force: true });
    await gateway.sandbox.idle();
    await gateway.runPasses('webhooks');
    expect(await counted('gateway', 'created')).toBe(1);
  });

  it('show the age of the oldest that is pending, and 0 when none is', async () => {
    const { db } = gateway.database;
    await db('refunds')
      .where({ status: 'pending' })
      .update({ next_try_at: new Date(0) });
    await gateway.runPasses('refunds');
    await db('refunds')
      .where({ status: 'pending' })
      .update({ next_try_at: new Date(0) });
    await gateway.runPasses('refunds');
    expect(await oldestPending()).toBe(0);
    const intent = await newPaidIntent(gateway, merchant);
    const { body: refund } = await requestRefund(gateway, merchant, intent);
    const created = new Date(gateway.deps.clock.now().getTime() - 3_600_000);
    await db('refunds').where({ id: refund.id }).update({ created_at: created });
    expect(await oldestPending()).toBeGreaterThanOrEqual(3_600);
  });
});
