/** The script of the sandbox's pages, in a browser. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Sandbox, startSandbox } from '../../../src/sandbox/sandbox.ts';
import {
  hasChromium,
  needsChromium,
  PHONE,
  startChromium,
  type TestBrowser,
} from '../../support/chromium.ts';
import { API_KEY, API_SECRET, createCode } from '../support/paypay-client.ts';

describe.skipIf(!hasChromium)(`in a browser${needsChromium}`, () => {
  let browser: TestBrowser;
  let sandbox: Sandbox;
  let url: string;
  beforeAll(async () => {
    browser = await startChromium();
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    sandbox = await startSandbox({ credentials: [{ apiKey: API_KEY, apiSecret: API_SECRET }] });
    url = String((await createCode(sandbox.url, 'inv-1')).url);
  });
  afterEach(() => sandbox.close());

  test('an open page shows a payment that was made elsewhere, without being loaded again', async () => {
    for (const address of [url, `${sandbox.url}/`]) {
      await sandbox.reset();
      url = String((await createCode(sandbox.url, 'inv-1')).url);
      const { page, faults, close } = await browser.open(address === `${sandbox.url}/` ? address : url);
      await page.evaluate('globalThis.isSamePage = true');
      await page.getByRole('button', { name: 'Pay', exact: true }).waitFor();
      await sandbox.pay({ qrContent: url });
      await page.getByText('COMPLETED', { exact: true }).waitFor();
      expect(await page.getByRole('button', { name: 'Pay', exact: true }).count()).toBe(0);
      expect(await page.evaluate('globalThis.isSamePage')).toBe(true);
      expect(faults).toEqual([]);
      await close();
    }
  });

  test('what somebody is typing stays while the page follows the payment', async () => {
    await sandbox.pay({ qrContent: url });
    const { page, close } = await browser.open(url);
    await page.getByLabel('Amount in yen').fill('300');
    const refreshed = page.waitForResponse((response) => response.url() === url);
    await sandbox.merchantConsole.refund({ qrContent: url, amount: 200 });
    await refreshed;
    expect(await page.getByLabel('Amount in yen').inputValue()).toBe('300');
    await page.getByRole('button', { name: 'Refund this amount' }).click();
    await page.getByText('¥300').waitFor();
    expect(sandbox.ledger()[0]?.refunds.map(({ amount }) => amount)).toEqual([200, 300]);
    await close();
  });

  test('the result of a form stays while the page follows the payment', async () => {
    const { page, close } = await browser.open(url);
    await page.getByRole('button', { name: 'Decline' }).click();
    const result = page.getByRole('status');
    await result.waitFor();
    await page.waitForResponse((response) => response.url() === url);
    await page.waitForResponse((response) => response.url() === url);
    expect(await result.textContent()).toContain('no money was taken');
    await close();
  });

  test("times are shown in the reader's own time zone", async () => {
    const { page, close } = await browser.open(url, { timezoneId: 'Asia/Tokyo', locale: 'ja-JP' });
    const [shown, iso] = await page
      .locator('time')
      .first()
      .evaluate((time) => [time.textContent, time.getAttribute('datetime')]);
    const expected = new Intl.DateTimeFormat('ja-JP', { timeStyle: 'medium', timeZone: 'Asia/Tokyo' });
    expect(shown).toContain(expected.format(new Date(String(iso))));
    await close();
  });

  describe('a payer who comes from a payment page', () => {
    let shop: Server;
    let shopUrl: string;
    beforeAll(async () => {
      shop = createServer((_, response) => {
        response.setHeader('Content-Type', 'text/html');
        response.setHeader('Referrer-Policy', 'no-referrer');
        response.end(`<!doctype html><title>Shop</title><a href="${url}">Open PayPay</a>`);
      });
      await new Promise<void>((resolve) => shop.listen(0, '127.0.0.1', resolve));
      shopUrl = `http://127.0.0.1:${(shop.address() as AddressInfo).port}/pay`;
    });
    afterAll(() => {
      shop.closeAllConnections();
      shop.close();
    });

    test('pays with one tap and gets back to it with one more', async () => {
      const { page, close } = await browser.open(shopUrl, { viewport: PHONE });
      await page.getByText('Open PayPay').click();
      const pay = page.getByRole('button', { name: 'Pay', exact: true });
      expect((await pay.boundingBox())?.y).toBeLessThan(PHONE.height / 2);
      await pay.click();
      await page.getByText('COMPLETED', { exact: true }).waitFor();
      expect(sandbox.ledger()).toMatchObject([{ status: 'COMPLETED' }]);
      await page.getByRole('button', { name: 'Go back' }).click();
      await page.waitForURL(shopUrl);
      await close();
    });
  });

  test('there is no way back where the payer came from nowhere, or from the list of payments', async () => {
    const { page, close } = await browser.open(`${sandbox.url}/`);
    await page.getByRole('link', { name: 'inv-1' }).click();
    await page.getByRole('button', { name: 'Pay', exact: true }).waitFor();
    expect(await page.getByRole('button', { name: 'Go back' }).count()).toBe(0);
    await close();
  });
});
