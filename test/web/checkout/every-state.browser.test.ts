/**
 * Every state of the payment page, from the samples of the screenshots, on every kind of screen: accessible, not wider than the
 * screen, on a till not taller either, with its button in sight, and with lines that end between phrases.
 */
import type { BrowserContextOptions } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ERRORS, startSampleServer } from '../../../scripts/screenshots/sample-server.ts';
import { SAMPLES } from '../../../scripts/screenshots/samples.ts';
import { hasChromium, needsChromium, startChromium, type TestBrowser } from '../../support/chromium.ts';

const TOUCH = { isMobile: true, hasTouch: true };
const STATES = [...Object.keys(SAMPLES), ...Object.keys(ERRORS)];
/** Pixels that rounding may add. */
const TOLERANCE = 1;

/** Where a phrase does not end with its line, by the text of the phrase. */
const BROKEN_PHRASES = `[...document.querySelectorAll('h1, .hint, .note, .label, .refund, .advice, #test')]
  .flatMap((element) => {
    const nodes = [];
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      nodes.push(walker.currentNode);
    }
    return nodes;
  })
  .filter((node) => {
    const range = document.createRange();
    range.selectNodeContents(node);
    return new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size > 1;
  })
  .map((node) => node.data)`;
const TOO_TALL = 'Math.max(document.documentElement.scrollHeight - innerHeight, 0)';
/** By how many pixels the lowest button is out of sight. */
const OUT_OF_SIGHT = `Math.max(0, ...[...document.querySelectorAll('main :is(.button, button)')]
  .map((button) => button.getBoundingClientRect().bottom - innerHeight))`;

let server: Awaited<ReturnType<typeof startSampleServer>>;
let browser: TestBrowser;

describe.skipIf(!hasChromium)(`every state of the payment page${needsChromium}`, () => {
  beforeAll(async () => {
    [server, browser] = await Promise.all([startSampleServer(), startChromium()]);
  });
  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  /** Faults of a state, each named; `expression` is evaluated in the page. */
  async function check(more: string, options: BrowserContextOptions, expression?: string): Promise<string[]> {
    const urlOf = (state: string) => `${server.url}/pay/${state}?payment_token=x${more}`;
    const watched = await browser.open(urlOf('scan'), { ...options, reducedMotion: 'reduce' });
    const faults: string[] = [];
    for (const state of STATES) {
      await watched.page.goto(urlOf(state));
      const [found, overflow] = [await watched.accessibilityFaults(), await watched.overflow()];
      const excess = expression === undefined ? 0 : await watched.page.evaluate<number>(expression);
      const broken = more.includes('lang=ja') ? await watched.page.evaluate<string[]>(BROKEN_PHRASES) : [];
      faults.push(...[...found, ...broken].map((fault) => `${state}: ${fault}`));
      if (overflow > 0 || excess > TOLERANCE) {
        faults.push(`${state}: ${overflow} pixels too wide, ${excess} too tall`);
      }
    }
    faults.push(...watched.faults);
    await watched.close();
    return faults;
  }

  it.each([
    ['a small phone', '&lang=ja', { ...TOUCH, viewport: { width: 320, height: 568 } }],
    [
      'a phone in the dark',
      '&lang=ja',
      { ...TOUCH, viewport: { width: 390, height: 844 }, colorScheme: 'dark' },
    ],
    ['a tablet', '&lang=ja', { ...TOUCH, viewport: { width: 820, height: 1180 } }],
    ['a desktop in the dark', '&lang=en', { viewport: { width: 1280, height: 800 }, colorScheme: 'dark' }],
  ] as const)('is accessible and fits %s', async (_, more, options) => {
    expect(await check(more, options)).toEqual([]);
  });

  it('has its buttons in sight on a phone held sideways', async () => {
    const options = { ...TOUCH, viewport: { width: 844, height: 390 } };
    const faults = await check('&lang=en', options, OUT_OF_SIGHT);
    // Long names, or the mark of test mode above them, leave too little space for a whole receipt.
    expect(faults.filter((fault) => !/^paid_(long|sandbox)/.test(fault))).toEqual([]);
  });

  it.each([
    ['light', 'rgb(31, 61, 122)'],
    ['dark', 'rgb(87, 110, 155)'],
  ] as const)("colours the way back with the shop's accent, in %s colours", async (colorScheme, color) => {
    const watched = await browser.open(`${server.url}/pay/paid_branded?payment_token=x`, { colorScheme });
    const background = "getComputedStyle(document.querySelector('.next .accent')).backgroundColor";
    expect(await watched.page.evaluate<string>(background)).toBe(color);
    expect(await watched.page.locator('.shop img').evaluate((logo) => logo.clientWidth)).toBeGreaterThan(0);
    expect(watched.faults).toEqual([]);
    await watched.close();
  });

  it.each([
    ['', '&lang=ja', { viewport: { width: 1024, height: 600 } }],
    [' in the dark', '&lang=en', { viewport: { width: 1024, height: 600 }, colorScheme: 'dark' }],
    [' that stands upright', '&lang=ja', { viewport: { width: 768, height: 1024 } }],
    [' that is wide', '&lang=en', { viewport: { width: 1920, height: 1080 } }],
    [' with four to three', '&lang=ja', { viewport: { width: 1024, height: 768 } }],
  ] as const)("is accessible and fits a till's display%s", async (_, more, options) => {
    expect(await check(`${more}&display=till`, options, TOO_TALL)).toEqual([]);
  });
});
