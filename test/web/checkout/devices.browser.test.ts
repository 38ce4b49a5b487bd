/**
 * What the payment page puts first on each device: the button that opens the app where the payer holds the page, and the QR
 * where the payer scans it.
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

const TOUCH = { isMobile: true, hasTouch: true };
const PHONE = { ...TOUCH, viewport: { width: 390, height: 844 } };
const SMALL_PHONE = { ...TOUCH, viewport: { width: 320, height: 568 } };
const SIDEWAYS = { ...TOUCH, viewport: { width: 844, height: 390 } };
const TABLET = { ...TOUCH, viewport: { width: 820, height: 1180 }, screen: { width: 820, height: 1180 } };
const DESKTOP = { viewport: { width: 1280, height: 800 } };
const NARROW_DESKTOP = { viewport: { width: 400, height: 700 } };
const TILL = { viewport: { width: 1024, height: 600 } };
const ANDROID =
  'Mozilla/5.0 (Linux; Android 15; SM-S921) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36';
const WINDOWS = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36';
const NO_SCRIPT = { javaScriptEnabled: false };

let gateway: TestGateway;
let merchant: TestMerchant;
let browser: TestBrowser;
const opened: WatchedPage[] = [];

describe.skipIf(!hasChromium)(`the payment page on a device${needsChromium}`, () => {
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

  /** The page of a payment whose code is live. */
  async function show(options: BrowserContextOptions, more = '&lang=en') {
    const intent = await gateway.newIntent(merchant);
    const { body: confirmed } = await gateway.confirm(intent);
    const path = `/pay/${intent.id}?payment_token=${intent.token}${more}`;
    const watched = await browser.open(`${gateway.url}${path}`, options);
    opened.push(watched);
    const { page } = watched;
    await expect.poll(() => page.locator('main').getAttribute('data-state')).toBe('scan');
    return {
      ...watched,
      deeplink: confirmed.deeplink as string,
      app: page.locator('.app .button'),
      qr: page.locator('.qr'),
      title: () => page.evaluate<string>("document.querySelector('h1').innerText"),
    };
  }

  it.each([
    ['a phone', PHONE],
    ['a small phone', SMALL_PHONE],
    ['a phone held sideways', SIDEWAYS],
    ['a phone without a script', { ...PHONE, ...NO_SCRIPT }],
    ['an Android phone that reports a mouse', { ...NARROW_DESKTOP, userAgent: ANDROID }],
  ])("on %s the app's button comes first, in sight, and the QR is folded", async (_, options) => {
    const { app, qr, title, page, deeplink } = await show(options);
    expect([await title(), await app.getAttribute('href')]).toEqual(['Pay with PayPay', deeplink]);
    const box = await app.boundingBox();
    expect((box?.y ?? Infinity) + (box?.height ?? 0)).toBeLessThanOrEqual(options.viewport.height);
    expect(await qr.isVisible()).toBe(false);
    await page.getByText('Pay from another device').click();
    expect(await qr.isVisible()).toBe(true);
  });

  it.each([
    ['a desktop', DESKTOP],
    ['a desktop with a narrow window', NARROW_DESKTOP],
    ['a desktop without a script', { ...DESKTOP, ...NO_SCRIPT }],
    ['a Windows computer with only a touchscreen', { ...SIDEWAYS, userAgent: WINDOWS }],
  ])('on %s there is the QR to scan, and no button', async (_, options) => {
    const { app, qr, title, page } = await show(options);
    expect([await title(), await app.isVisible(), await qr.isVisible()]).toEqual([
      'Scan with PayPay',
      false,
      true,
    ]);
    expect(await page.getByText('Pay from another device').isVisible()).toBe(false);
  });

  it('on a tablet both are in sight, the button first', async () => {
    const { app, qr, overflow } = await show(TABLET);
    const [button, code] = [await app.boundingBox(), await qr.boundingBox()];
    expect(button?.y ?? Infinity).toBeLessThan(code?.y ?? 0);
    expect((code?.y ?? Infinity) + (code?.height ?? 0)).toBeLessThanOrEqual(1180);
    expect(await overflow()).toBe(0);
  });

  it("on a till's display there is the QR, and nothing to press", async () => {
    const { qr, page, title } = await show(TILL, '&lang=en&display=till');
    expect([await title(), await qr.isVisible()]).toEqual(['Scan with PayPay', true]);
    expect(await page.locator('a:visible, button:visible, summary:visible').count()).toBe(0);
  });

  it('announces the title for the device only', async () => {
    const intent = await gateway.newIntent(merchant);
    const path = `/pay/${intent.id}?payment_token=${intent.token}&lang=en`;
    const watched = await browser.open(`${gateway.url}${path}`, PHONE);
    opened.push(watched);
    await expect.poll(() => watched.page.locator('#announcement').textContent()).toBe('Pay with PayPay');
    expect(await watched.accessibilityFaults()).toEqual([]);
  });
});
