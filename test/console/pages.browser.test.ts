/**
 * Every page of the console in a browser: axe finds nothing in either language and colour scheme, nothing violates the content
 * policy, nothing needs horizontal scrolling, and the keyboard reaches everything.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  DESKTOP,
  hasChromium,
  needsChromium,
  PHONE,
  startChromium,
  type TestBrowser,
  type WatchedPage,
} from '../support/chromium.ts';
import { CONSOLE_PAGES, signedInAs } from '../support/console-pages.ts';
import { type ConsoleSamples, startConsoleSamples } from '../support/console-samples.ts';

const VISIT_MS = 240_000;

let samples: ConsoleSamples;
let browser: TestBrowser;

describe.skipIf(!hasChromium)(`the pages of the console${needsChromium}`, () => {
  beforeAll(async () => {
    samples = await startConsoleSamples();
    browser = await startChromium();
  }, VISIT_MS);
  afterAll(async () => {
    await browser?.close();
    await samples?.close();
  });

  it.each([
    { locale: 'en', colorScheme: 'light', viewport: DESKTOP },
    { locale: 'ja', colorScheme: 'dark', viewport: PHONE },
  ] as const)(
    'are accessible, keep the content policy and fit: $locale, $colorScheme',
    async (display) => {
      const window = await open('/account', display);
      const faults: string[] = [];
      for (const { name, path, press } of CONSOLE_PAGES) {
        const response = await window.page.goto(samples.console.url + path(samples));
        if (press !== undefined) {
          await window.page.click(press);
          await window.page.waitForLoadState();
        }
        const found = [
          ...(response?.status() === 200 ? [] : [`status ${response?.status()}`]),
          ...(await window.accessibilityFaults()),
          ...((await window.overflow()) > 0 ? ['needs horizontal scrolling'] : []),
        ];
        faults.push(...found.map((fault) => `${name}: ${fault}`));
      }
      await window.close();
      expect([...faults, ...window.faults]).toEqual([]);
    },
    VISIT_MS,
  );

  it(
    'can be used with the keyboard alone: skip link, search, menu, and every act of a payment',
    async () => {
      const { page, close } = await open(`/payments/${samples.payments.refunded}`, { viewport: PHONE });
      await page.keyboard.press('Tab');
      expect(await page.locator(':focus').getAttribute('href')).toBe('#main');
      await page.keyboard.press('/');
      expect(await page.locator(':focus').getAttribute('name')).toBe('q');
      await page.locator('.open-sections').focus();
      await page.keyboard.press('Enter');
      expect(await page.locator('#sections').isVisible()).toBe(true);
      await page.keyboard.press('Escape');
      expect(await page.locator('#sections').isVisible()).toBe(false);
      const acts = await page.locator('.act > summary').allTextContents();
      expect(acts.length).toBeGreaterThan(1);
      for (const act of acts) {
        await tabTo(page, 'summary', act);
        await page.keyboard.press('Enter');
        await tabTo(page, 'textarea');
      }
      await page.goto(`${samples.console.url}/`);
      await page.keyboard.press('/');
      expect(await page.locator('.big-search :focus').getAttribute('name')).toBe('q');
      await close();
    },
    VISIT_MS,
  );
});

const MAX_STEPS = 300;

/** Presses Tab until an element of this kind, with this text, has the focus. */
async function tabTo(page: WatchedPage['page'], tag: string, text = ''): Promise<void> {
  for (let step = 0; step < MAX_STEPS; step += 1) {
    await page.keyboard.press('Tab');
    const focused = page.locator(`${tag}:focus`);
    if ((await focused.count()) > 0 && (await focused.textContent())?.trim() === text.trim()) {
      return;
    }
  }
  throw new Error(`the Tab key does not reach ${tag} ${text}`);
}

/** Without motion, because a colour in the middle of a transition has another contrast. */
function open(path: string, options: Parameters<TestBrowser['open']>[1]): Promise<WatchedPage> {
  return browser.open(samples.console.url + path, {
    ...signedInAs(samples.admin),
    reducedMotion: 'reduce',
    ...options,
  });
}
