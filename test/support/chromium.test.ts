/**
 * The watched browser reports what it has to report.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasChromium, needsChromium, PHONE, startChromium, type TestBrowser } from './chromium.ts';

const BAD_PAGE = `<!doctype html><title>bad</title>
<p style="width: 600px">inline</p><div style="width:600px"></div><pre>${'x'.repeat(200)}</pre>
<img src="http://127.0.0.1:1/picture.png"><script>alert(1)</script>`;
const GOOD_PAGE = '<!doctype html><html lang="en"><title>good</title><main><h1>Good</h1></main>';

describe.skipIf(!hasChromium)(`the watched browser${needsChromium}`, () => {
  let browser: TestBrowser;
  let server: Server;
  let url: string;

  beforeAll(async () => {
    server = createServer((request, response) => {
      response.setHeader('Content-Type', 'text/html');
      response.setHeader('Content-Security-Policy', "default-src 'none'; img-src *");
      response.end(request.url === '/good' ? GOOD_PAGE : BAD_PAGE);
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    browser = await startChromium();
  });
  afterAll(async () => {
    await browser.close();
    server.close();
  });

  it('finds no fault with a correct page', async () => {
    const { overflow, accessibilityFaults, faults } = await browser.open(`${url}/good`, { viewport: PHONE });
    expect(await overflow()).toBe(0);
    expect(await accessibilityFaults()).toEqual([]);
    expect(faults.filter((fault) => !fault.includes('favicon'))).toEqual([]);
  });

  it('reports violations of the policy, foreign requests, overflow, and accessibility faults', async () => {
    const { overflow, accessibilityFaults, faults } = await browser.open(`${url}/bad`, { viewport: PHONE });
    expect(faults).toContainEqual(expect.stringMatching(/^console: Executing inline script violates/));
    expect(faults).toContainEqual(expect.stringMatching(/^console: Applying inline style violates/));
    expect(faults).toContain('foreign: http://127.0.0.1:1/picture.png');
    expect(await overflow()).toBeGreaterThan(100);
    expect(await accessibilityFaults()).toContainEqual(expect.stringMatching(/^image-alt: /));
  });
});
