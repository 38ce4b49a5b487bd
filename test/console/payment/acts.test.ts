/**
 * Acts on a payment: refund, cancel, capture in cash, note; what is offered to whom, and what is refused.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listActsOnObject } from '../../../src/store/audit/audit-log.ts';
import { findAnyPayment } from '../../../src/store/payments.ts';
import { listRefundsOfIntent } from '../../../src/store/refunds/refund-lists.ts';
import { signInTexts } from '../../../src/web/console/texts/sign-in.ts';
import { createTestClock, type TestClock } from '../../support/clock.ts';
import { type ConsoleClient, startTestConsole, type TestConsole } from '../../support/console.ts';
import { startTestGateway, type TestGateway, type TestMerchant } from '../../support/gateway.ts';
import { newCashIntent, newPaidIntent } from '../../support/refunds.ts';

let clock: TestClock;
let gateway: TestGateway;
let operatorConsole: TestConsole;
let merchant: TestMerchant;
let refunder: ConsoleClient;

beforeAll(async () => {
  clock = createTestClock();
  gateway = await startTestGateway({ clock });
  operatorConsole = await startTestConsole(gateway.deps);
  merchant = await gateway.newMerchant();
  refunder = await operatorConsole.signIn('refunder');
});
afterAll(async () => {
  await operatorConsole.close();
  await gateway.close();
});

const path = ({ id }: { id: string }) => `/payments/${id}`;
const acts = (intent: { id: string }) => listActsOnObject(gateway.deps.db, 'payment_intent', intent.id, 100);
const refunds = (intent: { id: string }) => listRefundsOfIntent(gateway.deps.db, intent.id, 100);
const intentOf = async ({ id }: { id: string }) => (await findAnyPayment(gateway.deps.db, id))?.intent;

/** The form of a refund as the page has it. */
async function refundForm(
  client: ConsoleClient,
  intent: { id: string },
  fields: Record<string, string> = {},
) {
  const { text } = await client.get(path(intent));
  const formId = /name="form_id" value="([^"]+)"/.exec(text)?.[1] ?? '';
  const amount = /name="amount" value="([^"]*)"/.exec(text)?.[1] ?? '';
  return {
    form_id: formId,
    amount,
    method: 'provider',
    category: 'requested_by_customer',
    reason: 'The customer called',
    ...fields,
  };
}

describe('a refund', () => {
  it('in cash is reported as recorded, because nothing is left to carry out', async () => {
    const intent = await newCashIntent(gateway, merchant);
    const form = await refundForm(refunder, intent, { method: 'cash', reason: '返金' });
    const { location } = await refunder.post(`${path(intent)}/refunds`, form);
    expect((await refunder.get(location ?? '')).text).toContain('The money returned in cash is recorded.');
  });

  it('is of all that is left by default, and is in the audit log with the reason', async () => {
    const intent = await newPaidIntent(gateway, merchant);
    const answer = await refunder.post(`${path(intent)}/refunds`, await refundForm(refunder, intent));
    expect(answer).toMatchObject({ status: 303, location: `${path(intent)}?done=refunded` });
    const [refund] = await refunds(intent);
    expect(refund).toMatchObject({ money: { amount: 1000 }, status: 'pending', origin: 'merchant' });
    expect(await acts(intent)).toMatchObject([
      {
        type: 'refund.created',
        actor: { kind: 'operator', id: refunder.operator?.id },
        reason: 'The customer called',
        merchantId: merchant.merchantId,
        after: { refund: refund?.id, amount: 1000, method: 'provider' },
      },
    ]);
    const page = await refunder.get(answer.location ?? '');
    expect(page.text).toContain('The refund is ordered');
    expect(page.text).toContain('The customer called');
    expect(page.text).toContain(`<span class="refund-maker">${refunder.operator?.name}`);
    expect(page.text).not.toContain(`${path(intent)}/refunds`);
  });

  it('is made once, however often its form is sent', async () => {
    const intent = await newPaidIntent(gateway, merchant);
    const form = await refundForm(refunder, intent, { amount: '300' });
    const answers = await Promise.all([1, 2, 3].map(() => refunder.post(`${path(intent)}/refunds`, form)));
    expect(answers.map(({ status }) => status)).toEqual([303, 303, 303]);
    expect(await refunds(intent)).toHaveLength(1);
    expect(await acts(intent)).toHaveLength(1);
  });

  it('is not made again by a form that has made another, which says so and gets a new id', async () => {
    const intent = await newPaidIntent(gateway, merchant);
    const form = await refundForm(refunder, intent, { amount: '300' });
    await refunder.post(`${path(intent)}/refunds`, form);
    const again = await refunder.post(`${path(intent)}/refunds`, { ...form, amount: '400' });
    expect(again.status).toBe(400);
    expect(again.text).toContain('already made the refund');
    expect(again.text).not.toContain(form.form_id);
    expect(await refunds(intent)).toHaveLength(1);
  });

  it('that is refused shows the reason, and keeps what was entered', async () => {
    const intent = await newPaidIntent(gateway, merchant);
    const send = async (fields: Record<string, string>) =>
      refunder.post(`${path(intent)}/refunds`, await refundForm(refunder, intent, fields));
    const tooMuch = await send({ amount: '1,001', description: 'Two <items>' });
    expect(tooMuch.status).toBe(400);
    expect(tooMuch.text).toContain('at most ¥1,000');
    expect(tooMuch.text).toContain('value="1,001"');
    expect(tooMuch.text).toContain('value="Two &lt;items&gt;"');
    expect(tooMuch.text).toContain('The customer called');
    for (const fields of [
      { amount: '-1' },
      { amount: '1.5' },
      { amount: '1e3' },
      { method: 'x' },
      { form_id: '' },
    ]) {
      expect((await send(fields)).status).toBe(400);
    }
    const noReason = await send({ reason: ' ' });
    expect(noReason.text).toContain('Enter a reason');
    expect(await refunds(intent)).toEqual([]);
    expect(await acts(intent)).toEqual([]);
  });

  it('above the operator’s limit is refused, in the language of the page', async () => {
    const intent = await newPaidIntent(gateway, merchant);
    const limited = await operatorConsole.signIn({ role: 'refunder', maxRefundAmount: 500 });
    const form = await refundForm(limited, intent);
    expect(form.amount).toBe('500');
    const refused = await limited.post(
      `${path(intent)}/refunds`,
      { ...form, amount: '501' },
      { 'Accept-Language': 'ja' },
    );
    expect(refused.status).toBe(400);
    expect(refused.text).toContain('1回に返金できるのは¥500までです');
    expect((await limited.post(`${path(intent)}/refunds`, form)).status).toBe(303);
  });

  it('above 10,000 yen asks who the operator is, unless they have proved it within five minutes', async () => {
    const intent = await newPaidIntent(gateway, merchant, { amount: 20_000 });
    const client = await operatorConsole.signIn('refunder');
    await clock.advance(6 * 60_000);
    const form = await refundForm(client, intent, { amount: '10001' });
    const asked = await client.post(`${path(intent)}/refunds`, form);
    expect(asked.status).toBe(403);
    expect(asked.text).toContain(signInTexts('en').verifyTitle);
    expect(await refunds(intent)).toEqual([]);
    expect((await client.post(`${path(intent)}/refunds`, { ...form, amount: '10000' })).status).toBe(303);
    // Nor may it be split into small ones.
    const more = await refundForm(client, intent, { amount: '1' });
    expect((await client.post(`${path(intent)}/refunds`, more)).status).toBe(403);

    const fresh = await operatorConsole.signIn('refunder');
    const second = await refundForm(fresh, intent);
    expect((await fresh.post(`${path(intent)}/refunds`, { ...second, amount: '10000' })).status).toBe(303);
  });

  it('can be in cash for what was paid by QR', async () => {
    const intent = await newPaidIntent(gateway, merchant);
    const form = await refundForm(refunder, intent, { method: 'cash', amount: '１，０００' });
    expect((await refunder.post(`${path(intent)}/refunds`, form)).status).toBe(303);
    expect(await refunds(intent)).toMatchObject([{ method: 'cash', status: 'succeeded' }]);
  });

  it('leaves no trace in the audit log when it cannot be stored', async () => {
    const intent = await newCashIntent(gateway, merchant);
    const form = await refundForm(refunder, intent, { method: 'provider' });
    expect((await refunder.post(`${path(intent)}/refunds`, form)).status).toBe(400);
    expect(await acts(intent)).toEqual([]);
  });
});

describe('cancelling', () => {
  it('withdraws the code and cancels the payment', async () => {
    const intent = await gateway.newIntent(merchant);
    await gateway.confirm(intent);
    const support = await operatorConsole.signIn('support');
    const answer = await support.post(`${path(intent)}/cancel`, { reason: 'Wrong amount' });
    expect(answer.location).toBe(`${path(intent)}?done=cancelled`);
    expect((await intentOf(intent))?.status).toBe('cancelled');
    expect(await acts(intent)).toMatchObject([{ type: 'payment.cancelled', reason: 'Wrong amount' }]);
    // A second click finds it done.
    expect((await support.post(`${path(intent)}/cancel`, { reason: 'Wrong amount' })).status).toBe(303);
    expect(await acts(intent)).toHaveLength(1);
  });

  it('is refused when the payer was faster, and the page shows the payment as paid', async () => {
    const intent = await gateway.newIntent(merchant);
    const { body } = await gateway.confirm(intent);
    await gateway.sandbox.pay({ qrContent: body.qr_content });
    const answer = await refunder.post(`${path(intent)}/cancel`, { reason: 'Wrong amount' });
    expect(answer.status).toBe(400);
    expect(answer.text).toContain('the payment is paid');
    expect(answer.text).toContain('Refund');
    expect((await intentOf(intent))?.status).toBe('succeeded');
  });

  it('stores what the operator wanted before PayPay is called, so that a crash leaves it in the log', async () => {
    const intent = await gateway.newIntent(merchant);
    await gateway.confirm(intent);
    gateway.sandbox.faults.add({ operation: 'deleteCode', kind: 'reset', when: 'before', times: 1 });
    gateway.sandbox.faults.add({ operation: 'paymentDetails', kind: 'error', times: 1 });
    const answer = await refunder.post(`${path(intent)}/cancel`, { reason: 'Wrong amount' });
    expect(answer.status).toBe(400);
    expect(answer.text).toContain('The gateway finds out what happened');
    expect((await intentOf(intent))?.status).not.toBe('cancelled');
    expect(await acts(intent)).toMatchObject([{ type: 'payment.cancelled', reason: 'Wrong amount' }]);
    expect(answer.text).toContain('Cancellation requested');
  });
});

describe('a capture in cash', () => {
  it('is made once, with who took the money', async () => {
    const intent = await gateway.newIntent(merchant);
    const form = {
      ...(await refundForm(refunder, intent)),
      staff: 'Sato',
      till: '3',
      reason: 'Paid at the counter',
    };
    expect((await refunder.post(`${path(intent)}/capture`, { ...form, staff: '' })).text).toContain(
      'Enter who took the money',
    );
    expect((await refunder.post(`${path(intent)}/capture`, form)).location).toContain('done=captured');
    expect((await refunder.post(`${path(intent)}/capture`, form)).status).toBe(303);
    expect(await intentOf(intent)).toMatchObject({ status: 'succeeded', paymentMethodType: 'cash' });
    expect(await acts(intent)).toMatchObject([
      { type: 'payment.captured', after: { amount: 1000, staff: 'Sato', till: '3' } },
    ]);
    const second = await refundForm(refunder, intent, { staff: 'Sato' });
    expect((await refunder.post(`${path(intent)}/capture`, second)).status).toBe(400);
  });
});

describe('a note', () => {
  it('stands in the timeline, as text', async () => {
    const intent = await gateway.newIntent(merchant);
    const support = await operatorConsole.signIn('support');
    const text = 'Customer called <b>twice</b>';
    expect((await support.post(`${path(intent)}/notes`, { reason: text })).status).toBe(303);
    const page = await support.get(`${path(intent)}?kind=acts`);
    expect(page.text).toContain('Customer called &lt;b&gt;twice&lt;/b&gt;');
    expect(page.text).toContain(support.operator?.name);
  });
});

describe('who may act', () => {
  it('is offered only what they may do and the status allows', async () => {
    const open = await gateway.newIntent(merchant);
    const paid = await newPaidIntent(gateway, merchant);
    const offered = async (client: ConsoleClient, intent: { id: string }) =>
      [...(await client.get(path(intent))).text.matchAll(/action="\/payments\/[^/]+\/(\w+)"/g)].map(
        ([, act]) => act,
      );
    const [viewer, support] = [
      await operatorConsole.signIn('viewer'),
      await operatorConsole.signIn('support'),
    ];
    expect(await offered(viewer, open)).toEqual([]);
    expect(await offered(support, open)).toEqual(['refresh', 'cancel', 'notes']);
    expect(await offered(support, paid)).toEqual(['refresh', 'notes']);
    expect(await offered(refunder, open)).toEqual(['refresh', 'capture', 'cancel', 'notes']);
    expect(await offered(refunder, paid)).toEqual(['refresh', 'refunds', 'notes']);
    expect((await viewer.post(`${path(open)}/cancel`, { reason: 'Wrong amount' })).status).toBe(403);
  });

  it('finds nothing outside the stores of the grant, and changes nothing there', async () => {
    const intent = await newPaidIntent(gateway, merchant);
    await gateway.database.db.raw(
      `insert into stores (merchant_id, id, name, created_at, updated_at) values (?, 'store_other', 'Other', now(), now())`,
      [merchant.merchantId],
    );
    const other = await operatorConsole.signIn({
      role: 'refunder',
      merchantId: merchant.merchantId,
      storeId: 'store_other',
    });
    const own = await operatorConsole.signIn({
      role: 'refunder',
      merchantId: merchant.merchantId,
      storeId: merchant.storeId,
    });
    expect((await own.get(path(intent))).status).toBe(200);
    expect((await other.get(path(intent))).status).toBe(404);
    expect((await other.get('/payments/pi_nothing')).status).toBe(404);
    const form = await refundForm(own, intent);
    for (const act of ['refunds', 'cancel', 'capture', 'notes', 'refresh']) {
      expect((await other.post(`${path(intent)}/${act}`, form)).status).toBe(404);
    }
    expect(await acts(intent)).toEqual([]);
    expect(await refunds(intent)).toEqual([]);
  });

  it('needs the permission where the payment is, and not only somewhere', async () => {
    const intent = await newPaidIntent(gateway, merchant);
    const elsewhere = await gateway.newMerchant();
    const both = await operatorConsole.signIn(
      { role: 'viewer', merchantId: merchant.merchantId },
      { role: 'refunder', merchantId: elsewhere.merchantId },
    );
    expect((await both.get(path(intent))).text).not.toContain(`${path(intent)}/refunds`);
    const form = await refundForm(refunder, intent);
    expect((await both.post(`${path(intent)}/refunds`, form)).status).toBe(404);
  });
});
