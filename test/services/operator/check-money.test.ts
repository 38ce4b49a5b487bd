/**
 * Orphaned money: payments that PayPay announced but that are not in the database.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { checkMoney } from '../../../src/services/operator/check-money.ts';
import { observeState } from '../../../src/services/operator/observe-state.ts';
import { dismissUnknownPayment } from '../../../src/store/inbox/orphaned-webhooks.ts';
import { replayWebhook } from '../../../src/store/provider-webhooks.ts';
import { startTestGateway, type TestGateway } from '../../support/gateway.ts';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway();
  const { metrics, clock } = gateway.deps;
  observeState(metrics, gateway.database.db, clock);
});
afterAll(() => gateway.close());
beforeEach(async () => {
  await gateway.sandbox.reset();
  await restoreOlderDump();
  await gateway.database.db('provider_webhooks').delete();
});

/** What a restore of a dump from before any payment leaves: no intent, no attempt. */
async function restoreOlderDump(): Promise<void> {
  await gateway.database.db.raw(
    `begin; set local session_replication_role = replica;
     delete from payment_events; delete from refunds; delete from payment_attempts; delete from payment_intents; commit`,
  );
}

/** A payment whose webhook has been processed. */
async function pay(): Promise<{ attemptId: string; paymentId: string; account: string }> {
  const merchant = await gateway.newMerchant();
  await gateway.confirm(await gateway.newIntent(merchant));
  const [{ id: attemptId }] = await gateway.database
    .db('payment_attempts')
    .where({ merchant_id: merchant.merchantId });
  const { payment } = (await gateway.sandbox.pay({ merchantPaymentId: attemptId })) as {
    payment: { paymentId: string };
  };
  await gateway.sandbox.idle();
  await gateway.runPasses('webhooks');
  return { attemptId, paymentId: payment.paymentId, account: `paypay_${merchant.merchantId}` };
}

/** A message as PayPay sends it, signed. */
async function receive(fields: Record<string, string>): Promise<void> {
  await gateway.sandbox.webhooks.forge(
    {
      notification_type: 'Transaction',
      merchant_id: 'paypay_unknown',
      order_id: '04900000000000000001',
      merchant_order_id: 'order-of-another-system',
      order_amount: '2500',
      state: 'COMPLETED',
      ...fields,
    },
    { isSigned: true },
  );
  await gateway.runPasses('webhooks');
}

const check = () => checkMoney(gateway.deps);
const inbox = () => gateway.database.db('provider_webhooks').orderBy('id');
const gauge = async () =>
  /^pgw_orphaned_webhooks (\d+)$/m.exec((await gateway.deps.metrics.render()).text)?.[1];

describe('money check', () => {
  it('finds nothing orphaned while the database has the payments that PayPay announced', async () => {
    await pay();
    expect(await check()).toMatchObject({ attempts: 1, differences: [], unreadable: 0, orphaned: [] });
  });

  it('reports a payment that a restored older database has lost, after its webhook was processed', async () => {
    const { attemptId, paymentId, account } = await pay();
    expect(await inbox()).toMatchObject([{ status: 'processed' }]);
    await restoreOlderDump();
    expect((await check()).orphaned).toMatchObject([
      {
        attemptId,
        providerPaymentId: paymentId,
        account,
        announced: { amount: 1000, currency: 'JPY' },
        theirs: '1000 JPY held',
      },
    ]);
  });

  it('reports it when its webhook comes after the restore, and keeps and counts the webhook', async () => {
    const merchant = await gateway.newMerchant();
    await gateway.confirm(await gateway.newIntent(merchant));
    const [{ id: attemptId }] = await gateway.database.db('payment_attempts');
    await restoreOlderDump();
    await gateway.sandbox.pay({ merchantPaymentId: attemptId });
    await gateway.sandbox.idle();
    // Until the tries to find its payment are used up.
    await gateway.database.db('provider_webhooks').update({ tries: 10 });
    await gateway.runPasses('webhooks');
    expect(await inbox()).toMatchObject([{ status: 'orphaned', note: 'unknown_reference' }]);
    expect((await check()).orphaned).toMatchObject([{ attemptId, theirs: '1000 JPY held' }]);
    expect(await gauge()).toBe('1');
  });

  it('no longer reports it once the money was returned', async () => {
    const { attemptId, paymentId, account } = await pay();
    await restoreOlderDump();
    const provider = gateway.deps.providers.find('PAYPAY');
    await provider?.refunds?.createRefund({
      account: { merchantId: account },
      refundId: `re_${attemptId}`,
      providerPaymentId: paymentId,
      money: { amount: 1000, currency: 'JPY' },
      requestedAt: gateway.deps.clock.now(),
    });
    gateway.sandbox.clock.advance(10_000);
    expect((await check()).orphaned).toEqual([]);
  });

  it.each([
    ['does not know', (): void => undefined, 'no such payment'],
    [
      'cannot read',
      (): void => void gateway.sandbox.faults.add({ operation: 'any', kind: 'maintenance', times: 5 }),
      'not readable',
    ],
  ] as const)('reports what a webhook says of a payment that PayPay %s', async (_, prepare, theirs) => {
    await receive({});
    prepare();
    expect((await check()).orphaned).toMatchObject([
      {
        attemptId: 'order-of-another-system',
        account: 'paypay_unknown',
        announced: { amount: 2500, currency: 'JPY' },
        theirs,
      },
    ]);
  });

  it('reports a payment once, however many webhooks name it', async () => {
    const { attemptId, account } = await pay();
    await restoreOlderDump();
    await receive({ merchant_order_id: attemptId, merchant_id: account, order_id: 'another-id' });
    expect(await inbox()).toHaveLength(2);
    expect((await check()).orphaned).toHaveLength(1);
  });

  it('does not report an unknown payment that failed', async () => {
    await receive({ state: 'FAILED' });
    expect((await check()).orphaned).toEqual([]);
    expect(await inbox()).toMatchObject([{ status: 'orphaned' }]);
  });

  it('ignores a message that names no payment', async () => {
    await receive({ order_id: '', merchant_order_id: '' });
    expect(await inbox()).toMatchObject([{ status: 'ignored' }]);
    expect((await check()).orphaned).toEqual([]);
  });

  it('no longer reports what the operator has dismissed, and never dismisses a known payment', async () => {
    await receive({});
    const { attemptId } = await pay();
    const { db } = gateway.database;
    const now = gateway.deps.clock.now();
    expect(await dismissUnknownPayment(db, attemptId, now)).toBe(0);
    expect(await dismissUnknownPayment(db, 'order-of-another-system', now)).toBe(1);
    expect((await check()).orphaned).toEqual([]);
    expect(await gauge()).toBe('0');
  });

  it('does not lose a webhook whose payment comes back with a newer backup', async () => {
    await receive({ merchant_order_id: 'pa_01JHMB5V00ZX8Y7W6V5T4S3R2Q' });
    const { db } = gateway.database;
    await db('provider_webhooks').update({ tries: 10 });
    await gateway.runPasses('webhooks');
    const { attemptId } = await pay();
    const [orphaned] = await inbox();
    await db('provider_webhooks').where({ id: orphaned.id }).update({ attempt_id: attemptId });
    expect((await check()).orphaned).toEqual([]);
    await replayWebhook(db, orphaned.id, gateway.deps.clock.now());
    await gateway.runPasses('webhooks');
    expect((await inbox())[0]).toMatchObject({ status: 'processed' });
  });
});
