/**
 * `pgw keys`: the scopes and limits of keys, as the operator gives and sees them.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestGateway, type TestGateway, type TestMerchant } from '../support/gateway.ts';
import { startProgram } from '../support/program.ts';
import { newPaidIntent, requestRefund } from '../support/refunds.ts';

let gateway: TestGateway;
let merchant: TestMerchant;
beforeAll(async () => {
  gateway = await startTestGateway();
  merchant = await gateway.newMerchant();
});
afterAll(() => gateway.close());

async function pgw(...args: string[]): Promise<{ code: number | string; output: string }> {
  const program = startProgram(args, { DATABASE_URL: gateway.database.url });
  const code = await program.ended;
  return { code, output: program.output() };
}

/** Creates or replaces a key, and reads its name, secret and scopes. */
async function makeKey(...args: string[]) {
  const { output } = await pgw('keys', ...args, '--json');
  const { api_key: apiKey, secret_key: secretKey, scopes } = JSON.parse(output);
  return { apiKey, secretKey, scopes };
}

describe('pgw keys create', () => {
  it('gives a key all scopes but refunds:cash, unless --scope names them', async () => {
    const usual = await makeKey('create', '--merchant', merchant.merchantId);
    expect(usual.scopes).toEqual(['payments', 'refunds', 'events', 'reports']);
    const till = await makeKey(
      'create',
      '--merchant',
      merchant.merchantId,
      '--scope',
      'refunds, refunds:cash',
    );
    expect(till.scopes).toEqual(['refunds', 'refunds:cash']);
    const intent = await newPaidIntent(gateway, merchant);
    const refund = { amount: 100, method: 'cash' };
    expect((await requestRefund(gateway, usual, intent, refund)).status).toBe(403);
    expect((await requestRefund(gateway, till, intent, refund)).status).toBe(201);
    const body = { amount: 1, currency: 'JPY', payment_method_types: ['qr_mpm'], merchant_ref_id: 'o' };
    const created = await gateway.request('POST', '/v1/payment_intents', { as: till, body });
    expect(created.status).toBe(403);
  });

  it.each([
    ['payments,refund', 'refund'],
    ['payments,sync', 'sync'],
    ['payments,', '""'],
  ])('refuses --scope %s and names the scopes that a merchant can have', async (scope, unknown) => {
    const { code, output } = await pgw('keys', 'create', '--merchant', merchant.merchantId, '--scope', scope);
    expect(code).not.toBe(0);
    expect(output).toContain(`--scope ${unknown} is not one of payments, refunds, refunds:cash, events`);
  });
});

describe('the limits of a key', () => {
  const LIMITS = ['--store', 'store_001', '--allow-ip', '203.0.113.7, 2001:db8::/32', '--max-refund', '5000'];

  it('are printed after the four fields of every key, on one line, and only where there are any', async () => {
    const create = ['keys', 'create', '--merchant', merchant.merchantId, '--json'];
    const plain = await pgw(...create);
    const limited = await pgw(...create, ...LIMITS, '--expires', '2099-01-31', '--label', 'Tills');
    const first = ['api_key', 'secret_key', 'merchant_id', 'scopes'];
    expect(plain.output.trim().split('\n')).toHaveLength(1);
    expect(Object.keys(JSON.parse(plain.output))).toEqual(first);
    const shown = JSON.parse(limited.output);
    expect(Object.keys(shown).slice(0, 4)).toEqual(first);
    expect(shown).toMatchObject({
      label: 'Tills',
      store_ids: ['store_001'],
      allowed_ips: ['203.0.113.7/32', '2001:db8::/32'],
      expires_at: '2099-01-31T00:00:00.000Z',
      max_refund_amount: 5000,
    });
  });

  it('are changed by keys update, kept by keys rotate, and listed with the last use', async () => {
    const { apiKey } = await makeKey('create', '--merchant', merchant.merchantId, ...LIMITS);
    const update = ['--clear', 'allow-ip,max-refund', '--max-refund', '70', '--expires', '90d', '--json'];
    const updated = JSON.parse((await pgw('keys', 'update', apiKey, ...update)).output);
    expect(updated).toMatchObject({ allowed_ips: null, max_refund_amount: 70, store_ids: ['store_001'] });
    const days = (Date.parse(updated.expires_at) - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(89);
    expect(days).toBeLessThanOrEqual(90);
    const next = await makeKey('rotate', apiKey);
    await gateway.request('GET', '/v1/payment_intents', { as: next });
    await gateway.deps.keyUses.flush();
    const { output } = await pgw('keys', 'list', '--merchant', merchant.merchantId);
    const line = output.split('\n').find((text) => text.startsWith(next.apiKey));
    expect(line).toMatch(/stores store_001; refunds up to 70 +20\d\d-/);
  });

  it.each([
    [['--expires', 'tomorrow'], '--expires tomorrow is neither'],
    [['--expires', '2026-02-30'], '--expires 2026-02-30 is neither'],
    [['--expires', '2020-01-01'], 'choose a time to come'],
    [['--max-refund', '1.5'], '--max-refund must be a whole number'],
    [['--allow-ip', 'shop.example.com'], 'shop.example.com is neither'],
    [['--store', 'nowhere'], 'has no store nowhere'],
    [['--clear', 'scope'], '--clear scope is not one of label, store, allow-ip, expires, max-refund'],
    [[], 'say what to change'],
  ])('%j is refused with one line that says why', async (args, message) => {
    const { code, output } = await pgw('keys', 'update', merchant.apiKey, ...args);
    expect(code).toBe(1);
    expect(output.trim().split('\n')).toEqual([expect.stringContaining(message)]);
  });
});

describe('pgw keys rotate', () => {
  it('gives the new key the scopes of the old one, which keys list shows', async () => {
    const old = await makeKey('create', '--merchant', merchant.merchantId, '--scope', 'refunds:cash,refunds');
    const made = await makeKey('rotate', old.apiKey);
    expect(made.scopes).toEqual(['refunds:cash', 'refunds']);
    const { output } = await pgw('keys', 'list', '--merchant', merchant.merchantId);
    expect(output).toMatch(new RegExp(`^${made.apiKey} .* refunds:cash,refunds `, 'm'));
  });
});
