/** Starting a sandbox: its options, its log, and that a seed makes it repeatable. */

import { afterEach, describe, expect, test } from 'vitest';
import type { SandboxLog, SandboxOptions } from '../../src/sandbox/core/options.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.ts';
import { API_KEY, API_SECRET, call, createCode, send } from './support/paypay-client.ts';

let sandbox: Sandbox;
const start = async (options: Partial<SandboxOptions> = {}): Promise<Sandbox> => {
  sandbox = await startSandbox({ credentials: [{ apiKey: API_KEY, apiSecret: API_SECRET }], ...options });
  return sandbox;
};

afterEach(() => sandbox.close());

test('listens on a free loopback port by default', async () => {
  const { url, port } = await start();
  expect(url).toBe(`http://127.0.0.1:${port}`);
});

test('rejects with a clear message when the port is in use', async () => {
  await start();
  const second = startSandbox({ credentials: [], port: sandbox.port });
  await expect(second).rejects.toThrow(
    `cannot listen on 127.0.0.1:${sandbox.port}; another program uses this port`,
  );
});

test('puts the public URL into QR codes', async () => {
  await start({ publicUrl: 'https://sandbox.example/' });
  const { url, codeId } = await createCode(sandbox.url, 'inv-1');
  expect(url).toBe(`https://sandbox.example/app/cashier?code=${codeId}`);
});

test("puts the name by which phones reach it into QR codes and deep links, and accepts their payers' requests", async () => {
  await start({ host: '0.0.0.0', publicHost: 'shop.example' });
  const { url, deeplink, codeId } = await createCode(sandbox.url, 'inv-1');
  expect(url).toBe(`http://shop.example:${sandbox.port}/app/cashier?code=${codeId}`);
  expect(deeplink).toBe(url);
  const page = `http://127.0.0.1:${sandbox.port}/app/cashier?code=${codeId}`;
  expect((await send(page, 'GET', '', { host: `shop.example:${sandbox.port}` })).status).toBe(200);
  expect((await send(page, 'GET', '', { host: 'other.example' })).status).toBe(403);
});

test('applies the behaviour options from the start', async () => {
  await start({ codeLifetimeSeconds: 10, duplicateCode: 'replay' });
  const { expiryDate } = await createCode(sandbox.url, 'inv-1');
  expect(Number(expiryDate) - Math.floor(Date.now() / 1000)).toBeLessThanOrEqual(10);
  expect(await createCode(sandbox.url, 'inv-1')).toMatchObject({ expiryDate });
});

test('the same seed gives the same ids, whichever faults are injected', async () => {
  const run = async (hasFault: boolean): Promise<unknown[]> => {
    await start({ seed: 99 });
    if (hasFault) {
      sandbox.faults.add({ operation: 'paymentDetails', kind: 'error', probability: 0.5 });
    }
    const { codeId } = await createCode(sandbox.url, 'inv-1');
    await call(sandbox.url, 'GET', '/v2/codes/payments/inv-1');
    const paid = await sandbox.pay({ merchantPaymentId: 'inv-1' });
    await sandbox.close();
    return [codeId, paid.isAccepted && paid.payment.paymentId];
  };
  const first = await run(false);
  expect(await run(true)).toEqual(first);
});

test('returns copies that cannot modify the ledger', async () => {
  await start();
  await createCode(sandbox.url, 'inv-1');
  const result = await sandbox.pay({ merchantPaymentId: 'inv-1' });
  if (result.isAccepted) {
    result.payment.moneyTaken = 0;
  }
  for (const entry of sandbox.ledger()) {
    entry.status = 'REFUNDED';
  }
  expect(sandbox.ledger()).toMatchObject([{ status: 'COMPLETED', moneyTaken: 1200 }]);
});

describe('the log', () => {
  test('gives the reason for a rejected call, and contains no secret', async () => {
    const lines: string[] = [];
    const record = (fields: object, message: string): void => {
      lines.push(JSON.stringify({ ...fields, message }));
    };
    const log: SandboxLog = { debug: record, info: record, warn: record, error: record };
    await start({ log, webhookSecret: 'webhook_secret' });
    await call(sandbox.url, 'GET', '/v2/refunds/x', undefined, { secret: 'wrong' });
    await createCode(sandbox.url, 'inv-1');
    expect(lines.join('\n')).toContain('the signature does not match');
    expect(lines.join('\n')).not.toMatch(new RegExp(`${API_SECRET}|webhook_secret`));
  });
});
