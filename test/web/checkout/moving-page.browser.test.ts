/**
 * What moves on the payment page: the clock and the motion of a paid payment, the urgent end of a code, the next code of a till.
 */
import type { BrowserContextOptions } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { DomainError } from '../../../src/domain/errors.ts';
import { renderErrorPage } from '../../../src/web/checkout/error-page.ts';
import {
  hasChromium,
  needsChromium,
  startChromium,
  type TestBrowser,
  type WatchedPage,
} from '../../support/chromium.ts';
import { createTestClock } from '../../support/clock.ts';
import { startTestGateway, type TestGateway, type TestMerchant } from '../../support/gateway.ts';

const PHONE = { isMobile: true, hasTouch: true, viewport: { width: 390, height: 844 } };
const TILL = { viewport: { width: 1024, height: 600 } };
const RUNNING_MOTION = `document.getAnimations().filter(({ playState }) => playState === 'running').length`;

interface Intent {
  readonly id: string;
  readonly token: string;
}

const clock = createTestClock();
let gateway: TestGateway;
let merchant: TestMerchant;
let browser: TestBrowser;
const opened: WatchedPage[] = [];

describe.skipIf(!hasChromium)(`the moving payment page${needsChromium}`, () => {
  beforeAll(async () => {
    [gateway, browser] = await Promise.all([startTestGateway({ clock }), startChromium()]);
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

  async function show(intent: Intent, more = '', options: BrowserContextOptions = PHONE) {
    const path = `/pay/${intent.id}?payment_token=${intent.token}&lang=en${more}`;
    const watched = await browser.open(`${gateway.url}${path}`, options);
    opened.push(watched);
    const { page } = watched;
    const state = () => page.locator('main').getAttribute('data-state');
    return { ...watched, until: (wanted: string) => expect.poll(state).toBe(wanted) };
  }

  const qrOf = async (intent: Intent): Promise<string> => (await gateway.confirm(intent)).body.qr_content;
  const process = async () => {
    await gateway.sandbox.idle();
    await clock.advance(3_000);
    await gateway.runPasses('webhooks', 'attempts');
  };
  async function newPaid(): Promise<Intent> {
    const intent = await gateway.newIntent(merchant);
    await gateway.sandbox.pay({ qrContent: await qrOf(intent) });
    await process();
    return intent;
  }

  it('a paid payment has a clock that runs, by the time of the server in the zone of the shop', async () => {
    const shown = await show(await newPaid());
    await shown.until('paid');
    const figure = shown.page.locator('[data-clock]');
    const inTokyo = clock.now().toLocaleTimeString('en-GB', { timeZone: 'Asia/Tokyo' });
    await expect.poll(() => figure.textContent()).toMatch(/^\d\d:\d\d:\d\d$/);
    expect((await figure.textContent())?.slice(0, 2)).toBe(inTokyo.slice(0, 2));
    const first = await figure.textContent();
    await expect.poll(() => figure.textContent()).not.toBe(first);
    expect(await shown.page.locator('.live').textContent()).toContain('order_1');
  });

  it('a paid payment moves, but not for a payer who prefers that nothing does', async () => {
    const intent = await newPaid();
    const moving = await show(intent);
    await moving.until('paid');
    await expect.poll(() => moving.page.evaluate<number>(RUNNING_MOTION)).toBeGreaterThan(0);
    const still = await show(intent, '', { ...PHONE, reducedMotion: 'reduce' });
    await still.until('paid');
    await expect.poll(() => still.page.locator('.live').isVisible()).toBe(true);
    expect(await still.page.evaluate<number>(RUNNING_MOTION)).toBe(0);
  });

  it('a code becomes urgent in its last 30 seconds, and not before', async () => {
    const intent = await gateway.newIntent(merchant);
    await qrOf(intent);
    const shown = await show(intent, '&display=till', TILL);
    await shown.until('scan');
    await expect.poll(() => shown.page.locator('.countdown b').textContent()).toMatch(/^[45]:/);
    expect(await shown.page.locator('main.urgent').count()).toBe(0);
    await shown.page.locator('main').evaluate((main) => {
      const now = Date.parse(main.getAttribute('data-now') ?? '');
      main.setAttribute('data-until', new Date(now + 29_000).toISOString());
    });
    await expect.poll(() => shown.page.locator('main.urgent').count()).toBe(1);
    expect(await shown.accessibilityFaults()).toEqual([]);
  });

  it('a till shows a failed payment, and the next code after 15 seconds without a click', async () => {
    const intent = await gateway.newIntent(merchant);
    const shown = await show(intent, '&display=till', TILL);
    await shown.until('scan');
    await shown.page.clock.install();
    await gateway.sandbox.decline({ qrContent: await qrOf(intent) });
    await process();
    await shown.until('failed');
    expect(await shown.page.locator('.advice').textContent()).toMatch(/^For staff/);
    expect(await shown.page.locator('a:visible, button:visible').count()).toBe(0);
    await shown.page.clock.runFor(14_000);
    await shown.until('failed');
    await shown.page.clock.runFor(2_000);
    await shown.until('scan');
  });

  it('shows shop and test mode after an error page, which knew neither', async () => {
    const intent = await newPaid();
    const error = new DomainError('service_unavailable', 'Not now', { retryAfterMs: 1_000 });
    const body = renderErrorPage(error, {
      id: intent.id,
      paymentToken: intent.token,
      language: 'en',
      display: undefined,
    });
    const shown = await show(intent);
    await shown.until('paid');
    await shown.page.route(
      '**/pay/**',
      (route) => route.fulfill({ status: 503, contentType: 'text/html', body }),
      { times: 1 },
    );
    await shown.page.reload();
    await shown.until('paid');
    await expect.poll(() => shown.page.locator('.shop').textContent()).toContain('Test Merchant');
    expect(await shown.page.locator('#test').textContent()).toContain('Test mode');
  });
});
