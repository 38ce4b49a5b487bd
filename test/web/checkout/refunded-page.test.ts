/**
 * The payment page of a payment that is being refunded, or was, as the server sends it.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestGateway, type TestGateway, type TestMerchant } from '../../support/gateway.ts';
import { completeRefunds, newCashIntent, newPaidIntent, requestRefund } from '../../support/refunds.ts';

interface Intent {
  readonly id: string;
  readonly token: string;
}

let gateway: TestGateway;
let merchant: TestMerchant;

beforeAll(async () => {
  gateway = await startTestGateway();
  merchant = await gateway.newMerchant();
});
afterAll(() => gateway.close());

/** State, title and the lines about refunds. */
async function see({ id, token }: Intent, more = '&lang=en'): Promise<string[]> {
  const path = `/pay/${id}?payment_token=${token}${more}`;
  const { body } = await gateway.request('GET', path, { headers: { Accept: 'text/html' } });
  const text = body.replaceAll('<wbr>', '');
  const lines = [...text.matchAll(/<p class="refund">([^<]+)</g)].map(([, line]) => String(line));
  return [
    /<main data-state="(\w+)"/.exec(text)?.[1] ?? '',
    /<h1[^>]*>([^<]+)</.exec(text)?.[1] ?? '',
    ...lines,
  ];
}

describe('the receipt of a refunded payment', () => {
  it('does not say that money is back before PayPay has returned it', async () => {
    const intent = await newPaidIntent(gateway, merchant);
    expect(await see(intent)).toEqual(['paid', 'Payment complete']);
    await requestRefund(gateway, merchant, intent, { amount: 400 });
    const pending = ['refund_pending', 'Refund in progress', '¥400 being refunded'];
    expect(await see(intent)).toEqual(pending);
    await gateway.runPasses('refunds');
    expect(await see(intent)).toEqual(pending);
    await completeRefunds(gateway, intent);
    expect(await see(intent)).toEqual(['partly_refunded', 'Partly refunded', '¥400 of ¥1,000 refunded']);
    await requestRefund(gateway, merchant, intent);
    expect(await see(intent)).toEqual([
      'refund_pending',
      'Refund in progress',
      '¥400 of ¥1,000 refunded',
      '¥600 being refunded',
    ]);
    await completeRefunds(gateway, intent);
    expect(await see(intent)).toEqual(['refunded', 'Refunded in full', '¥1,000 refunded']);
  });

  it('is that of a payment without refunds again after the refund has failed', async () => {
    const intent = await newPaidIntent(gateway, merchant);
    gateway.sandbox.faults.add({ operation: 'refund', kind: 'refuse', result: 'CANCELED_USER', times: 1 });
    await requestRefund(gateway, merchant, intent, { amount: 400 });
    await gateway.runPasses('refunds');
    expect(await see(intent)).toEqual(['paid', 'Payment complete']);
  });

  it.each([
    ['&lang=ja', '一部が返金されました', '1,000円のうち300円を返金済み'],
    ['&lang=ja&display=till', '一部が返金されました', '1,000円のうち300円を返金済み'],
    ['&lang=en&display=till', 'Partly refunded', '¥300 of ¥1,000 refunded'],
  ])('shows both amounts with %s', async (more, title, line) => {
    const intent = await newCashIntent(gateway, merchant);
    await requestRefund(gateway, merchant, intent, { amount: 300 });
    expect(await see(intent, more)).toEqual(['partly_refunded', title, line]);
  });

  it('refreshes itself without a script while a refund is pending', async () => {
    const intent = await newPaidIntent(gateway, merchant);
    await requestRefund(gateway, merchant, intent, { amount: 400 });
    const path = `/pay/${intent.id}?payment_token=${intent.token}`;
    const { body } = await gateway.request('GET', path, { headers: { Accept: 'text/html' } });
    expect(body).toContain('http-equiv="refresh" content="30"');
  });

  it('shows neither reasons nor staff to the payer, in the page or in the API', async () => {
    const intent = await newCashIntent(gateway, merchant);
    const secrets = {
      description: 'suspicious-customer',
      reason: 'fraudulent',
      merchant_staff_id: 'staff-secret',
      merchant_terminal_id: 'till-secret',
      merchant_refund_ref_id: 'ref-secret',
    };
    const { body: refund } = await requestRefund(gateway, merchant, intent, { amount: 400, ...secrets });
    const path = `/pay/${intent.id}?payment_token=${intent.token}`;
    const page = (await gateway.request('GET', path, { headers: { Accept: 'text/html' } })).body;
    const { body: retrieved } = await gateway.retrieve(intent);
    for (const secret of [...Object.values(secrets), refund.id]) {
      expect(page + JSON.stringify(retrieved)).not.toContain(secret);
    }
    expect(retrieved).toMatchObject({ amount_refunded: 400, amount_refundable: 600 });
    const own = await gateway.request('GET', `/v1/refunds/${refund.id}?payment_token=${intent.token}`);
    expect([400, 401]).toContain(own.status);
  });
});
