/**
 * `pgw money check` on refunds: which of PayPay's refunds count, which are recorded, and which differences stay.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { checkMoney } from '../../../src/services/operator/check-money.ts';
import { applyRefundUpdate } from '../../../src/services/refunds/apply-refund-update.ts';
import { findAnyPayment } from '../../../src/store/payments.ts';
import { findAnyRefund } from '../../../src/store/refunds/refunds.ts';
import { startTestGateway, type TestGateway, type TestMerchant } from '../../support/gateway.ts';
import { getRefund, newKeyWith, newPaidIntent, requestRefund } from '../../support/refunds.ts';

let gateway: TestGateway;
let merchant: TestMerchant;

beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.close());
beforeEach(async () => {
  merchant = await gateway.newMerchant();
});

const check = () => checkMoney(gateway.deps);

async function attemptIdOf({ id }: { readonly id: string }): Promise<string> {
  const payment = await findAnyPayment(gateway.database.db, id);
  return payment?.attempts[0]?.id ?? '';
}

/** A paid intent of 1000 JPY, and how PayPay knows it. */
async function newPayment(): Promise<{ id: string; token: string; selector: { merchantPaymentId: string } }> {
  const intent = await newPaidIntent(gateway, merchant);
  return { ...intent, selector: { merchantPaymentId: await attemptIdOf(intent) } };
}

const refundedOf = async (intent: { id: string; token: string }) =>
  (await gateway.retrieve(intent)).body.amount_refunded;

describe('money check of refunds', () => {
  it('records a refund made in PayPay for Business once, and then finds no difference', async () => {
    const payment = await newPayment();
    await gateway.sandbox.merchantConsole.refund({ ...payment.selector, amount: 400 });
    await gateway.sandbox.backOffice.release(payment.selector);
    expect(await check()).toMatchObject({ recordedRefunds: 1, differences: [], unreadable: 0 });
    expect(await refundedOf(payment)).toBe(400);
    expect(await check()).toMatchObject({ recordedRefunds: 0, differences: [] });
  });

  it('does not count a refund that PayPay has only accepted, ours or of PayPay for Business', async () => {
    const payment = await newPayment();
    const { body: refund } = await requestRefund(gateway, merchant, payment, { amount: 300 });
    await gateway.runPasses('refunds');
    await gateway.sandbox.merchantConsole.refund({ ...payment.selector, amount: 200 });
    expect(await check()).toMatchObject({ recordedRefunds: 0, differences: [] });
    expect((await getRefund(gateway, merchant, refund.id)).body.status).toBe('pending');
  });

  it('completes a pending refund of ours that PayPay has made', async () => {
    const payment = await newPayment();
    const { body: refund } = await requestRefund(gateway, merchant, payment, { amount: 300 });
    await gateway.runPasses('refunds');
    await gateway.sandbox.backOffice.release(payment.selector);
    expect(await check()).toMatchObject({ recordedRefunds: 1, differences: [] });
    expect((await getRefund(gateway, merchant, refund.id)).body.status).toBe('succeeded');
  });

  it('reports both sums when PayPay made a refund that had failed here, and its money was given back in cash', async () => {
    const payment = await newPayment();
    const { body: refund } = await requestRefund(gateway, merchant, payment, { amount: 600 });
    await gateway.runPasses('refunds');
    const failure = { code: 'not_refundable', message: '' };
    const { tries = 0 } = (await findAnyRefund(gateway.deps.db, refund.id)) ?? {};
    const ids = { id: refund.id, intentId: payment.id, tries };
    await applyRefundUpdate(gateway.deps, ids, { type: 'failed', failure });
    const till = await newKeyWith(gateway, merchant, ['refunds', 'refunds:cash']);
    const cash = await requestRefund(gateway, till, payment, { amount: 600, method: 'cash' });
    expect(cash.body.status).toBe('succeeded');
    await gateway.sandbox.backOffice.release(payment.selector);
    const { differences, recordedRefunds } = await check();
    expect(recordedRefunds).toBe(0);
    expect(differences).toEqual([
      {
        attemptId: payment.selector.merchantPaymentId,
        intentId: payment.id,
        merchantId: merchant.merchantId,
        ours: '1000 JPY held',
        theirs: '400 JPY held, 600 JPY refunded',
        oursRefunded: 0,
        theirsRefunded: 600,
      },
    ]);
    await forget(payment);
  });

  it('records that a payment was cancelled in PayPay for Business, once no refund of ours is pending', async () => {
    const payment = await newPayment();
    const { body: refund } = await requestRefund(gateway, merchant, payment, { amount: 400 });
    await gateway.sandbox.merchantConsole.cancel(payment.selector);
    expect((await check()).differences).toMatchObject([{ ours: '1000 JPY held', theirs: 'nothing held' }]);
    await gateway.runPasses('refunds');
    expect((await getRefund(gateway, merchant, refund.id)).body.status).toBe('failed');
    expect((await check()).differences).toEqual([]);
    expect(await refundedOf(payment)).toBe(1000);
  });

  it('finds no difference while the gateway is returning money', async () => {
    const intent = await gateway.newIntent(merchant);
    const { body: code } = await gateway.confirm(intent);
    await gateway.request('POST', `/v1/payment_intents/${intent.id}/cancel`, { as: merchant });
    await gateway.sandbox.pay({ qrContent: code.qr_content, force: true });
    const attemptId = await attemptIdOf(intent);
    await gateway.sandbox.idle();
    await gateway.runPasses('webhooks');
    const returns = () => gateway.database.db('refunds').where({ attempt_id: attemptId });
    expect(await returns()).toMatchObject([{ origin: 'gateway', status: 'pending' }]);
    expect((await check()).differences).toEqual([]);
    await gateway.runPasses('refunds');
    expect(await returns()).toMatchObject([{ status: 'pending', returned_by: 'cancel' }]);
    expect((await check()).differences).toEqual([]);
  });
});

/** So that the difference of one test is not found by the next. */
async function forget({ id }: { readonly id: string }): Promise<void> {
  await gateway.database.db.raw(
    `begin; set local session_replication_role = replica;
     delete from payment_attempts where intent_id = '${id}'; commit`,
  );
}
