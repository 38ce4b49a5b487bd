/** The sandbox's pages: read as text, with forms submitted as a browser submits them. */

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Sandbox, startSandbox } from '../../../src/sandbox/sandbox.ts';
import { findForms, press as pressButton } from '../support/forms.ts';
import { API_KEY, API_SECRET, call, createCode, makeCodeBody, send } from '../support/paypay-client.ts';

let sandbox: Sandbox;

beforeEach(async () => {
  const credentials = [{ apiKey: API_KEY, apiSecret: API_SECRET }];
  sandbox = await startSandbox({ credentials, webhookMode: 'manual' });
});

afterEach(() => sandbox.close());

const read = (url: string) => send(url, 'GET', '', {});

const press = (page: string, label: string, more?: Record<string, string>) =>
  pressButton(sandbox.url, page, label, more);

describe('the cashier page', () => {
  test('shows amount and description, and pays', async () => {
    const { url } = await createCode(sandbox.url, 'inv-1', 12345);
    const page = await read(url);
    expect(page.status).toBe(200);
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(page.text).toContain('¥12,345');
    expect(page.text).toContain('抹茶ラテ');
    expect(page.text).toContain('name="viewport"');
    const after = await press(page.text, 'Pay');
    expect(after).toContain('<p class="notice" role="status">Paid.</p>');
    expect(after).toContain('COMPLETED');
    expect([...findForms(after).keys()]).not.toContain('Pay');
    expect(sandbox.ledger()).toMatchObject([{ status: 'COMPLETED', moneyTaken: 12345 }]);
  });

  test('declines', async () => {
    const { url } = await createCode(sandbox.url, 'inv-1');
    expect(await press((await read(url)).text, 'Decline')).toContain('FAILED');
    expect(sandbox.ledger()).toMatchObject([{ status: 'FAILED', moneyTaken: 0 }]);
  });

  test('lets a tester, but not a payer, pay an expired or deleted code', async () => {
    const { url, codeId } = await createCode(sandbox.url, 'inv-1');
    await call(sandbox.url, 'DELETE', `/v2/codes/${codeId}`);
    const page = (await read(url)).text;
    expect(page).toContain('The shop has deleted this code.');
    expect([...findForms(page).keys()]).not.toContain('Pay');
    sandbox.clock.advance(400_000);
    expect(await press(page, 'Pay late (scanned earlier)')).toContain('Paid.');
  });

  test('says that the second of two payments is refused', async () => {
    const { url } = await createCode(sandbox.url, 'inv-1');
    expect(await press((await read(url)).text, 'Pay twice')).toContain(
      'Second time: The code has already been paid',
    );
  });

  test('shows an expired code as expired', async () => {
    const { url } = await createCode(sandbox.url, 'inv-1');
    sandbox.clock.advance(300_000);
    expect((await read(url)).text).toContain('This code has expired.');
  });

  test('says what to do about an unknown code', async () => {
    const page = await read(`${sandbox.url}/app/cashier?code=04-AAAAAAAAAAAAAAAA`);
    expect(page.status).toBe(404);
    expect(page.text).toContain('Ask the shop for a new code');
  });

  test('escapes everything that a merchant sends', async () => {
    const attack = `"><script>alert(1)</script><img src=x onerror='a'>`;
    const body = {
      ...makeCodeBody('inv-1'),
      orderDescription: attack,
      storeId: attack,
      redirectUrl: `javascript:alert(1)//${attack}`,
    };
    const created = await call(sandbox.url, 'POST', '/v2/codes', body);
    const cashier = await read(String(created.data['url']));
    const home = await read(`${sandbox.url}/`);
    for (const page of [cashier, home]) {
      expect(page.text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
      expect(page.text).not.toMatch(/<script>|<img|javascript:/);
      expect(page.text.match(/<script/g)).toHaveLength(1);
      expect(page.headers['content-security-policy']).toMatch("default-src 'none'");
    }
  });

  test('links back to the shop', async () => {
    const body = { ...makeCodeBody('inv-1'), redirectUrl: 'https://shop.example/?a=1&b=2' };
    const created = await call(sandbox.url, 'POST', '/v2/codes', body);
    expect((await read(String(created.data['url']))).text).toContain(
      'href="https://shop.example/?a=1&amp;b=2"',
    );
  });
});

describe('the home page', () => {
  const home = async () => (await read(`${sandbox.url}/`)).text;

  test('says how to start when there are no payments', async () => {
    expect(await home()).toContain('No codes yet');
  });

  test('lists payments, pays them, and copies their webhooks', async () => {
    await createCode(sandbox.url, 'inv-1');
    const paid = await press(await home(), 'Pay');
    expect(paid).toContain('inv-1');
    expect(paid).toContain('taken ¥1,200');
    expect(await press(paid, 'Send a copy')).toContain('The webhook was copied.');
    expect(sandbox.webhooks.list()).toHaveLength(2);
  });

  test('moves the clock, sets API and delivery faults, and resets', async () => {
    await createCode(sandbox.url, 'inv-1');
    await press(await home(), '+5 minutes');
    expect(sandbox.clock.offsetMs()).toBe(300_000);
    const withFault = await press(await home(), 'Set API fault', {
      operation: 'any',
      kind: 'hang',
      when: '',
      times: '2',
    });
    expect(withFault).toContain('The fault is set.');
    expect(sandbox.faults.list()).toMatchObject([{ operation: 'any', kind: 'hang', times: 2 }]);
    const refused = await press(withFault, 'Set API fault', {
      operation: 'any',
      kind: 'hang',
      times: 'often',
    });
    expect(refused).toContain('times must be a number.');
    await press(await home(), 'Remove all API faults');
    expect(sandbox.faults.list()).toEqual([]);
    const form = { game: 'drop', probability: '0.5' };
    expect(await press(await home(), 'Set delivery fault', form)).toContain('The delivery fault is set.');
    expect(sandbox.webhooks.deliveryFaults.list()).toMatchObject([{ kind: 'drop', probability: 0.5 }]);
    expect(await press(await home(), 'Reset everything')).toContain('No codes yet');
    expect(sandbox.ledger()).toEqual([]);
  });

  test.each([
    '//evil.example/',
    'https://evil.example/',
    '/\\evil.example',
    '/.//evil.example',
    '/app/..//evil.example',
    '/%2e//evil.example',
    '/\t/evil.example',
    'javascript:alert(1)',
    '//[',
    '',
  ])('never redirects the browser to %s', async (target) => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const body = new URLSearchParams({ return_to: target }).toString();
    const answer = await send(`${sandbox.url}/_control/reset`, 'POST', body, headers);
    expect(answer.headers.location).toMatch(/^\/\?notice=/);
  });
});

test('the pages show only results of forms, never text from their URL', async () => {
  const { url } = await createCode(sandbox.url, 'inv-1');
  for (const page of [`${sandbox.url}/?`, `${url}&`]) {
    for (const notice of ['Your+account+is+locked', '1', '__proto__']) {
      expect((await read(`${page}notice=${notice}`)).text).not.toContain('class="notice"');
    }
  }
});

test('the pages cannot be framed, nor read through a DNS name that resolves to this machine', async () => {
  const { url } = await createCode(sandbox.url, 'inv-1');
  for (const page of [`${sandbox.url}/`, url]) {
    expect((await read(page)).headers['content-security-policy']).toContain("frame-ancestors 'none'");
    expect((await send(page, 'GET', '', { host: 'evil.example' })).status).toBe(403);
    expect((await send(page, 'GET', '', { 'sec-fetch-site': 'cross-site' })).status).toBe(200);
  }
});

test('the pages show the shop, the order and the payment intent that a gateway knows, and work without it', async () => {
  const names = { intentId: 'pi_01JHMB5V00ZX8Y7W6V5T4S3R2Q', orderId: 'order_7', shopName: 'Tokyo Branch' };
  let isBroken = false;
  const knowing = await startSandbox({
    credentials: [{ apiKey: API_KEY, apiSecret: API_SECRET }],
    findOrigins: async (ids) => {
      if (isBroken) {
        throw new Error('the database is away');
      }
      return new Map(ids.map((id) => [id, names]));
    },
  });
  const { url } = await createCode(knowing.url, 'inv-1');
  for (const page of [`${knowing.url}/`, String(url)]) {
    isBroken = false;
    const { text } = await read(page);
    for (const name of Object.values(names)) {
      expect(text).toContain(name);
    }
    isBroken = true;
    const without = await read(page);
    expect([without.status, without.text]).toEqual([200, expect.stringContaining('inv-1')]);
  }
  await knowing.close();
});

test('the script of the pages is theirs alone, and no browser takes it for something else', async () => {
  const { headers, text } = await read(`${sandbox.url}/app/assets/pages.js`);
  expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff' });
  expect(headers['content-type']).toContain('text/javascript');
  expect(text).toContain('data-live');
  const page = await read(`${sandbox.url}/`);
  expect(page.headers['content-security-policy']).toContain("script-src 'self'; connect-src 'self'");
});

describe('magic amounts on the home page', () => {
  test('are listed, switched on and off again', async () => {
    const page = (await read(`${sandbox.url}/`)).text;
    expect(page).toContain('They are <strong>off</strong>');
    expect(page).toContain('¥990,001');
    const on = await press(page, 'Switch magic amounts on');
    expect(on).toContain('They are <strong>on</strong>');
    expect(sandbox.behaviour.magicAmounts).toBe(true);
    expect(await press(on, 'Switch magic amounts off')).toContain('They are <strong>off</strong>');
  });
});
