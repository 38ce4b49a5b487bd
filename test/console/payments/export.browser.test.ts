/**
 * The export of payments in a browser: the page says how far it is, and the file is downloaded.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasChromium, needsChromium, startChromium, type TestBrowser } from '../../support/chromium.ts';
import { startTestConsole, type TestConsole } from '../../support/console.ts';
import { signedInAs } from '../../support/console-pages.ts';
import { startTestGateway, type TestGateway } from '../../support/gateway.ts';
import { newSale } from './shops.ts';

const START_MS = 120_000;

let gateway: TestGateway;
let console: TestConsole;
let browser: TestBrowser;

describe.skipIf(!hasChromium)(`the export in a browser${needsChromium}`, () => {
  beforeAll(async () => {
    gateway = await startTestGateway();
    console = await startTestConsole(gateway.deps);
    browser = await startChromium();
    await newSale(gateway, await gateway.newMerchant(), 'order_1');
  }, START_MS);
  afterAll(async () => {
    await browser?.close();
    await console?.close();
    await gateway?.close();
  });

  it(
    'says how many rows were written while the file is downloaded',
    async () => {
      const finance = await console.signIn('finance');
      const { page, faults, close } = await browser.open(`${console.url}/payments`, {
        locale: 'en',
        ...signedInAs(finance),
      });
      const download = page.waitForEvent('download');
      await page.click('form[data-export] button');
      expect((await download).suggestedFilename()).toBe('payments.csv');
      await page.locator('output', { hasText: 'Exported. 1 rows' }).waitFor();
      expect(faults).toEqual([]);
      await close();
    },
    START_MS,
  );
});
