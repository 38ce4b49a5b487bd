import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Sandbox, startSandbox } from '../../../src/sandbox/sandbox.ts';
import { API_KEY, API_SECRET, call, createCode } from '../support/paypay-client.ts';

let folder: string;
let stateFile: string;
let sandbox: Sandbox;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sandbox-journal-'));
  stateFile = join(folder, 'deep', 'sandbox.jsonl');
  await start();
});

afterEach(async () => {
  await sandbox.close();
  rmSync(folder, { recursive: true });
});

async function start(): Promise<void> {
  sandbox = await startSandbox({ credentials: [{ apiKey: API_KEY, apiSecret: API_SECRET }], stateFile });
}

async function restart(): Promise<void> {
  await sandbox.close();
  await start();
}

describe('the state file', () => {
  test('preserves every payment across a restart', async () => {
    const { codeId } = await createCode(sandbox.url, 'deleted');
    await call(sandbox.url, 'DELETE', `/v2/codes/${codeId}`);
    await createCode(sandbox.url, 'paid');
    await sandbox.pay({ merchantPaymentId: 'paid' });
    await createCode(sandbox.url, 'cancelled');
    await sandbox.pay({ merchantPaymentId: 'cancelled' });
    await call(sandbox.url, 'DELETE', '/v2/payments/cancelled');
    const before = sandbox.ledger();
    await restart();
    expect(sandbox.ledger()).toEqual(before);
    const details = await call(sandbox.url, 'GET', '/v2/codes/payments/paid');
    expect(details.data).toMatchObject({ status: 'COMPLETED' });
  });

  test('contains a change before the caller gets the response, even with concurrent calls', async () => {
    const ids = Array.from({ length: 50 }, (_, index) => `inv-${index}`);
    await Promise.all(
      ids.map(async (id) => {
        await createCode(sandbox.url, id);
        expect(readFileSync(stateFile, 'utf8')).toContain(`"${id}"`);
      }),
    );
  });

  test('is compacted at start to one line per payment, and tolerates a truncated line', async () => {
    await createCode(sandbox.url, 'inv-1');
    await sandbox.pay({ merchantPaymentId: 'inv-1' });
    appendFileSync(stateFile, '{"merchantId":"m","codeI');
    await restart();
    expect(readFileSync(stateFile, 'utf8').trim().split('\n')).toHaveLength(1);
    expect(sandbox.ledger()).toMatchObject([{ merchantPaymentId: 'inv-1', status: 'COMPLETED' }]);
    expect(existsSync(`${stateFile}.new`)).toBe(false);
  });

  test('of an earlier version, whose refunds say nothing about who made them, is read as made by the API', async () => {
    await createCode(sandbox.url, 'inv-1');
    await sandbox.pay({ merchantPaymentId: 'inv-1' });
    const [payment] = sandbox.ledger();
    const refund = {
      merchantRefundId: 'rf-1',
      status: 'CREATED',
      amount: 5,
      requestedAt: 1,
      acceptedAt: 1,
      dueAt: 2,
    };
    appendFileSync(stateFile, `${JSON.stringify({ ...payment, refunds: [refund] })}\n`);
    await restart();
    expect(sandbox.ledger()[0]?.refunds).toMatchObject([{ origin: 'api', amount: 5 }]);
    // The index of PayPay's own ids was rebuilt as well.
    const found = await call(sandbox.url, 'GET', `/v2/refunds/rf-1?paymentId=${payment?.paymentId}`);
    expect(found).toMatchObject({ status: 200, data: { merchantRefundId: 'rf-1' } });
  });

  test('is emptied by a reset', async () => {
    await createCode(sandbox.url, 'inv-1');
    await sandbox.reset();
    await restart();
    expect(sandbox.ledger()).toEqual([]);
  });

  test('is named in the error when it cannot be read at start', async () => {
    const options = { credentials: [], stateFile: folder };
    await expect(startSandbox(options)).rejects.toThrow(`The sandbox cannot read its state file ${folder}`);
  });
});
