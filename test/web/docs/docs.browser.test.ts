/**
 * The documentation in a browser: phone and desktop, light and dark, by keyboard, without a script, and printed.
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

const FOLDER = new URL('../../../src/web/docs/guides/', import.meta.url);
const GUIDES = readdirSync(FOLDER).filter((name) => name.endsWith('.md'));
const PAGES = ['/docs', '/docs/reference', ...GUIDES.map((file) => `/docs/${file.replace('.md', '')}`)];
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
    const { page, faults, close } = await open('/docs/reference', { viewport: PHONE });
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
    for (const name of ['mpac-pgw docs', 'API reference', 'Overview', 'First payment']) {
      await page.keyboard.press('Tab');
      expect(await page.evaluate(FOCUSED)).toBe(name);
    }
    await page.keyboard.press('Enter');
    await page.waitForURL('**/docs/first-payment');
    expect(await page.locator('h1').textContent()).toBe('First payment');
    await close();
  });

  it('desktop: the menu stays visible and marks the section that is being read', async () => {
    const { page, close } = await open('/docs/reference#errors', { viewport: DESKTOP });
    await until(page, `document.querySelector('#menu [aria-current]')?.textContent.trim() === 'Errors'`);
    const { top, bottom } = await page.evaluate<DOMRectLike>(
      `document.querySelector('#menu [aria-current]').getBoundingClientRect().toJSON()`,
    );
    expect(top).toBeGreaterThan(0);
    expect(bottom).toBeLessThan(DESKTOP.height);
    await close();
  });

  it('copies code', async () => {
    const { page, faults, close } = await open('/docs/first-payment', {
      viewport: DESKTOP,
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    await page.getByRole('button', { name: 'Copy this code' }).first().click();
    await page.getByText('Copied').waitFor();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe('npm ci && npm start');
    expect(faults).toEqual([]);
    await close();
  });

  it('works without a script: text, menu and collapsed parts', async () => {
    const { page, close } = await open('/docs/reference', { viewport: PHONE, javaScriptEnabled: false });
    await page.getByRole('button', { name: 'Menu' }).click();
    await page.getByRole('navigation').getByRole('link', { name: 'Errors' }).last().click();
    expect(new URL(page.url()).hash).toBe('#errors');
    await page.keyboard.press('Escape');
    const properties = page.locator('#schema-SyncMerchantsRequest ~ dl details').first();
    await properties.locator('summary').first().click();
    expect(await properties.getByText('Its stores.').isVisible()).toBe(true);
    await close();
  });

  it('prints without the menu and with all collapsed parts', async () => {
    const { page, close } = await open('/docs/reference', { viewport: DESKTOP });
    await page.emulateMedia({ media: 'print' });
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
