/**
 * `pgw keys`: the scopes of a merchant's keys, as the operator gives and sees them.
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
    expect(usual.scopes).toEqual(['payments', 'refunds', 'events']);
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

describe('pgw keys rotate', () => {
  it('gives the new key the scopes of the old one, which keys list shows', async () => {
    const old = await makeKey('create', '--merchant', merchant.merchantId, '--scope', 'refunds:cash,refunds');
    const made = await makeKey('rotate', old.apiKey);
    expect(made.scopes).toEqual(['refunds:cash', 'refunds']);
    const { output } = await pgw('keys', 'list', '--merchant', merchant.merchantId);
    expect(output).toMatch(new RegExp(`^${made.apiKey} .* refunds:cash,refunds `, 'm'));
  });
});
