/**
 * The documentation in a browser: phone and desktop, light and dark, in both languages, by keyboard, without a script, and
 * printed.
 */
import { readdirSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  DESKTOP,
  hasChromium,
  needsChromium,
  PHONE,
  startChromium,
  type TestBrowser,
} from '../../support/chromium.ts';
import { startTestGateway, type TestGateway } from '../../support/gateway.ts';

const GUIDES = readdirSync(new URL('../../../src/web/docs/guides/', import.meta.url))
  .filter((file) => file.endsWith('.md'))
  .map((file) => `/docs/${file.replace('.md', '')}`);
const PAGES = [
  '/docs',
  '/docs/reference',
  ...['payment-intents', 'webhook-endpoints', 'errors', 'schemas'].map((name) => `/docs/reference/${name}`),
  ...GUIDES,
  '/docs/ja',
  '/docs/ja/reference/refunds',
  ...GUIDES.map((path) => path.replace('/docs', '/docs/ja')),
];
const TALLEST_PX = 18_000;
const LOOKS = [
  { viewport: PHONE, colorScheme: 'light' },
  { viewport: DESKTOP, colorScheme: 'dark' },
] as const;

const FOCUSED = 'document.activeElement.textContent.trim()';

describe.skipIf(!hasChromium)(`the documentation in a browser${needsChromium}`, () => {
  let browser: TestBrowser;
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startTestGateway();
    browser = await startChromium();
  });
  afterAll(async () => {
    await browser.close();
    await gateway.close();
  });
  const open = (path: string, options: Parameters<TestBrowser['open']>[1]) =>
    browser.open(`${gateway.url}${path}`, options);

  it.each(PAGES)(
    '%s fits the window, obeys the content policy, loads nothing foreign, and is accessible',
    async (path) => {
      const { page, overflow, accessibilityFaults, faults, close } = await open(path, LOOKS[0]);
      for (const { viewport, colorScheme } of LOOKS) {
        await page.setViewportSize(viewport);
        await page.emulateMedia({ colorScheme });
        expect(await overflow()).toBe(0);
        expect(await accessibilityFaults()).toEqual([]);
      }
      // At the desktop's width; the reference once was a single page of 44,000 pixels.
      const height = await page.evaluate<number>('document.documentElement.scrollHeight');
      expect(height).toBeLessThan(TALLEST_PX);
      expect(faults).toEqual([]);
      await close();
    },
  );

  it("follows the system's colour scheme", async () => {
    const colours = await Promise.all(
      (['light', 'dark'] as const).map(async (colorScheme) => {
        const { page, close } = await open('/docs', { colorScheme });
        const colour = await page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
        await close();
        return colour;
      }),
    );
    expect(colours).toEqual(['rgb(255, 255, 255)', 'rgb(18, 24, 26)']);
  });

  it('phone: the menu opens by keyboard, and closes by Escape or when a link is chosen', async () => {
    const { page, faults, close } = await open('/docs/reference/payment-intents', { viewport: PHONE });
    const isMenuOpen = () =>
      page.evaluate<boolean>(`document.getElementById('menu').matches(':popover-open')`);
    await page.getByRole('button', { name: 'Menu' }).focus();
    await page.keyboard.press('Enter');
    expect(await isMenuOpen()).toBe(true);
    await page.keyboard.press('Tab');
    expect(await page.evaluate(FOCUSED)).toBe('Overview');
    await page.keyboard.press('Escape');
    expect(await isMenuOpen()).toBe(false);
    expect(await page.evaluate(FOCUSED)).toBe('Menu');
    await page.keyboard.press('Enter');
    await page.getByRole('navigation').getByRole('link', { name: 'Cancel a PaymentIntent' }).focus();
    await page.keyboard.press('Enter');
    expect(await isMenuOpen()).toBe(false);
    expect(new URL(page.url()).hash).toBe('#cancelPaymentIntent');
    await until(page, `document.getElementById('cancelPaymentIntent').getBoundingClientRect().top < 200`);
    expect(faults).toEqual([]);
    await close();
  });

  it('desktop: the first Tab offers to skip to the content, the next ones go through the menu', async () => {
    const { page, close } = await open('/docs', { viewport: DESKTOP });
    await page.keyboard.press('Tab');
    expect(await page.evaluate(FOCUSED)).toBe('Skip to content');
    for (const name of [
      'mpac-pgw Documentation',
      'API reference',
      'Search/',
      '日本語',
      'Overview',
      'First payment',
    ]) {
      await page.keyboard.press('Tab');
      expect(await page.evaluate(FOCUSED)).toBe(name);
    }
    await page.keyboard.press('Enter');
    await page.waitForURL('**/docs/first-payment');
    expect(await page.locator('h1').textContent()).toBe('First payment');
    await close();
  });

  it('desktop: the menu stays visible and marks the section that is being read', async () => {
    const { page, close } = await open('/docs/reference/webhook-endpoints#redeliverWebhook', {
      viewport: DESKTOP,
    });
    const marked = `document.querySelector('#menu .sections [aria-current]')`;
    await until(page, `${marked}?.hash === '#redeliverWebhook'`);
    const { top, bottom } = await page.evaluate<DOMRectLike>(`${marked}.getBoundingClientRect().toJSON()`);
    expect(top).toBeGreaterThan(0);
    expect(bottom).toBeLessThan(DESKTOP.height);
    await close();
  });

  it('copies code', async () => {
    const { page, faults, close } = await open('/docs/first-payment', {
      viewport: DESKTOP,
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    await page.getByRole('button', { name: 'Copy' }).first().click();
    await page.getByText('Copied').waitFor();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe('npm ci && npm start');
    expect(faults).toEqual([]);
    await close();
  });

  it('a link to a section of the former single page leads to the page of that section', async () => {
    const { page, faults, close } = await open('/docs/reference#createRefund', { viewport: DESKTOP });
    await page.waitForURL('**/docs/reference/refunds#createRefund');
    expect(faults).toEqual([]);
    await close();
  });

  it('a link to a schema opens it', async () => {
    const { page, close } = await open('/docs/reference/schemas#schema-Refund', { viewport: DESKTOP });
    const schema = page.locator('details.schema', { has: page.locator('#schema-Refund') });
    await until(page, `document.getElementById('schema-Refund').closest('details').open`);
    expect(await schema.getByText('merchant_refund_ref_id', { exact: true }).isVisible()).toBe(true);
    await close();
  });

  it('shows all samples in the language that the reader chose, on every page and at the next visit', async () => {
    const { page, faults, close } = await open('/docs/reference/refunds', { viewport: DESKTOP });
    const shown = () =>
      page.evaluate<string[]>(
        `[...new Set([...document.querySelectorAll('[data-code] pre')].filter((code) => code.checkVisibility()).map((code) => code.closest('[data-code]').dataset.code))]`,
      );
    expect(await shown()).toEqual(['sh']);
    await page.getByRole('group', { name: 'Language of the samples' }).first().getByText('Python').click();
    expect(await shown()).toEqual(['python']);
    expect(await page.getByRole('button', { name: 'Python', pressed: true }).count()).toBeGreaterThan(2);
    await page.goto(`${gateway.url}/docs/ja/reference/events`);
    expect(await shown()).toEqual(['python']);
    expect(faults).toEqual([]);
    await close();
  });

  it.each([
    ['/docs', 'test card', 'Guides', 'Testing', '/docs/testing'],
    ['/docs', 'magic', 'Guides', 'Testing', '/docs/testing'],
    [
      '/docs/signing',
      'createPaymentInt',
      'Operations',
      'Create a PaymentIntent',
      '/docs/reference/payment-intents',
    ],
    ['/docs/ja', 'マジック', 'ガイド', 'テスト', '/docs/ja/testing'],
    ['/docs/ja', 'テストカード', 'ガイド', 'テスト', '/docs/ja/testing'],
    ['/docs/ja/errors', '冪等', 'ガイド', '冪等性', '/docs/ja/idempotency'],
  ])(
    '%s: the search for "%s" finds, by keyboard, in the group %s: %s',
    async (path, query, group, title, target) => {
      const { page, faults, accessibilityFaults, close } = await open(path, { viewport: DESKTOP });
      await page.keyboard.press('/');
      await page.keyboard.insertText(query);
      const heading = page.getByRole('heading', { name: group, exact: true, level: 2 });
      const first = page.locator('.search-results a').first();
      await until(page, `document.querySelector('.search-results a') !== null`);
      expect(await heading.count()).toBe(path === '/docs' || path === '/docs/ja' ? 2 : 1);
      expect(await first.locator('strong').textContent()).toBe(title);
      expect(await accessibilityFaults()).toEqual([]);
      await page.keyboard.press('ArrowDown');
      expect(await page.evaluate(FOCUSED)).toContain(title);
      await page.keyboard.press('ArrowUp');
      await page.keyboard.press('Enter');
      await page.waitForURL(`**${target}*`);
      expect(faults).toEqual([]);
      await close();
    },
  );

  it('the search says when nothing is found, and closes by Escape', async () => {
    const { page, close } = await open('/docs', { viewport: PHONE });
    await page.getByRole('button', { name: 'Search' }).click();
    await page.keyboard.insertText('zzzzqqqq');
    await page.getByText('Nothing found for “zzzzqqqq”').waitFor();
    await page.keyboard.press('Escape');
    expect(await page.getByRole('dialog').count()).toBe(0);
    await close();
  });

  it('the language switch keeps the page and the section', async () => {
    const { page, faults, close } = await open('/docs/refunds#cash', { viewport: PHONE });
    const [id = ''] = await page.evaluate<string[]>(
      `[...document.querySelectorAll('h2[id]')].map(({ id }) => id)`,
    );
    await page.goto(`${gateway.url}/docs/refunds#${id}`);
    await page.getByRole('link', { name: '日本語' }).click();
    await page.waitForURL(`**/docs/ja/refunds#${id}`);
    expect(await page.evaluate('document.documentElement.lang')).toBe('ja');
    expect(await page.locator('h1').textContent()).toBe('返金');
    await page.getByRole('link', { name: 'English' }).click();
    await page.waitForURL(`**/docs/refunds#${id}`);
    expect(faults).toEqual([]);
    await close();
  });

  it('works without a script: text, menu, shell samples and collapsed parts', async () => {
    const { page, close } = await open('/docs/reference', { viewport: PHONE, javaScriptEnabled: false });
    await page.getByRole('button', { name: 'Menu' }).click();
    await page.getByRole('navigation').getByRole('link', { name: 'Sync', exact: true }).click();
    await page.waitForURL('**/docs/reference/sync');
    expect(await page.getByText("curl -s '").first().isVisible()).toBe(true);
    expect(await page.getByText('import requests').first().isVisible()).toBe(false);
    expect(await page.getByRole('button', { name: 'Search' }).count()).toBe(0);
    const properties = page.locator('.about details.children').first();
    await properties.locator('summary').first().click();
    expect(await properties.getByText('Its stores.').isVisible()).toBe(true);
    await close();
  });

  it('prints without the menu, with all collapsed parts, and light when the screen is dark', async () => {
    const { page, close } = await open('/docs/reference/refunds', { viewport: DESKTOP, colorScheme: 'dark' });
    const background = () =>
      page.evaluate<string>(`getComputedStyle(document.querySelector('.code')).backgroundColor`);
    expect(await background()).toBe('rgb(26, 34, 37)');
    await page.emulateMedia({ media: 'print' });
    expect(await background()).toBe('rgb(243, 246, 246)');
    await page.evaluate(`dispatchEvent(new Event('beforeprint'))`);
    expect(await page.getByRole('navigation').isVisible()).toBe(false);
    expect(await page.locator('details:not([open])').count()).toBe(0);
    await page.evaluate(`dispatchEvent(new Event('afterprint'))`);
    expect(await page.locator('details[open]').count()).toBe(0);
    await close();
  });
});

/** Waits frame by frame, because Playwright's own waiting runs a script that the content policy forbids. */
async function until(page: Page, condition: string): Promise<void> {
  while (!(await page.evaluate<boolean>(condition))) {
    await page.evaluate('new Promise((frame) => requestAnimationFrame(frame))');
  }
}

/** The part of a DOMRect that is used here. */
interface DOMRectLike {
  readonly top: number;
  readonly bottom: number;
}
