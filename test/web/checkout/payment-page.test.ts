/**
 * The payment page as the server sends it, without a browser: states, languages, escaping, headers, forms, errors, size.
 */
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DomainError } from '../../../src/domain/errors.ts';
import { renderErrorPage } from '../../../src/web/checkout/error-page.ts';
import { createTestClock } from '../../support/clock.ts';
import { startTestGateway, type TestGateway, type TestMerchant } from '../../support/gateway.ts';

interface Intent {
  readonly id: string;
  readonly token: string;
}

const clock = createTestClock();
const HTML = { Accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

let gateway: TestGateway;
let merchant: TestMerchant;

beforeAll(async () => {
  gateway = await startTestGateway({ clock });
  merchant = await gateway.newMerchant();
});
afterAll(() => gateway.close());

const pathOf = ({ id, token }: Intent, more = '') => `/pay/${id}?payment_token=${token}${more}`;
const open = (intent: Intent, more = '', headers: Record<string, string> = HTML) =>
  gateway.request('GET', pathOf(intent, more), { headers });
const confirm = ({ id, token }: Intent, more = '') =>
  gateway.request('POST', `/pay/${id}/confirm?payment_token=${token}${more}`, { headers: HTML });
const attempts = async ({ id }: Intent) =>
  (await gateway.database.db('payment_attempts').where({ intent_id: id })).length;
/** A text of the page without its possible line breaks. */
const textOf = (body: string, pattern: RegExp) => pattern.exec(body)?.[1]?.replaceAll('<wbr>', '');
const stateOf = (body: string) => /<main data-state="(\w+)"/.exec(body)?.[1];
const hintOf = (body: string) => textOf(body, /<p class="hint">(.+?)<\/p>/);
const refreshOf = (body: string) => /http-equiv="refresh" content="(\d+)"/.exec(body)?.[1];
const titleOf = (body: string) =>
  textOf(body, /<h1[^>]*>(?:<span class="own">.*?<\/span><span class="other">)?(.+?)<\/(?:span|h1)>/);

describe('GET /pay/{id}', () => {
  it('is the target of checkout_url', async () => {
    const body = { amount: 1, currency: 'JPY', payment_method_types: ['qr_mpm'], merchant_ref_id: 'o' };
    const created = await gateway.request('POST', '/v1/payment_intents', { as: merchant, body });
    const { id, payment_token: token, checkout_url: url } = created.body;
    expect(url).toBe(`${gateway.url}${pathOf({ id, token })}`);
    expect((await open({ id, token })).status).toBe(200);
  });

  it('shows amount, merchant, store, description and order reference, and starts nothing', async () => {
    const intent = await gateway.newIntent(merchant, { amount: 12_480, description: '焼き鳥 3本' });
    const { status, headers, body } = await open(intent);
    expect([status, headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    for (const text of ['12,480', 'Test Merchant', 'Test Store', '焼き鳥 3本', 'order_1']) {
      expect(body).toContain(text);
    }
    expect([stateOf(body), await attempts(intent)]).toEqual(['ready', 0]);
  });

  it('escapes every text of the merchant', async () => {
    const evil = `"'><script>alert(1)</script>&`;
    const intent = await gateway.newIntent(merchant, { description: evil, merchant_ref_id: evil });
    const { body } = await open(intent);
    expect(body).not.toContain('<script>alert');
    expect(body).toContain('&quot;&#39;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;');
  });

  it('has the language of ?lang, else of Accept-Language, else Japanese; English when others are asked for', async () => {
    const intent = await gateway.newIntent(merchant);
    const langOf = async (more: string, accepted?: string) => {
      const { body } = await open(intent, more, {
        ...HTML,
        ...(accepted && { 'Accept-Language': accepted }),
      });
      return /<html lang="(\w+)"/.exec(body)?.[1];
    };
    expect(await langOf('&lang=en', 'ja')).toBe('en');
    expect(await langOf('&lang=ja', 'en')).toBe('ja');
    expect(await langOf('&lang=en-US', 'ja')).toBe('en');
    expect(await langOf('&lang=JA_jp', 'en')).toBe('ja');
    expect(await langOf('&lang=fr', 'ja')).toBe('ja');
    expect(await langOf('&lang=fr', 'en')).toBe('en');
    expect(await langOf('', 'en-US,en;q=0.9')).toBe('en');
    expect(await langOf('', 'fr;q=0.9,ja-JP;q=0.8,en;q=0.7')).toBe('ja');
    expect(await langOf('', 'ko')).toBe('en');
    expect(await langOf('', '*')).toBe('ja');
  });

  it("shows times in the store's time zone, by default Tokyo's", async () => {
    const upstream = await gateway.newSyncKey();
    const stores = (zone?: string) => [{ id: 'store_001', name: 'S', ...(zone && { time_zone: zone }) }];
    const sync = (zone?: string) =>
      gateway.request('POST', '/v1/sync/merchants', {
        as: upstream,
        body: { merchants: [{ id: merchant.merchantId, name: 'Test Merchant', stores: stores(zone) }] },
      });
    const intent = await gateway.newIntent(merchant);
    const { body: retrieved } = await gateway.retrieve(intent);
    const timeIn = (timeZone: string) =>
      new Date(retrieved.expires_at).toLocaleTimeString('en-GB', { timeStyle: 'short', timeZone });
    expect((await open(intent)).body).toContain(timeIn('Asia/Tokyo'));
    await sync('America/New_York');
    await sync();
    expect((await open(intent)).body).toContain(timeIn('America/New_York'));
    await sync('Asia/Tokyo');
    const refused = await sync('Asia/Edo');
    expect(refused.body.details).toMatchObject({
      field: 'merchants.0.stores.0.time_zone',
      constraint: 'format',
    });
  });

  it('forbids inline and foreign resources, is not cached, and sends no Referer', async () => {
    const { headers } = await open(await gateway.newIntent(merchant));
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain('unsafe');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  });

  it("can be embedded by the merchant's origins after they are synced and until they are removed", async () => {
    const upstream = await gateway.newSyncKey();
    const own = await gateway.newMerchant();
    const intent = await gateway.newIntent(own);
    const sync = (ancestors?: string[]) =>
      gateway.request('POST', '/v1/sync/merchants', {
        as: upstream,
        body: {
          merchants: [
            { id: own.merchantId, name: 'M', ...(ancestors && { checkout_frame_ancestors: ancestors }) },
          ],
        },
      });
    const policy = async () => (await open(intent)).headers.get('content-security-policy');
    await sync(['https://shop.example.com', 'https://till.example.com:8443']);
    await sync();
    expect(await policy()).toMatch(
      /frame-ancestors https:\/\/shop\.example\.com https:\/\/till\.example\.com:8443$/,
    );
    await sync([]);
    expect(await policy()).toMatch(/frame-ancestors 'none'$/);
    for (const origin of ['http://shop.example.com', 'https://a.example; script-src *', "'unsafe-inline'"]) {
      expect((await sync([origin])).status).toBe(400);
    }
  });

  it('accepts unknown query parameters, because messengers add them to links', async () => {
    const intent = await gateway.newIntent(merchant);
    expect((await open(intent, '&fbclid=x&utm_source=line')).status).toBe(200);
  });

  it('weighs less than 30 kB with its script and style, gzipped', async () => {
    const intent = await gateway.newIntent(merchant, { description: '焼き鳥'.repeat(60) });
    await confirm(intent);
    const { body } = await open(intent);
    const assets = [...body.matchAll(/"(\/assets\/[^"]+)"/g)].map(([, path]) => String(path));
    const texts = await Promise.all(assets.map(async (path) => (await gateway.request('GET', path)).body));
    const bytes = [body, ...texts].reduce((sum, text) => sum + gzipSync(text).length, 0);
    expect(assets).toHaveLength(2);
    expect(bytes).toBeLessThan(30_000);
  });
});

describe('its states', () => {
  it.each(['ja', 'en'])('%s: ready, scan, failed and paid have their own titles', async (lang) => {
    const intent = await gateway.newIntent(merchant);
    const titles: (string | undefined)[] = [];
    const recordTitle = async () => {
      const { body } = await open(intent, `&lang=${lang}`);
      titles.push(`${stateOf(body)}: ${titleOf(body)}`);
    };
    await recordTitle();
    await confirm(intent);
    await recordTitle();
    await gateway.sandbox.decline({ qrContent: (await gateway.confirm(intent)).body.qr_content });
    await clock.advance(3_000);
    await recordTitle();
    await confirm(intent);
    await gateway.sandbox.pay({ qrContent: (await gateway.confirm(intent)).body.qr_content });
    await clock.advance(3_000);
    await recordTitle();
    expect(titles).toMatchSnapshot();
  });

  it('cancelled, expired, and cash at the till', async () => {
    const cancelled = await gateway.newIntent(merchant);
    await gateway.request('POST', `/v1/payment_intents/${cancelled.id}/cancel`, { as: merchant });
    expect(stateOf((await open(cancelled)).body)).toBe('cancelled');
    const cash = await gateway.newIntent(merchant, { payment_method_types: ['cash'] });
    expect(stateOf((await open(cash)).body)).toBe('cash');
    // PayPay takes yen only, so what is due in dollars can be paid at the till alone.
    const dollars = await gateway.newIntent(merchant, {
      currency: 'USD',
      payment_method_types: ['qr_mpm', 'cash'],
    });
    expect(stateOf((await open(dollars)).body)).toBe('cash');
    const capture = await gateway.request('POST', `/v1/payment_intents/${dollars.id}/capture`, {
      as: merchant,
    });
    expect(capture.body).toMatchObject({ status: 'succeeded', amount_captured: 1000, currency: 'USD' });
    expect(stateOf((await open(dollars)).body)).toBe('paid');
    const expired = await gateway.newIntent(merchant, { expires_in_minutes: 1 });
    await clock.advance(61_000);
    expect(stateOf((await open(expired)).body)).toBe('expired');
  });

  it('refreshes an expired payment without a script, for a late success, but not for ever', async () => {
    const intent = await gateway.newIntent(merchant, { expires_in_minutes: 1 });
    await clock.advance(61_000);
    expect(refreshOf((await open(intent)).body)).toBe('60');
    await clock.advance(600_000);
    const { body } = await open(intent);
    expect([stateOf(body), refreshOf(body)]).toEqual(['expired', undefined]);
  });

  it('says that the payment was refunded, before another attempt and at the end', async () => {
    const intent = await gateway.newIntent(merchant, { expires_in_minutes: 1 });
    const { body: code } = await gateway.confirm(intent);
    const paid = await gateway.sandbox.pay({ qrContent: code.qr_content });
    if (!paid.isAccepted) {
      throw new Error('the sandbox refuses the payer');
    }
    await gateway.deps.providers.find('PAYPAY')?.refunds?.createRefund({
      account: { merchantId: `paypay_${merchant.merchantId}` },
      refundId: 'refund_1',
      providerPaymentId: String(paid.payment.paymentId),
      money: { amount: 1000, currency: 'JPY' },
      requestedAt: clock.now(),
    });
    await clock.advance(6_000);
    const failed = (await open(intent, '&lang=en')).body;
    const hint = 'The amount you paid has been refunded to you in PayPay.';
    expect([stateOf(failed), titleOf(failed), hintOf(failed)]).toEqual([
      'failed',
      'Your payment was refunded',
      hint,
    ]);
    expect(titleOf((await open(intent, '&lang=ja')).body)).toBe('お支払いは返金されました');
    await clock.advance(60_000);
    const expired = (await open(intent, '&lang=en')).body;
    expect([stateOf(expired), titleOf(expired), hintOf(expired)]).toEqual([
      'expired',
      'This payment has expired',
      hint,
    ]);
  });

  it('a paid payment shows time, reference, method and the captured amount', async () => {
    const intent = await gateway.newIntent(merchant, { payment_method_types: ['qr_mpm', 'cash'] });
    const path = `/v1/payment_intents/${intent.id}/capture`;
    await gateway.request('POST', path, { as: merchant, body: { amount: 900 } });
    const { body } = await open(intent, '&lang=en');
    for (const text of [intent.id, 'Cash', 'Paid at', '900']) {
      expect(body).toContain(text);
    }
  });

  it("on a till's display it shows shop, amount, order, QR and state, and nothing to press", async () => {
    const intent = await gateway.newIntent(merchant, { description: 'Yakitori' });
    await confirm(intent, '&display=till');
    const { body } = await open(intent, '&display=till');
    expect(body).toContain('class="till"');
    expect(body).toContain('class="qr"');
    for (const text of ['Test Merchant', 'order_1', '1,000']) {
      expect(body).toContain(text);
    }
    for (const text of ['Yakitori', 'English', '<details', 'class="button"']) {
      expect(body).not.toContain(text);
    }
  });

  it('offers a new code after a live code expired', async () => {
    const intent = await gateway.newIntent(merchant);
    await confirm(intent);
    await clock.advance(301_000);
    const { body } = await open(intent, '&lang=en');
    expect([stateOf(body), /data-auto="0"/.test(body)]).toEqual(['ready', true]);
    // Without a script, waiting changes nothing: the payer has to press the button.
    expect([titleOf(body), hintOf(body)]).toEqual([
      'A new code is needed',
      'The last one can no longer be used. Press the button for a new one.',
    ]);
    // For some seconds after its expiry the old code may still turn out paid.
    expect((await confirm(intent)).status).toBe(303);
    const between = await open(intent, '&lang=en');
    expect([stateOf(between.body), titleOf(between.body)]).toEqual(['processing', 'Preparing a new code']);
    await clock.advance(10_000);
    expect(stateOf((await open(intent)).body)).toBe('ready');
    await confirm(intent);
    expect([stateOf((await open(intent)).body), await attempts(intent)]).toEqual(['scan', 2]);
  });
});

describe('POST /pay/{id}/confirm', () => {
  it('starts an attempt and redirects to the page, with the same language and display', async () => {
    const intent = await gateway.newIntent(merchant);
    const { status, headers } = await confirm(intent, '&lang=en&display=till');
    expect([status, headers.get('location')]).toEqual([303, pathOf(intent, '&lang=en&display=till')]);
    expect(await attempts(intent)).toBe(1);
    const locationOf = async (more: string) => (await confirm(intent, more)).headers.get('location');
    expect(await locationOf('&lang=en-US')).toBe(pathOf(intent, '&lang=en'));
    expect(await locationOf('&lang=fr')).toBe(pathOf(intent));
  });

  it('also redirects when there is nothing to confirm any more, because the page shows why', async () => {
    const cancelled = await gateway.newIntent(merchant);
    await gateway.request('POST', `/v1/payment_intents/${cancelled.id}/cancel`, { as: merchant });
    expect((await confirm(cancelled)).status).toBe(303);
  });

  it('responds with a page when the provider is unavailable', async () => {
    const intent = await gateway.newIntent(merchant);
    gateway.sandbox.faults.add({ operation: 'createCode', kind: 'maintenance', times: 1 });
    const { status, headers, body } = await confirm(intent, '&lang=en');
    expect([status, headers.get('content-type')]).toEqual([503, 'text/html; charset=utf-8']);
    expect(titleOf(body)).toBe('PayPay cannot be reached');
  });
});

describe('errors', () => {
  it.each([
    ['a wrong token', 401, 'This link does not work', (id: string) => `/pay/${id}?payment_token=x&lang=en`],
    ['no token', 401, 'This link does not work', (id: string) => `/pay/${id}?lang=en`],
    ['no such payment', 401, 'This link does not work', () => '/pay/pi_x?payment_token=x&lang=en'],
    ['a mistyped link', 404, 'Payment not found', (id: string) => `/pay/${id}/?lang=en`],
    [
      'no such display',
      400,
      'This link does not work',
      (id: string) => `/pay/${id}?payment_token=TOKEN&lang=en&display=x`,
    ],
  ])('%s is a page for a browser and JSON for a program', async (_, status, title, path) => {
    const intent = await gateway.newIntent(merchant);
    const target = path(intent.id).replace('TOKEN', intent.token);
    const page = await gateway.request('GET', target, { headers: { ...HTML, 'Accept-Language': 'en' } });
    expect([page.status, titleOf(page.body)]).toEqual([status, title]);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    const json = await gateway.request('GET', target);
    expect([json.status, typeof json.body.code]).toEqual([status, 'string']);
  });

  it.each([
    ['en', 'This page cannot do that'],
    ['ja', 'この操作はできません'],
  ])('a method that the page does not have is a page that says so, in %s', async (language, title) => {
    const sampled = await startTestGateway({ contractSample: 1 });
    const { status, headers, body } = await sampled.request('PUT', `/pay/pi_x?lang=${language}`, {
      headers: HTML,
    });
    expect([status, titleOf(body), headers.get('Allow')]).toEqual([405, title, 'GET, HEAD']);
    // Otherwise anybody could raise the alarm about deviations from the contract.
    expect(sampled.logLines.join('')).not.toContain('contract');
    expect((await sampled.deps.metrics.render()).text).not.toMatch(/^pgw_contract_deviations_total\{/m);
    await sampled.close();
  });

  it('in Japanese by default', async () => {
    const page = await gateway.request('GET', '/pay/pi_x?payment_token=x', { headers: HTML });
    expect(titleOf(page.body)).toBe('このリンクは使えません');
  });

  it('does not claim that no money was taken while that is not known', () => {
    const unavailable = new DomainError('provider_unavailable', 'Unavailable');
    const hintIn = (language: 'ja' | 'en') =>
      hintOf(
        renderErrorPage(unavailable, { id: 'pi_x', paymentToken: 'secret', language, display: undefined }),
      );
    expect(hintIn('en')).toBe(
      'Wait a moment, then try again. If you have already paid, this page will show it.',
    );
    expect(hintIn('ja')).not.toContain('代金は支払われていません');
  });

  it('a temporary error offers a retry, which the script makes after Retry-After', () => {
    const address = { id: 'pi_x', paymentToken: 'secret', language: 'en', display: undefined } as const;
    const limit = new DomainError('rate_limit_exceeded', 'Too many', { retryAfterMs: 12_000 });
    const body = renderErrorPage(limit, address);
    expect([titleOf(body), /data-auto="(\d+)"/.exec(body)?.[1]]).toEqual(['Very busy right now', '12']);
    expect(body).toContain('name="payment_token" value="secret"');
    expect(renderErrorPage(new DomainError('not_found', 'No'), address)).not.toContain('<form');
  });
});

describe('GET /assets/{file}', () => {
  it('lets browsers cache the current version for ever, and no other', async () => {
    const { body } = await open(await gateway.newIntent(merchant));
    const path = /"(\/assets\/[^"]+\.js)"/.exec(body)?.[1] ?? '';
    const current = await gateway.request('GET', path);
    expect(current.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(current.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    const other = await gateway.request('GET', '/assets/payment-page.0123456789ab.js');
    expect([other.body === current.body, other.headers.get('cache-control')]).toEqual([true, 'no-store']);
    expect((await gateway.request('GET', '/assets/payment-page.js')).status).toBe(400);
  });
});
