/**
 * The page of a payment: its status in words, its timeline, and PayPay's own record beside ours.
 */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { listActsOnObject } from '../../../src/store/audit/audit-log.ts';
import { findAnyPayment } from '../../../src/store/payments.ts';
import { type ConsoleClient, startTestConsole, type TestConsole } from '../../support/console.ts';
import { startTestGateway, type TestGateway, type TestMerchant } from '../../support/gateway.ts';
import { completeRefunds, newKeyWith, newPaidIntent, requestRefund } from '../../support/refunds.ts';
import { newEndpoint } from '../../support/webhooks.ts';

let gateway: TestGateway;
let operatorConsole: TestConsole;
let merchant: TestMerchant;
let support: ConsoleClient;
let admin: ConsoleClient;

beforeAll(async () => {
  gateway = await startTestGateway({ timeoutsMs: { post: 1_000, other: 500 } });
  operatorConsole = await startTestConsole(gateway.deps);
  merchant = await gateway.newMerchant();
  support = await operatorConsole.signIn('support');
  admin = await operatorConsole.signIn('admin');
});
afterAll(async () => {
  await operatorConsole.close();
  await gateway.close();
});
afterEach(() => gateway.sandbox.faults.clear());

const path = ({ id }: { id: string }) => `/payments/${id}`;
const show = async (intent: { id: string }, query = '', client = support) =>
  (await client.get(`${path(intent)}${query}`)).text;
const attemptOf = async ({ id }: { id: string }) =>
  (await findAnyPayment(gateway.deps.db, id))?.attempts[0]?.id ?? '';
const refresh = async (intent: { id: string }) => (await support.post(`${path(intent)}/refresh`)).text;
const differences = (text: string) => text.match(/<tr class="different">/g)?.length ?? 0;

describe('the page of a payment', () => {
  it('says where the payment stands and what happens next, in English and Japanese', async () => {
    const intent = await gateway.newIntent(merchant);
    expect(await show(intent)).toContain('The payer has not chosen how to pay.');
    await gateway.confirm(intent);
    const japanese = await support.get(path(intent), { 'Accept-Language': 'ja' });
    expect(japanese.text).toContain('支払いが完了するとステータスが自動で変わります');
    const paid = await newPaidIntent(gateway, merchant);
    expect(await show(paid)).toContain('The money was taken.');
  });

  it('says that the last attempt has failed, and so does the list', async () => {
    const declined = await gateway.newIntent(merchant, { merchant_ref_id: 'declined_1' });
    gateway.sandbox.faults.add({ operation: 'createCode', kind: 'maintenance', when: 'before' });
    await gateway.confirm(declined);
    expect(await show(declined)).toContain('The last attempt to pay has failed');
    expect((await support.get('/payments')).text).toContain('Attempt failed');
  });

  it('shows money, refunds and their makers', async () => {
    const key = await newKeyWith(gateway, merchant, ['payments', 'refunds']);
    const intent = await newPaidIntent(gateway, merchant);
    await requestRefund(gateway, key, intent, { amount: 300, description: 'Cold coffee' });
    expect(await show(intent)).toContain('a refund is under way');
    await completeRefunds(gateway, intent);
    const text = await show(intent);
    expect(text).toContain('Partly refunded');
    expect(text).toMatch(/Refundable<\/dt><dd>¥700/);
    expect(text).toContain('Cold coffee');
    expect(text).toContain('<span class="refund-maker">Merchant');
    expect(await show(intent, '?kind=acts')).not.toContain('Refund ordered');
  });

  it('has one timeline of events, calls, webhooks, deliveries and acts, which can be filtered', async () => {
    await newEndpoint(gateway, merchant);
    const intent = await newPaidIntent(gateway, merchant);
    await support.post(`${path(intent)}/notes`, { reason: 'Called twice' });
    // The webhook is on its way meanwhile.
    await expect
      .poll(() => gateway.database.db('provider_webhooks').where({ provider: 'PAYPAY' }))
      .not.toEqual([]);
    await gateway.runPasses('events', 'webhooks');
    await gateway.deps.providerCalls.flush();
    const text = await show(intent);
    const shown = [...text.matchAll(/<p class="what">([^<]+)/g)].map(([, what]) => what?.trim());
    expect(shown).toEqual(
      expect.arrayContaining([
        'Payment created',
        'QR code created',
        'Paid',
        'Create code',
        'Read payment',
        'PayPay webhook Transaction',
        'payment_intent.succeeded to the merchant',
        'Note',
      ]),
    );
    expect(shown.indexOf('Note')).toBeLessThan(shown.indexOf('Payment created'));
    const calls = await show(intent, '?kind=calls');
    expect(calls).toContain('Create code');
    expect(calls).not.toContain('Payment created');
    expect(await show(intent, '?kind=nothing&page=x')).toContain('Payment created');
  });

  it('shows a long timeline page by page', async () => {
    const intent = await gateway.newIntent(merchant);
    await gateway.deps.db.raw(
      `insert into payment_events (intent_id, type, actor, created_at)
       select ?, 'create_begun', 'poller', now() + n * interval '1 second' from generate_series(1, 60) n`,
      [intent.id],
    );
    const first = await show(intent);
    expect(first.match(/<p class="what">/g)).toHaveLength(50);
    expect(first).not.toContain('Payment created');
    expect(first).toContain('?page=2#timeline');
    const second = await show(intent, '?page=2');
    expect(second.match(/<p class="what">/g)).toHaveLength(11);
    expect(second).toContain('Payment created');
  });

  it('offers to deliver and to process again where the operator may', async () => {
    await newEndpoint(gateway, merchant);
    const intent = await newPaidIntent(gateway, merchant);
    await gateway.runPasses('events');
    expect(await show(intent, '', admin)).toMatch(/\/deliveries\/wd_\w+\/redeliver/);
    expect(await show(intent, '', admin)).toMatch(/\/inbox\/\d+\/replay/);
    const viewer = await operatorConsole.signIn('viewer');
    expect(await show(intent, '', viewer)).not.toMatch(/redeliver|replay/);
  });
});

describe("PayPay's own record, read now", () => {
  it('is shown beside ours, and agrees', async () => {
    const intent = await newPaidIntent(gateway, merchant);
    const text = await refresh(intent);
    expect(text).toContain('Both records agree.');
    expect(differences(text)).toBe(0);
    expect(await listActsOnObject(gateway.deps.db, 'payment_intent', intent.id, 10)).toMatchObject([
      { type: 'payment.refreshed', actor: { id: support.operator?.id } },
    ]);
    expect(await show(intent)).not.toContain('Both records agree.');
  });

  it('finds a payment that the gateway does not know of yet', async () => {
    gateway.sandbox.webhooks.url = `${gateway.url}/nowhere`;
    const intent = await gateway.newIntent(merchant);
    const { body } = await gateway.confirm(intent);
    await gateway.sandbox.pay({ qrContent: body.qr_content });
    const text = await refresh(intent);
    expect(text).toContain('The money was taken.');
    expect(text).toContain('Both records agree.');
    gateway.sandbox.webhooks.url = `${gateway.url}/v1/webhooks/paypay`;
  });

  it('marks what differs', async () => {
    const intent = await newPaidIntent(gateway, merchant);
    await gateway.database
      .db('payment_attempts')
      .where({ id: await attemptOf(intent) })
      .update({ provider_payment_id: 'other' });
    const text = await refresh(intent);
    expect(text).toContain('The records differ');
    expect(differences(text)).toBe(1);
  });

  it.each([
    { fault: 'hang', says: 'PayPay did not answer in time' },
    { fault: 'maintenance', says: 'MAINTENANCE_MODE' },
    { fault: 'malformed_json', says: 'could not be read' },
  ] as const)('says so when PayPay does not respond as it should: $fault', async ({ fault, says }) => {
    const intent = await newPaidIntent(gateway, merchant);
    gateway.sandbox.faults.add({ operation: 'paymentDetails', kind: fault });
    const text = await refresh(intent);
    expect(text).toContain('PayPay’s record could not be read.');
    expect(text).toContain(says);
    expect(text).toContain('Paid');
  });

  it('says so when the payer has not begun to pay', async () => {
    expect(await refresh(await gateway.newIntent(merchant))).toContain('PayPay has no record');
  });
});

describe('a refund while PayPay is down', () => {
  it('is ordered all the same, and the page says what it waits for', async () => {
    const intent = await newPaidIntent(gateway, merchant);
    const admins = await show(intent, '', admin);
    const form = {
      form_id: /name="form_id" value="([^"]+)"/.exec(admins)?.[1] ?? '',
      amount: '1000',
      method: 'provider',
      category: 'other',
      reason: 'Returned goods',
    };
    gateway.sandbox.faults.add({ operation: 'refund', kind: 'maintenance' });
    expect((await admin.post(`${path(intent)}/refunds`, form)).status).toBe(303);
    await gateway.runPasses('refunds');
    await gateway.deps.providerCalls.flush();
    const text = await show(intent);
    expect(text).toContain('Refund delayed');
    expect(text).toContain('PayPay cannot be reached or takes no refunds at present');
    expect(text).toContain('PayPay responded MAINTENANCE_MODE');
  });
});
