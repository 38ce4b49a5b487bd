/**
 * The payment page in a browser: complete payments at phone, tablet and till size, in both languages, with declines, lapsed
 * codes and lost connections. Every complaint of the console, the content policy or axe fails the test.
 */
import type { BrowserContextOptions, Page, Route } from 'playwright-core';
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
import { readQrPng } from '../../support/qr.ts';

interface Intent {
  readonly id: string;
  readonly token: string;
}

/** No mouse, as the layout by device needs it. */
const TOUCH = { isMobile: true, hasTouch: true };
const PHONE = { ...TOUCH, viewport: { width: 390, height: 844 } };
const TABLET = { ...TOUCH, viewport: { width: 820, height: 1180 } };
const DESKTOP = { viewport: { width: 1280, height: 800 } };
const TILL = { viewport: { width: 1024, height: 600 } };
/** The lifetime of a code, and the grace period in which it may still turn out paid. */
const LAPSE_MS = 311_000;

/** Makes every stream that the page opens visible to the test. */
const KEEP_STREAMS = `globalThis.streams = [];
globalThis.EventSource = class extends EventSource {
  constructor(url) {
    super(url);
    streams.push(this);
  }
};`;

const clock = createTestClock();
let gateway: TestGateway;
let merchant: TestMerchant;
let browser: TestBrowser;
const opened: WatchedPage[] = [];

describe.skipIf(!hasChromium)(`the payment page in a browser${needsChromium}`, () => {
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
    const path = `/pay/${intent.id}?payment_token=${intent.token}${more}`;
    const watched = await browser.open(`${gateway.url}${path}`, options);
    opened.push(watched);
    const { page } = watched;
    const state = () => page.locator('main').getAttribute('data-state');
    return {
      ...watched,
      title: () => page.evaluate<string>("document.querySelector('h1').innerText"),
      until: (wanted: string) => expect.poll(state).toBe(wanted),
      /** Shows the QR on a phone. */
      async unfold() {
        const summary = page.locator('summary');
        if ((await summary.isVisible()) && !(await page.locator('.qr').isVisible())) {
          await summary.click();
        }
      },
    };
  }

  const qrOf = async (intent: Intent): Promise<string> => (await gateway.confirm(intent)).body.qr_content;
  const process = async () => {
    await gateway.sandbox.idle();
    await clock.advance(3_000);
    await gateway.runPasses('webhooks', 'attempts', 'expiry');
  };
  const pay = async (intent: Intent) => {
    await gateway.sandbox.pay({ qrContent: await qrOf(intent) });
    await process();
  };

  it.each([
    ['a phone, in Japanese', PHONE, '&lang=ja', 'お支払いが完了しました'],
    [
      'a phone, in English, in the dark',
      { ...PHONE, colorScheme: 'dark' as const },
      '&lang=en',
      'Payment complete',
    ],
    ['a tablet, in English', TABLET, '&lang=en', 'Payment complete'],
    ['a tablet, in Japanese', TABLET, '&lang=ja', 'お支払いが完了しました'],
    ['a desktop, in Japanese', DESKTOP, '&lang=ja', 'お支払いが完了しました'],
    ['a till, in Japanese', TILL, '&display=till&lang=ja', 'お支払いが完了しました'],
    [
      'a till, in English, in the dark',
      { ...TILL, colorScheme: 'dark' as const },
      '&display=till&lang=en',
      'Payment complete',
    ],
  ])(
    '%s: shows the QR of confirm without a click, and the receipt once it is paid',
    async (_, options, more, title) => {
      const intent = await gateway.newIntent(merchant, { amount: 12_480, description: '焼き鳥 3本' });
      const shown = await show(intent, more, options);
      await shown.until('scan');
      await shown.unfold();
      // The whole window, as the camera of a phone sees it.
      expect(readQrPng(await shown.page.screenshot())).toBe(await qrOf(intent));
      expect(await shown.page.locator('.countdown b').textContent()).toMatch(/^[45]:\d\d$/);
      expect(await shown.accessibilityFaults()).toEqual([]);
      await pay(intent);
      await shown.until('paid');
      expect(await shown.title()).toBe(title);
      expect(await shown.page.locator('#announcement').textContent()).toBe(title);
      expect([await shown.accessibilityFaults(), await shown.overflow(), shown.faults]).toEqual([[], 0, []]);
    },
  );

  it('removes the token from the address bar, and still shows the payment after a reload', async () => {
    const intent = await gateway.newIntent(merchant);
    const shown = await show(intent, '&lang=en');
    await shown.until('scan');
    expect(shown.page.url()).toBe(`${gateway.url}/pay/${intent.id}?lang=en`);
    await shown.page.reload();
    await shown.until('scan');
    expect(shown.page.url()).toBe(`${gateway.url}/pay/${intent.id}?lang=en`);
    // The request without the token is rejected, which the browser logs; it logs nothing else.
    expect(shown.faults.filter((fault) => !fault.includes('401'))).toEqual([]);
  });

  it('shows a decline, and tries again with one click', async () => {
    const intent = await gateway.newIntent(merchant);
    const shown = await show(intent, '&lang=en');
    await shown.until('scan');
    await gateway.sandbox.decline({ qrContent: await qrOf(intent) });
    await process();
    await shown.until('failed');
    expect(await shown.title()).toBe('The payment did not go through');
    expect(await shown.accessibilityFaults()).toEqual([]);
    await shown.page.getByRole('button', { name: 'Try again' }).press('Enter');
    await shown.until('scan');
    await pay(intent);
    await shown.until('paid');
    expect(shown.faults).toEqual([]);
  });

  it('replaces a lapsed QR with a new one without a click while the payment is open', async () => {
    const intent = await gateway.newIntent(merchant);
    const shown = await show(intent, '&display=till', TILL);
    await shown.until('scan');
    const first = await qrOf(intent);
    await clock.advance(LAPSE_MS);
    await gateway.runPasses('attempts');
    const seen = async () => readQrPng(await shown.page.locator('.qr svg').screenshot());
    await shown.until('scan');
    await expect.poll(async () => (await gateway.retrieve(intent)).body.status).toBe('requires_action');
    const second = await qrOf(intent);
    expect(second).not.toBe(first);
    await expect.poll(seen).toBe(second);
    expect(shown.faults).toEqual([]);
  });

  /** Lets the code of a page lapse, and makes the first requests from its form on fail, one with each failure. */
  async function lapseWithFailures(page: Page, failures: readonly ((route: Route) => Promise<void>)[]) {
    const left = [...failures];
    let isSent = false;
    await page.route(/\/pay\//, async (route) => {
      isSent ||= route.request().method() === 'POST';
      const fail = isSent ? left.shift() : undefined;
      await (fail ? fail(route) : route.fallback());
    });
    await clock.advance(LAPSE_MS);
    await gateway.runPasses('attempts');
    return () => left.length;
  }
  const refuse = (route: Route) => route.abort('connectionrefused');
  const badGateway = (route: Route) =>
    route.fulfill({ status: 502, contentType: 'text/html', body: '<h1>Bad Gateway</h1>' });
  const notNow = ({ id, token }: Intent) => {
    const error = new DomainError('service_unavailable', 'Not now', { retryAfterMs: 1_000 });
    const body = renderErrorPage(error, {
      id,
      paymentToken: token,
      language: 'ja',
      display: 'till',
    });
    return (route: Route) => route.fulfill({ status: 503, contentType: 'text/html', body });
  };

  it.each([
    ['does not reach the gateway', () => [refuse, badGateway]],
    ['meets a gateway that is restarting', (intent: Intent) => [notNow(intent), refuse, badGateway]],
  ])('a till whose form %s retries without a click until it has the next QR', async (_, failuresOf) => {
    const intent = await gateway.newIntent(merchant);
    const shown = await show(intent, '&display=till&lang=ja', TILL);
    await shown.until('scan');
    const first = await qrOf(intent);
    const failures = await lapseWithFailures(shown.page, failuresOf(intent));
    await expect.poll(failures).toBe(0);
    await shown.until('scan');
    const second = await qrOf(intent);
    expect(second).not.toBe(first);
    const seen = async () => readQrPng(await shown.page.locator('.qr svg').screenshot());
    await expect.poll(seen).toBe(second);
    await pay(intent);
    await shown.until('paid');
  });

  it('requests the next QR at the end of the countdown, without any event', async () => {
    const intent = await gateway.newIntent(merchant);
    const shown = await show(intent);
    await shown.until('scan');
    await shown.unfold();
    const first = await qrOf(intent);
    await clock.advance(LAPSE_MS);
    await shown.page.locator('main').evaluate((main) => {
      main.setAttribute('data-until', '2000-01-01T00:00:00Z');
    });
    await expect
      .poll(async () => readQrPng(await shown.page.locator('.qr svg').screenshot()))
      .not.toBe(first);
    expect(shown.faults).toEqual([]);
  });

  it.each([
    ['cancelled', 'お支払いはキャンセルされました'],
    ['expired', 'お支払いの期限が切れました'],
  ])('shows the end %s with its own title', async (state, title) => {
    const intent = await gateway.newIntent(merchant, { expires_in_minutes: 1 });
    const shown = await show(intent, '&lang=ja', TABLET);
    await shown.until('scan');
    if (state === 'cancelled') {
      await gateway.request('POST', `/v1/payment_intents/${intent.id}/cancel`, { as: merchant });
    } else {
      await clock.advance(61_000);
      await process();
    }
    await shown.until(state);
    expect(await shown.title()).toBe(title);
    expect([await shown.accessibilityFaults(), shown.faults]).toEqual([[], []]);
  });

  it('keeps no connection open after the payment has expired', async () => {
    const intent = await gateway.newIntent(merchant, { expires_in_minutes: 1 });
    const shown = await show(intent);
    await shown.until('scan');
    await shown.page.addInitScript({ content: KEEP_STREAMS });
    await shown.page.reload();
    await shown.until('scan');
    const states = () => shown.page.evaluate<number[]>('streams.map(({ readyState }) => readyState)');
    await expect.poll(states).toContain(1);
    await clock.advance(61_000);
    await process();
    await shown.until('expired');
    // Closed (2), because a stream that is only reconnecting (0) would connect again and again.
    expect(new Set(await states())).toEqual(new Set([2]));
  });

  it('shows a lost connection, and the current state when the connection is back', async () => {
    const intent = await gateway.newIntent(merchant);
    const shown = await show(intent, '&lang=en');
    await shown.until('scan');
    const connection = shown.page.locator('#connection');
    await shown.page.context().setOffline(true);
    await expect.poll(() => connection.textContent()).toMatch(/^Connection lost/);
    await pay(intent);
    await shown.page.context().setOffline(false);
    await shown.until('paid');
    expect(await connection.textContent()).toMatch(/^(Connected again\.)?$/);
    expect(shown.faults.filter((fault) => !fault.includes('ERR_INTERNET_DISCONNECTED'))).toEqual([]);
  });

  it('polls when streams are blocked', async () => {
    const intent = await gateway.newIntent(merchant);
    const shown = await show(intent);
    await shown.until('scan');
    await shown.page.route('**/events?*', (route) => route.abort());
    await shown.page.reload();
    await shown.until('scan');
    await pay(intent);
    await shown.until('paid');
  });

  it('works without JavaScript: a button starts the payment, the page refreshes itself, and links change the language', async () => {
    const intent = await gateway.newIntent(merchant);
    const shown = await show(intent, '&lang=ja', { ...PHONE, javaScriptEnabled: false });
    await shown.page.getByRole('link', { name: 'English' }).click();
    await shown.page.getByRole('button', { name: 'Start payment' }).click();
    await shown.until('scan');
    expect(await shown.page.content()).toContain('http-equiv="refresh"');
    await shown.unfold();
    expect(readQrPng(await shown.page.locator('.qr svg').screenshot())).toBe(await qrOf(intent));
    await pay(intent);
    // Does what the refresh does, without waiting for it.
    await shown.page.goto(shown.page.url());
    expect(await shown.title()).toBe('Payment complete');
    expect(shown.faults).toEqual([]);
  });

  it('changes the language, and prints the receipt', async () => {
    const intent = await gateway.newIntent(merchant);
    const shown = await show(intent, '&lang=ja');
    await shown.until('scan');
    await shown.page.getByRole('link', { name: 'English' }).click();
    await expect.poll(shown.title).toBe('Pay with PayPay');
    await pay(intent);
    await shown.until('paid');
    expect(await shown.page.getByRole('button', { name: 'Print receipt' }).isVisible()).toBe(true);
    await shown.page.emulateMedia({ media: 'print' });
    const isSeen = (text: string) => shown.page.getByText(text, { exact: true }).last().isVisible();
    for (const text of ['Payment receipt', 'order_1', intent.id]) {
      expect(await isSeen(text), text).toBe(true);
    }
    for (const text of ['Print receipt', '日本語']) {
      expect(await isSeen(text), text).toBe(false);
    }
  });

  it('shows an error as an accessible page', async () => {
    const shown = await show({ id: 'pi_x', token: 'x' }, '&lang=en');
    expect(await shown.title()).toBe('This link does not work');
    expect(await shown.accessibilityFaults()).toEqual([]);
  });

  it('says that there is no QR while PayPay is unavailable, and tries again with one click', async () => {
    gateway.sandbox.faults.add({ operation: 'createCode', kind: 'maintenance', times: 1 });
    const intent = await gateway.newIntent(merchant);
    const shown = await show(intent, '&lang=en');
    await expect.poll(shown.title).toBe('The payment could not be started');
    expect(await shown.accessibilityFaults()).toEqual([]);
    await shown.page.getByRole('button', { name: 'Try again' }).click();
    await shown.until('scan');
  });

  it('does not replace a live QR with a temporary error', async () => {
    const intent = await gateway.newIntent(merchant);
    const shown = await show(intent, '&lang=en');
    await shown.until('scan');
    await shown.page.route(`**/pay/${intent.id}?*`, (route) =>
      route.fulfill({ status: 503, body: '<main></main>' }),
    );
    await pay(intent);
    const connection = shown.page.locator('#connection');
    await expect.poll(() => connection.textContent()).toMatch(/^Connection lost/);
    expect(await shown.page.locator('.qr').count()).toBe(1);
    await shown.page.unroute(`**/pay/${intent.id}?*`);
    await shown.until('paid');
  });
});
