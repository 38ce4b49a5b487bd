/**
 * While PayPay fails, repeated requests of a payer do not each call PayPay.
 */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createTestClock, type TestClock } from '../support/clock.ts';
import {
  startTestGateway,
  type TestGateway,
  type TestMerchant,
  type TestResponse,
} from '../support/gateway.ts';

let clock: TestClock;
let gateway: TestGateway;
let merchant: TestMerchant;

beforeAll(async () => {
  clock = createTestClock(new Date('2026-01-15T03:00:00Z'));
  gateway = await startTestGateway({ clock, sandbox: { webhookMode: 'manual' } });
  merchant = await gateway.newMerchant();
});
afterAll(() => gateway.close());
afterEach(() => gateway.sandbox.faults.clear());

type Intent = Awaited<ReturnType<TestGateway['newIntent']>>;

const FAILURES = [
  ['answers 500', { kind: 'error' }, 502],
  ['answers 500 although it made the code', { kind: 'error', when: 'after' }, 502],
  ['is under maintenance', { kind: 'maintenance' }, 503],
  ['limits calls', { kind: 'rate_limit' }, 503],
] as const;

/** How many calls PayPay got while `work` ran. */
async function countCalls(work: () => Promise<unknown>): Promise<number> {
  const before = gateway.sandbox.calls().length;
  await work();
  return gateway.sandbox.calls().length - before;
}

function failAll(fault: { kind: (typeof FAILURES)[number][1]['kind']; when?: 'after' }): void {
  for (const operation of ['createCode', 'deleteCode', 'paymentDetails', 'cancelPayment'] as const) {
    gateway.sandbox.faults.add({ operation, ...fault, times: 10_000 });
  }
}

async function repeat(times: number, request: () => Promise<TestResponse>): Promise<TestResponse[]> {
  const answers: TestResponse[] = [];
  for (let index = 0; index < times; index += 1) {
    answers.push(await request());
  }
  return answers;
}

const cancel = ({ id, token }: Intent) =>
  gateway.request('POST', `/v1/payment_intents/${id}/cancel`, { body: { payment_token: token } });

function expectPause(answer: TestResponse | undefined): number {
  expect([answer?.status, answer?.body.code]).toEqual([503, 'provider_unavailable']);
  const seconds = Number(answer?.headers.get('Retry-After'));
  expect(seconds).toBeGreaterThanOrEqual(1);
  return seconds;
}

describe.each(FAILURES)('while PayPay %s', (_, fault, status) => {
  it('thirty confirms of a payer make only a few calls, and say when to try again', async () => {
    failAll(fault);
    const intent = await gateway.newIntent(merchant);
    let answers: TestResponse[] = [];
    const calls = await countCalls(async () => {
      answers = await repeat(30, () => gateway.confirm(intent));
    });
    expect(answers[0]?.status).toBe(status);
    expectPause(answers.at(-1));
    expect(calls).toBeLessThanOrEqual(4);
  });

  it('the pause grows with each failure, ends after fifteen seconds at most, and then a confirm is tried', async () => {
    failAll(fault);
    const intent = await gateway.newIntent(merchant);
    const pauses: number[] = [];
    for (let round = 0; round < 8; round += 1) {
      const answers = await repeat(4, () => gateway.confirm(intent));
      pauses.push(expectPause(answers.at(-1)));
      expect(await countCalls(() => gateway.confirm(intent))).toBe(0);
      await clock.advance(16_000);
    }
    expect(pauses).toEqual(pauses.toSorted((a, b) => a - b));
    expect(pauses.at(-1)).toBe(15);
    gateway.sandbox.faults.clear();
    const [first, second] = await repeat(2, () => gateway.confirm(intent));
    expect([first?.status, second?.status]).toContain(200);
  });
});

describe('while PayPay answers 500 about a code that is shown', () => {
  it.each(['cancel', 'retrieve'] as const)('thirty times %s make only a few calls', async (kind) => {
    const intent = await gateway.newIntent(merchant, { expires_in_minutes: 1 });
    expect((await gateway.confirm(intent)).status).toBe(200);
    failAll({ kind: 'error' });
    await clock.advance(61_000);
    const request = kind === 'cancel' ? () => cancel(intent) : () => gateway.retrieve(intent);
    const calls = await countCalls(() => repeat(30, request));
    // Each round is a delete and a read.
    expect(calls).toBeGreaterThanOrEqual(2);
    expect(calls).toBeLessThanOrEqual(4);
  });

  it('a cancel succeeds within the pause after PayPay answers again', async () => {
    const intent = await gateway.newIntent(merchant);
    await gateway.confirm(intent);
    failAll({ kind: 'error' });
    const answers = await repeat(4, () => cancel(intent));
    const seconds = expectPause(answers.at(-1));
    gateway.sandbox.faults.clear();
    await clock.advance(seconds * 1_000);
    expect((await cancel(intent)).body).toMatchObject({ status: 'cancelled' });
  });
});

it('thirty confirms at once while PayPay answers 500 make only a few calls', async () => {
  // On the real clock, because requests that wait for another's call sleep.
  const running = await startTestGateway({ sandbox: { webhookMode: 'manual' } });
  const intent = await running.newIntent(await running.newMerchant());
  running.sandbox.faults.add({ operation: 'createCode', kind: 'error', when: 'before', times: 10_000 });
  await Promise.all(Array.from({ length: 30 }, () => running.confirm(intent)));
  expect(running.sandbox.calls().length).toBeLessThanOrEqual(6);
  await running.close();
});

describe('a single failure', () => {
  it('does not delay the next confirm', async () => {
    const intent = await gateway.newIntent(merchant);
    gateway.sandbox.faults.add({ operation: 'createCode', kind: 'error', when: 'before' });
    expect((await gateway.confirm(intent)).status).toBe(502);
    expect((await gateway.confirm(intent)).status).toBe(200);
  });

  it('of another payment does not delay a confirm', async () => {
    const [failing, other] = [await gateway.newIntent(merchant), await gateway.newIntent(merchant)];
    gateway.sandbox.faults.add({ operation: 'createCode', kind: 'error', when: 'before', times: 2 });
    await repeat(3, () => gateway.confirm(failing));
    expect((await gateway.confirm(other)).status).toBe(200);
  });

  it('with a time in the future does not delay a confirm', async () => {
    const intent = await gateway.newIntent(merchant);
    gateway.sandbox.faults.add({ operation: 'createCode', kind: 'error', when: 'before', times: 2 });
    await repeat(3, () => gateway.confirm(intent));
    await gateway.database
      .db('payment_attempts')
      .where({ intent_id: intent.id })
      .update({ checked_at: new Date(clock.now().getTime() + 3_600_000) });
    expect((await gateway.confirm(intent)).status).toBe(200);
  });
});
