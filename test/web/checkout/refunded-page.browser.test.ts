/**
 * The receipt of a refunded payment in a browser: it changes while the page is open, at every size, and is accessible.
 */
import type { BrowserContextOptions } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  hasChromium,
  needsChromium,
  startChromium,
  type TestBrowser,
  type WatchedPage,
} from '../../support/chromium.ts';
import { startTestGateway, type TestGateway, type TestMerchant } from '../../support/gateway.ts';
import { completeRefunds, newPaidIntent, requestRefund } from '../../support/refunds.ts';

const PHONE = { viewport: { width: 390, height: 844 } };
const NARROW = { viewport: { width: 320, height: 568 } };
const TABLET = { viewport: { width: 820, height: 1180 } };
const DESKTOP = { viewport: { width: 1440, height: 900 } };
const TILL = { viewport: { width: 1024, height: 600 } };
/** Longer than the page waits between two reads of a paid payment. */
const NEXT_READ_MS = 61_000;

interface Intent {
  readonly id: string;
  readonly token: string;
}

let gateway: TestGateway;
let merchant: TestMerchant;
let browser: TestBrowser;
const opened: WatchedPage[] = [];

describe.skipIf(!hasChromium)(`the receipt of a refunded payment in a browser${needsChromium}`, () => {
  beforeAll(async () => {
    [gateway, browser] = await Promise.all([startTestGateway(), startChromium()]);
    merchant = await gateway.newMerchant();
  });
  afterEach(async () => {
    for (const { close } of opened.splice(0)) {
      await close();
    }
  });
  afterAll(async () => {
    await browser?.close();
    await gateway?.close();
  });

  async function show(intent: Intent, more: string, options: BrowserContextOptions = PHONE) {
    const path = `/pay/${intent.id}?payment_token=${intent.token}${more}`;
    const watched = await browser.open(`${gateway.url}${path}`, options);
    opened.push(watched);
    const { page } = watched;
    await page.clock.install();
    await page.reload();
    const state = () => page.locator('main').getAttribute('data-state');
    return {
      ...watched,
      lines: () => page.locator('.refund').allTextContents(),
      until: (wanted: string) => expect.poll(state).toBe(wanted),
    };
  }

  const refund = (intent: Intent, amount?: number) =>
    requestRefund(gateway, merchant, intent, amount === undefined ? {} : { amount });

  it.each([
    ['a phone, in Japanese', PHONE, '&lang=ja'],
    ['a narrow phone, in English', NARROW, '&lang=en'],
    ['a tablet, in English, in the dark', { ...TABLET, colorScheme: 'dark' as const }, '&lang=en'],
    ['a desktop, in Japanese', DESKTOP, '&lang=ja'],
    ['a till, in English', TILL, '&display=till&lang=en'],
    ['a till, in Japanese, in the dark', { ...TILL, colorScheme: 'dark' as const }, '&display=till&lang=ja'],
  ])('%s: shows each refund while the page is open', async (_, options, more) => {
    const intent = await newPaidIntent(gateway, merchant, { amount: 99_999_999 });
    const shown = await show(intent, more, options);
    await shown.until('paid');
    const expectSound = async () => {
      // The reload asks for the page without the token, as the address bar has it.
      const faults = shown.faults.filter((fault) => !fault.includes('401'));
      expect([await shown.accessibilityFaults(), await shown.overflow(), faults]).toEqual([[], 0, []]);
    };
    await refund(intent, 12_345_678);
    await shown.page.clock.runFor(NEXT_READ_MS);
    await shown.until('refund_pending');
    await expectSound();
    await completeRefunds(gateway, intent);
    await shown.page.clock.runFor(NEXT_READ_MS);
    await shown.until('partly_refunded');
    await refund(intent);
    await shown.page.clock.runFor(NEXT_READ_MS);
    await shown.until('refund_pending');
    expect(await shown.lines()).toHaveLength(2);
    await expectSound();
    await completeRefunds(gateway, intent);
    await shown.page.clock.runFor(NEXT_READ_MS);
    await shown.until('refunded');
    await expectSound();
  });

  it('keeps the receipt when the link has expired', async () => {
    const intent = await newPaidIntent(gateway, merchant);
    const shown = await show(intent, '&lang=en');
    await shown.until('paid');
    const refused = shown.page.waitForResponse((response) => response.status() === 401);
    await shown.page.route(`**/v1/payment_intents/${intent.id}?*`, (route) => route.fulfill({ status: 401 }));
    await shown.page.clock.runFor(NEXT_READ_MS);
    await refused;
    await shown.page.clock.runFor(NEXT_READ_MS);
    await shown.until('paid');
  });

  it('prints what was refunded', async () => {
    const intent = await newPaidIntent(gateway, merchant);
    await refund(intent, 400);
    await completeRefunds(gateway, intent);
    const shown = await show(intent, '&lang=en');
    await shown.until('partly_refunded');
    await shown.page.emulateMedia({ media: 'print' });
    for (const text of ['Payment receipt', '¥400 of ¥1,000 refunded', intent.id]) {
      expect(await shown.page.getByText(text, { exact: true }).isVisible(), text).toBe(true);
    }
  });
});
