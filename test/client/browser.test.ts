/**
 * The client in a browser, on a page of another origin than the gateway's: the compiled modules without a bundler, and
 * the operations that accept a payment_token.
 */
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { authorizationHeader } from '../../src/lib/signing.ts';
import {
  hasChromium,
  needsChromium,
  startChromium,
  type TestBrowser,
  type WatchedPage,
} from '../support/chromium.ts';
import { startTestGateway, type TestGateway, type TestMerchant } from '../support/gateway.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const SLOW_MS = 120_000;

const PAGE = `<!doctype html><title>A shop</title><link rel="icon" href="data:,">
<script type="importmap">{ "imports": { "openapi-fetch": "/node_modules/openapi-fetch/dist/index.mjs" } }</script>`;

/** A shop's web server: its page and the compiled client. */
async function startShop(): Promise<Server> {
  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    const isModule = /^\/(dist\/src|node_modules\/openapi-fetch\/dist)\/[\w/-]+\.m?js$/.test(path);
    response.setHeader('Content-Type', isModule ? 'text/javascript' : 'text/html');
    response.end(isModule ? readFileSync(ROOT + path) : PAGE);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return server;
}

describe.skipIf(!hasChromium)(`the client in a browser${needsChromium}`, () => {
  let gateway: TestGateway;
  let merchant: TestMerchant;
  let shop: Server;
  let browser: TestBrowser;
  let window: WatchedPage;
  beforeAll(async () => {
    [gateway, shop, browser] = await Promise.all([startTestGateway(), startShop(), startChromium()]);
    merchant = await gateway.newMerchant();
    window = await browser.open(`http://127.0.0.1:${(shop.address() as AddressInfo).port}/`);
  }, SLOW_MS);
  afterAll(async () => {
    await browser.close();
    shop.close();
    await gateway.close();
  });

  async function createIntent(): Promise<{ id: string; payment_token: string }> {
    const body = JSON.stringify({
      amount: 1000,
      currency: 'JPY',
      payment_method_types: ['qr_mpm'],
      merchant_ref_id: 'browser',
    });
    return (await gateway.request('POST', '/v1/payment_intents', { as: merchant, body })).body;
  }

  /** Runs a function body in the page with `payer`, `id` and `paymentToken` in scope; returns its result as JSON. */
  const inPage = <T>(intent: { id: string; payment_token: string }, code: string) =>
    window.page.evaluate<T>(`(async () => {
      const { createClient, PgwError } = await import('/dist/src/client/index.js');
      const payer = createClient({ baseUrl: ${JSON.stringify(gateway.url)} });
      const [id, paymentToken] = ${JSON.stringify([intent.id, intent.payment_token])};
      ${code}
    })()`);

  it(
    'confirms, waits for the payment and sees it succeed',
    async () => {
      const intent = await createIntent();
      const qrContent = await inPage<string>(
        intent,
        'return (await payer.confirmPaymentIntent(id, { paymentToken })).qr_content;',
      );
      const waiting = inPage(
        intent,
        `const seen = [];
       const ended = await payer.waitForPayment(id, { paymentToken, intervalMs: 50, onChange: ({ status }) => seen.push(status) });
       return [...seen, ended.amount_captured];`,
      );
      await gateway.sandbox.pay({ qrContent });
      await gateway.sandbox.idle();
      await gateway.runPasses();
      expect((await waiting) as unknown[]).toEqual(expect.arrayContaining(['succeeded', 1000]));
    },
    SLOW_MS,
  );

  it(
    'retrieves and cancels',
    async () => {
      const statuses = await inPage(
        await createIntent(),
        `const before = await payer.retrievePaymentIntent(id, { paymentToken });
       const after = await payer.cancelPaymentIntent(id, { paymentToken });
       return [before.status, after.status];`,
      );
      expect(statuses).toEqual(['requires_payment_method', 'cancelled']);
    },
    SLOW_MS,
  );

  it(
    'throws errors as PgwError, with the id of the request',
    async () => {
      const error = await inPage(
        await createIntent(),
        `const error = await payer.retrievePaymentIntent(id, { paymentToken: 'wrong' }).catch((thrown) => thrown);
       return [error instanceof PgwError, error.status, error.code, typeof error.requestId];`,
      );
      expect(error).toEqual([true, 401, 'invalid_token', 'string']);
    },
    SLOW_MS,
  );

  it('signs with the Web Crypto API as the server does', async () => {
    const signed = await window.page.evaluate<string>(`(async () => {
      const { createClient } = await import('/dist/src/client/index.js');
      let sent;
      const fetch = async (request) => { sent = request.headers.get('Authorization'); return new Response('[]'); };
      const credentials = { apiKey: 'ak_1', secretKey: 'sk_1' };
      const clock = { now: () => new Date(1768471200000), sleep: async () => {} };
      await createClient({ baseUrl: ${JSON.stringify(gateway.url)}, credentials, clock, fetch }).listPaymentIntents();
      return sent;
    })()`);
    const request = { method: 'GET', path: '/v1/payment_intents', body: '' };
    expect(signed).toBe(
      authorizationHeader({ apiKey: 'ak_1', secretKey: 'sk_1' }, request, new Date(1768471200000)),
    );
  });
});
