/** Refunds on the sandbox's pages: what they show, and what their forms do. */

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Sandbox, startSandbox } from '../../../src/sandbox/sandbox.ts';
import { DESKTOP, hasChromium, needsChromium, PHONE, startChromium } from '../../support/chromium.ts';
import { findForms, press as pressButton } from '../support/forms.ts';
import { API_KEY, API_SECRET, call, createCode, send } from '../support/paypay-client.ts';

let sandbox: Sandbox;
let url: string;

beforeEach(async () => {
  sandbox = await startSandbox({ credentials: [{ apiKey: API_KEY, apiSecret: API_SECRET }] });
  ({ url } = await createCode(sandbox.url, 'inv-1', 1200));
});
afterEach(() => sandbox.close());

const read = async (address: string) => (await send(address, 'GET', '', {})).text;
const press = (page: string, label: string, more: Record<string, string> = {}) =>
  pressButton(sandbox.url, page, label, more);
const buttons = (page: string) => [...findForms(page).keys()];
const refunds = () => sandbox.ledger()[0]?.refunds ?? [];

async function pay(): Promise<string> {
  const paid = await sandbox.pay({ qrContent: url });
  return paid.isAccepted ? String(paid.payment.paymentId) : '';
}

async function refundByApi(amount: number): Promise<void> {
  const paymentId = await pay();
  const body = {
    merchantRefundId: 're_ours',
    paymentId,
    amount: { amount, currency: 'JPY' },
    requestedAt: 1,
  };
  expect((await call(sandbox.url, 'POST', '/v2/refunds', body)).status).toBe(200);
}

describe('the page of a payment', () => {
  test('offers no refund before it is paid, nor after it was declined', async () => {
    expect(await read(url)).not.toContain('Refund');
    await sandbox.decline({ qrContent: url });
    expect(await read(url)).not.toContain('Refund');
  });

  test('refunds a part and then the rest, and shows each refund with its status and maker', async () => {
    await refundByApi(200);
    const afterPart = await press(await read(url), 'Refund this amount', { amount: '300' });
    expect(afterPart).toContain('PayPay&#39;s console has made the refund.');
    expect(afterPart).toMatch(/¥200 <span class="status CREATED">CREATED<\/span> by the merchant/);
    expect(afterPart).toMatch(/¥300 <span class="status CREATED">CREATED<\/span> in PayPay&#39;s console/);
    sandbox.clock.advance(5_000);
    const whole = await press(await read(url), 'Refund ¥700 in PayPay&#39;s console');
    expect(whole).toMatch(/¥300 <span class="status REFUNDED">/);
    expect(buttons(whole)).toEqual(['Carry out pending refunds now']);
    const done = await press(whole, 'Carry out pending refunds now');
    expect(buttons(done)).toEqual([]);
    expect(sandbox.ledger()).toMatchObject([{ status: 'REFUNDED', moneyReturned: 1200 }]);
  });

  test('says why PayPay refuses a refund', async () => {
    await pay();
    const page = await press(await read(url), 'Refund this amount', { amount: '1201' });
    expect(page).toContain('PayPay refuses: Invalid refund amount (INVALID_PARAMS).');
    expect(refunds()).toEqual([]);
  });

  test('cancels the payment, and then offers nothing more', async () => {
    await pay();
    const page = await press(await read(url), 'Cancel the payment');
    expect(page).toContain('FAILED');
    expect(buttons(page)).toEqual([]);
    expect(sandbox.ledger()).toMatchObject([{ isCancelled: true, moneyReturned: 1200 }]);
  });

  test('offers no cancel once there is a refund', async () => {
    await refundByApi(200);
    expect(buttons(await read(url))).not.toContain('Cancel the payment');
  });
});

describe('the home page', () => {
  test('shows the refunds of each payment, and refunds what is left', async () => {
    await refundByApi(200);
    const page = await press(await read(`${sandbox.url}/`), 'Refund ¥1,000 in PayPay&#39;s console');
    expect(page).toMatch(/¥200 .*by the merchant/);
    expect(page).toContain('re_ours');
    expect(page).toMatch(/¥1,000 .*in PayPay&#39;s console/);
    expect(refunds()).toMatchObject([
      { amount: 200, origin: 'api' },
      { amount: 1000, origin: 'console' },
    ]);
  });
});

describe.skipIf(!hasChromium)(`in a browser${needsChromium}`, () => {
  test('the pages with refunds are accessible and fit, on desktop and phone, light and dark', async () => {
    await refundByApi(200);
    await sandbox.merchantConsole.refund({ qrContent: url, amount: 300 });
    const browser = await startChromium();
    try {
      for (const viewport of [DESKTOP, PHONE]) {
        for (const colorScheme of ['light', 'dark'] as const) {
          for (const address of [url, `${sandbox.url}/`]) {
            const opened = await browser.open(address, { viewport, colorScheme });
            expect(await opened.accessibilityFaults()).toEqual([]);
            expect([await opened.overflow(), opened.faults]).toEqual([0, []]);
            await opened.close();
          }
        }
      }
    } finally {
      await browser.close();
    }
  });
});
