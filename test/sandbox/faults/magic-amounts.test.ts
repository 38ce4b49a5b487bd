/** Amounts that force an outcome, as a merchant of PayPay sees them. Time is a manual clock. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { SandboxOptions } from '../../../src/sandbox/core/options.ts';
import { MAGIC_AMOUNTS } from '../../../src/sandbox/faults/magic-amounts.ts';
import { type Sandbox, startSandbox } from '../../../src/sandbox/sandbox.ts';
import { createManualClock, type ManualClock } from '../support/manual-clock.ts';
import { API_KEY, API_SECRET, call, control, createCode, makeCodeBody } from '../support/paypay-client.ts';

const SECOND_MS = 1000;

let clock: ManualClock;
let sandbox: Sandbox;

async function start(options: Partial<SandboxOptions> = {}): Promise<void> {
  const credentials = [{ apiKey: API_KEY, apiSecret: API_SECRET }];
  sandbox = await startSandbox({ credentials, clock, webhookMode: 'manual', magicAmounts: true, ...options });
}

beforeEach(async () => {
  clock = createManualClock('2026-01-01T12:34:56+09:00');
  await start();
});
afterEach(() => sandbox.close());

const epochSeconds = () => Math.floor(clock.now().getTime() / 1000);
const create = (id: string, amount: number) => createCode(sandbox.url, id, amount, epochSeconds());
const tryCreate = (id: string, amount: number) =>
  call(sandbox.url, 'POST', '/v2/codes', makeCodeBody(id, amount), { epochSeconds: epochSeconds() });
const details = (id: string) =>
  call(sandbox.url, 'GET', `/v2/codes/payments/${id}`, undefined, { epochSeconds: epochSeconds() });
const statuses = () => sandbox.ledger().map(({ status }) => status);
const announced = () => sandbox.webhooks.list().map(({ body }) => JSON.parse(body).state);

describe('a code for a magic amount', () => {
  test('990001 is paid exactly one second later, and announced', async () => {
    await create('inv-1', 990_001);
    await clock.someoneSleeps(SECOND_MS);
    clock.advance(999);
    expect((await details('inv-1')).data['status']).toBe('CREATED');
    clock.advance(1);
    await expect.poll(announced).toEqual(['COMPLETED']);
    expect(sandbox.ledger()).toMatchObject([{ status: 'COMPLETED', moneyTaken: 990_001 }]);
  });

  test('990002 is declined one second later', async () => {
    await create('inv-1', 990_002);
    await clock.someoneSleeps(SECOND_MS);
    clock.advance(SECOND_MS);
    await expect.poll(announced).toEqual(['FAILED']);
    expect(sandbox.ledger()).toMatchObject([{ status: 'FAILED', moneyTaken: 0 }]);
  });

  test('990003 expires after five seconds and is not paid', async () => {
    const code = await create('inv-1', 990_003);
    expect(code['expiryDate']).toBe(epochSeconds() + 5);
    expect(clock.waiting()).toEqual([]);
    clock.advance(5 * SECOND_MS);
    expect(await sandbox.pay({ merchantPaymentId: 'inv-1' })).toMatchObject({ reason: 'code_expired' });
  });

  test('990004 is created but the response is lost; a repeated id is refused as PayPay documents', async () => {
    expect(await tryCreate('inv-1', 990_004)).toMatchObject({ status: 500, code: 'INTERNAL_SERVER_ERROR' });
    expect(statuses()).toEqual(['CREATED']);
    expect((await tryCreate('inv-1', 990_004)).code).toBe('DUPLICATE_DYNAMIC_QR_REQUEST');
    expect((await tryCreate('inv-2', 990_004)).status).toBe(500);
  });

  test('990005 is paid 20 seconds later without a webhook', async () => {
    await create('inv-1', 990_005);
    await clock.someoneSleeps(20 * SECOND_MS);
    clock.advance(20 * SECOND_MS);
    await expect.poll(statuses).toEqual(['COMPLETED']);
    expect(announced()).toEqual([]);
  });

  test('990006 is not created because of maintenance, even when the id is repeated', async () => {
    for (const _ of [1, 2]) {
      expect(await tryCreate('inv-1', 990_006)).toMatchObject({ status: 503, code: 'MAINTENANCE_MODE' });
    }
    expect(statuses()).toEqual([]);
  });

  test('990007 is created but the response is lost; a repeated id returns the code, paid after five seconds', async () => {
    expect((await tryCreate('inv-1', 990_007)).status).toBe(500);
    const again = await tryCreate('inv-1', 990_007);
    expect(again).toMatchObject({ status: 201, data: { codeId: sandbox.ledger()[0]?.codeId } });
    clock.advance(5 * SECOND_MS);
    await expect.poll(announced).toEqual(['COMPLETED']);
  });

  test('an ordinary amount is not paid automatically', async () => {
    await create('inv-1', 990_000);
    expect(clock.waiting()).toEqual([]);
    expect(statuses()).toEqual(['CREATED']);
  });
});

describe('a refund of a payment with a magic amount', () => {
  async function payMagic(amount: number): Promise<string> {
    await create('inv-1', amount);
    await clock.someoneSleeps(SECOND_MS);
    clock.advance(SECOND_MS);
    await expect.poll(statuses).toEqual(['COMPLETED']);
    return String(sandbox.ledger()[0]?.paymentId);
  }
  const refund = (paymentId: string, merchantRefundId: string, amount: number) =>
    call(
      sandbox.url,
      'POST',
      '/v2/refunds',
      { merchantRefundId, paymentId, amount: { amount, currency: 'JPY' }, requestedAt: 1 },
      { epochSeconds: epochSeconds() },
    );
  const ledger = () => {
    const [entry] = sandbox.ledger();
    return [entry?.refunds.map(({ status }) => status), entry?.moneyReturned];
  };

  test('990011 is always refused, because the payer has closed the account', async () => {
    const paymentId = await payMagic(990_011);
    for (const id of ['re_1', 're_1', 're_2', 're_3']) {
      expect(await refund(paymentId, id, 100)).toMatchObject({ status: 400, code: 'CANCELED_USER' });
    }
    expect(ledger()).toEqual([[], 0]);
  });

  test('990012 stays pending until it is released', async () => {
    const paymentId = await payMagic(990_012);
    expect((await refund(paymentId, 're_1', 100)).data).toMatchObject({ status: 'CREATED' });
    clock.advance(30 * 86_400 * SECOND_MS);
    expect(ledger()).toEqual([['CREATED'], 0]);
    await control(sandbox.url, 'POST', '/refunds/release', { merchant_payment_id: 'inv-1' });
    expect(ledger()).toEqual([['REFUNDED'], 100]);
  });

  test('990013 is accepted but the first response is lost; a repetition and later refunds are normal', async () => {
    const paymentId = await payMagic(990_013);
    expect(await refund(paymentId, 're_1', 100)).toMatchObject({
      status: 500,
      code: 'INTERNAL_SERVER_ERROR',
    });
    expect(ledger()).toEqual([['CREATED'], 0]);
    expect((await refund(paymentId, 're_1', 100)).data).toMatchObject({ merchantRefundId: 're_1' });
    expect((await refund(paymentId, 're_2', 50)).status).toBe(200);
    clock.advance(5 * SECOND_MS);
    expect(ledger()).toEqual([['REFUNDED', 'REFUNDED'], 150]);
  });

  test('990014 finds PayPay under maintenance twice, and is then accepted', async () => {
    const paymentId = await payMagic(990_014);
    const tries = [];
    for (let count = 0; count < 3; count += 1) {
      tries.push((await refund(paymentId, 're_1', 100)).status);
    }
    expect(tries).toEqual([503, 503, 200]);
    clock.advance(5 * SECOND_MS);
    expect(ledger()).toEqual([['REFUNDED'], 100]);
  });

  test('990014 counts the requests across a restart of the sandbox', async () => {
    await sandbox.close();
    const folder = mkdtempSync(join(tmpdir(), 'sandbox-magic-'));
    const stateFile = join(folder, 'payments.jsonl');
    try {
      await start({ stateFile });
      const paymentId = await payMagic(990_014);
      const tries = [];
      for (let count = 0; count < 3; count += 1) {
        tries.push((await refund(paymentId, 're_1', 100)).status);
        await sandbox.close();
        await start({ stateFile });
      }
      expect(tries).toEqual([503, 503, 200]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('a fault that a tester set comes first and is not counted', async () => {
    const paymentId = await payMagic(990_013);
    sandbox.faults.add({ operation: 'refund', kind: 'rate_limit' });
    expect((await refund(paymentId, 're_1', 100)).status).toBe(429);
    expect((await refund(paymentId, 're_1', 100)).status).toBe(500);
  });

  test('is normal while magic amounts are off', async () => {
    const paymentId = await payMagic(990_011);
    await control(sandbox.url, 'POST', '/behaviour', { magic_amounts: false });
    expect((await refund(paymentId, 're_1', 100)).status).toBe(200);
  });

  test.each(['{', 'null', '{"paymentId":7}'])(
    'an invalid request, %s, is refused as ever',
    async (rawBody) => {
      const reply = await call(sandbox.url, 'POST', '/v2/refunds', undefined, {
        rawBody,
        epochSeconds: epochSeconds(),
      });
      expect(reply.status).toBe(400);
    },
  );
});

describe('the payer of a magic amount', () => {
  test('acts at the scheduled time, however far beyond it the clock is moved', async () => {
    const createdAt = clock.now().getTime();
    await create('inv-1', 990_005);
    await clock.someoneSleeps(20 * SECOND_MS);
    sandbox.clock.advance(86_400 * SECOND_MS);
    await expect.poll(statuses).toEqual(['COMPLETED']);
    expect(sandbox.ledger()[0]?.completedAt).toBe(createdAt + 20 * SECOND_MS);
  });

  test('does nothing, without an error, when the code was deleted', async () => {
    const { codeId } = await create('inv-1', 990_001);
    await clock.someoneSleeps(SECOND_MS);
    await call(sandbox.url, 'DELETE', `/v2/codes/${codeId}`, undefined, { epochSeconds: epochSeconds() });
    clock.advance(SECOND_MS);
    await sandbox.close();
    expect([statuses(), announced()]).toEqual([['CREATED'], []]);
    await start();
  });

  test.each([
    ['reset', async () => sandbox.reset()],
    ['close', async () => sandbox.close()],
  ])('does not act after %s', async (_, stop) => {
    await create('inv-1', 990_001);
    await clock.someoneSleeps(SECOND_MS);
    await stop();
    expect(clock.waiting()).toEqual([]);
  });
});

describe('the switch magic_amounts', () => {
  test('is off by default, and then magic amounts have no effect', async () => {
    await sandbox.close();
    await start({ magicAmounts: false });
    for (const { amount } of MAGIC_AMOUNTS) {
      await create(`inv-${amount}`, amount);
    }
    expect(clock.waiting()).toEqual([]);
    expect(new Set(sandbox.ledger().map(({ expiresAt }) => expiresAt))).toEqual(
      new Set([clock.now().getTime() + 300 * SECOND_MS]),
    );
  });

  test('can be changed in the control interface, which lists the amounts', async () => {
    const list = async () => (await control(sandbox.url, 'GET', '/magic_amounts')).json;
    expect(await list()).toEqual({
      is_on: true,
      magic_amounts: MAGIC_AMOUNTS.map(({ amount, name, outcome }) => ({ amount, name, outcome })),
    });
    await control(sandbox.url, 'POST', '/behaviour', { magic_amounts: false });
    expect(await list()).toMatchObject({ is_on: false });
    expect((await control(sandbox.url, 'POST', '/behaviour', { magic_amounts: 'no' })).status).toBe(400);
  });

  test('has no duplicate amounts or names', () => {
    expect(new Set(MAGIC_AMOUNTS.map(({ amount }) => amount)).size).toBe(MAGIC_AMOUNTS.length);
    expect(new Set(MAGIC_AMOUNTS.map(({ name }) => name)).size).toBe(MAGIC_AMOUNTS.length);
  });
});

describe('POST /_control/clock', () => {
  test('responds when all listeners to the move have ended, even if one failed', async () => {
    const done: number[] = [];
    sandbox.clock.onMove(async () => {
      await Promise.resolve();
      done.push(sandbox.clock.offsetMs());
    });
    sandbox.clock.onMove(() => Promise.reject(new Error('broken')));
    const answer = await control(sandbox.url, 'POST', '/clock', { advance_seconds: 60 });
    expect(answer.json).toMatchObject({ offset_seconds: 60 });
    expect(done).toEqual([60_000]);
  });
});
