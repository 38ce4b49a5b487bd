/** Every fault as an HTTP client sees it, and whether the operation took effect. */

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { FaultKind } from '../../../src/sandbox/faults/faults.ts';
import { WRONG_ANSWERS } from '../../../src/sandbox/faults/wrong-answers.ts';
import { type Sandbox, startSandbox } from '../../../src/sandbox/sandbox.ts';
import { eventually } from '../../support/eventually.ts';
import { createManualClock, type ManualClock } from '../support/manual-clock.ts';
import {
  API_KEY,
  API_SECRET,
  type ApiReply,
  call,
  createCode,
  makeCodeBody,
} from '../support/paypay-client.ts';

let clock: ManualClock;
let sandbox: Sandbox;

beforeEach(async () => {
  clock = createManualClock('2026-01-01T12:00:00+09:00');
  sandbox = await startSandbox({ credentials: [{ apiKey: API_KEY, apiSecret: API_SECRET }], clock, seed: 7 });
});

afterEach(() => sandbox.close());

const epochSeconds = () => clock.now().getTime() / 1000;
const create = (id: string, signal?: AbortSignal): Promise<ApiReply> =>
  call(sandbox.url, 'POST', '/v2/codes', makeCodeBody(id), {
    epochSeconds: epochSeconds(),
    ...(signal && { signal }),
  });
const details = (id: string): Promise<ApiReply> =>
  call(sandbox.url, 'GET', `/v2/codes/payments/${id}`, undefined, { epochSeconds: epochSeconds() });

describe.each(['before', 'after'] as const)('%s the effect', (when) => {
  const hasEffect = when === 'after';
  const expectEffect = () => expect(sandbox.ledger()).toHaveLength(hasEffect ? 1 : 0);

  test.each([
    ['error', 500, 'INTERNAL_SERVER_ERROR'],
    ['rate_limit', 429, 'RATE_LIMIT'],
    ['maintenance', 503, 'MAINTENANCE_MODE'],
  ] satisfies [FaultKind, number, string][])('%s returns %i %s', async (kind, status, code) => {
    sandbox.faults.add({ operation: 'createCode', kind, when });
    expect(await create('inv-1')).toMatchObject({ status, code });
    expectEffect();
  });

  test('bad_gateway returns 502 with an HTML page', async () => {
    sandbox.faults.add({ operation: 'createCode', kind: 'bad_gateway', when });
    const reply = await create('inv-1');
    expect(reply.status).toBe(502);
    expect(reply.headers['content-type']).toMatch('text/html');
    expectEffect();
  });

  test('reset resets the connection', async () => {
    sandbox.faults.add({ operation: 'createCode', kind: 'reset', when });
    await expect(create('inv-1')).rejects.toMatchObject({ code: 'ECONNRESET' });
    expectEffect();
  });

  test('hang never responds', async () => {
    sandbox.faults.add({ operation: 'createCode', kind: 'hang', when });
    const gaveUp = new AbortController();
    const reply = create('inv-1', gaveUp.signal);
    const answered = vi.fn();
    reply.then(answered, () => {});
    await eventually(() => expect(sandbox.calls()).toHaveLength(1));
    await eventually(expectEffect);
    // Calls on other connections are still served.
    expect((await details('nobody')).status).toBe(400);
    expect(answered).not.toHaveBeenCalled();
    gaveUp.abort();
    await expect(reply).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('slow delays the correct response', async () => {
    sandbox.faults.add({ operation: 'createCode', kind: 'slow', when, delayMs: 12_000 });
    const reply = create('inv-1');
    await clock.someoneSleeps(12_000);
    expectEffect();
    clock.advance(12_000);
    expect((await reply).status).toBe(201);
    expect(sandbox.ledger()).toHaveLength(1);
  });

  test('a hold pauses one call until it is released', async () => {
    const hold = sandbox.faults.hold('createCode', when);
    const reply = create('inv-1');
    await hold.reached;
    expectEffect();
    hold.release();
    expect((await reply).status).toBe(201);
  });
});

test('malformed_json takes effect and returns half a body', async () => {
  sandbox.faults.add({ operation: 'createCode', kind: 'malformed_json' });
  const reply = await create('inv-1');
  expect(reply.status).toBe(201);
  expect(() => JSON.parse(reply.text)).toThrow(SyntaxError);
  expect(sandbox.ledger()).toHaveLength(1);
});

test('refuse returns any result code, without the effect', async () => {
  sandbox.faults.add({ operation: 'createCode', kind: 'refuse', result: 'TRANSACTION_FAILED' });
  expect(await create('inv-1')).toMatchObject({ status: 500, code: 'TRANSACTION_FAILED' });
  expect(sandbox.ledger()).toEqual([]);
});

describe('wrong answers', () => {
  test.each(WRONG_ANSWERS)('%s leaves the ledger correct', async (wrong) => {
    sandbox.faults.add({ operation: 'createCode', kind: 'wrong_answer', wrong });
    const reply = await create('inv-1');
    expect(reply).toMatchObject({ status: 201, code: 'SUCCESS' });
    expect(sandbox.ledger()).toMatchObject([{ amount: 1200, status: 'CREATED' }]);
  });

  test.each([
    ['other_amount', { amount: { amount: 1201, currency: 'JPY' } }],
    ['other_currency', { amount: { amount: 1200, currency: 'USD' } }],
    ['wrong_types', { amount: '1200', status: 7 }],
    ['unknown_status', { status: 'PONDERING' }],
    ['other_payment', { merchantPaymentId: 'somebody-elses-payment' }],
  ] as const)('%s appears in the payment details', async (wrong, data) => {
    await create('inv-1');
    await sandbox.pay({ merchantPaymentId: 'inv-1' });
    sandbox.faults.add({ operation: 'paymentDetails', kind: 'wrong_answer', wrong });
    expect((await details('inv-1')).data).toMatchObject(data);
    expect((await details('inv-1')).data).toMatchObject({ status: 'COMPLETED', merchantPaymentId: 'inv-1' });
  });

  test('missing_fields omits the most important fields', async () => {
    sandbox.faults.add({ operation: 'createCode', kind: 'wrong_answer' });
    const reply = await create('inv-1');
    expect(Object.keys(reply.data)).not.toContain('codeId');
    expect(Object.keys(reply.data)).toContain('deeplink');
  });
});

describe('rules', () => {
  test('apply to the given number of calls of their operation and to no others', async () => {
    sandbox.faults.add({ operation: 'createCode', kind: 'maintenance', times: 2 });
    expect((await details('nobody')).status).toBe(400);
    const statuses = [await create('a'), await create('b'), await create('c')].map((reply) => reply.status);
    expect(statuses).toEqual([503, 503, 201]);
    expect(sandbox.faults.list()).toEqual([]);
  });

  test('apply to any operation when set so, in the order they were added', async () => {
    sandbox.faults.add({ operation: 'any', kind: 'rate_limit' });
    sandbox.faults.add({ operation: 'any', kind: 'maintenance' });
    expect([(await details('x')).status, (await create('a')).status]).toEqual([429, 503]);
  });

  test('with a probability are repeatable with the same seed', async () => {
    const run = async (seed: number): Promise<number[]> => {
      const one = await startSandbox({ credentials: [{ apiKey: API_KEY, apiSecret: API_SECRET }], seed });
      one.faults.add({ operation: 'any', kind: 'error', when: 'before', probability: 0.5 });
      const statuses: number[] = [];
      for (let index = 0; index < 20; index += 1) {
        statuses.push((await call(one.url, 'GET', '/v2/codes/payments/x')).status);
      }
      await one.close();
      return statuses;
    };
    const first = await run(42);
    expect(await run(42)).toEqual(first);
    expect(new Set(first)).toEqual(new Set([400, 500]));
  });

  test('can be removed individually or all at once', () => {
    const id = sandbox.faults.add({ operation: 'any', kind: 'error' });
    sandbox.faults.add({ operation: 'refund', kind: 'error' });
    expect(sandbox.faults.remove(id)).toBe(true);
    expect(sandbox.faults.remove(id)).toBe(false);
    sandbox.faults.clear();
    expect(sandbox.faults.list()).toEqual([]);
  });

  test('a hold released before it is reached pauses no call', async () => {
    sandbox.faults.hold('createCode', 'before').release();
    expect((await create('a')).status).toBe(201);
  });
});

test('the call log contains the fault and the result code', async () => {
  sandbox.faults.add({ operation: 'createCode', kind: 'error' });
  await create('inv-1');
  await details('inv-1');
  expect(sandbox.calls()).toMatchObject([
    { operation: 'createCode', fault: 'error', httpStatus: 500, code: 'SUCCESS' },
    { operation: 'paymentDetails', subject: 'inv-1', httpStatus: 200, code: 'SUCCESS' },
  ]);
});

test('close is immediate while one call hangs, one is held and one is slow', async () => {
  sandbox.faults.add({ operation: 'createCode', kind: 'hang' });
  sandbox.faults.add({ operation: 'createCode', kind: 'slow', delayMs: 3_600_000 });
  const hold = sandbox.faults.hold('deleteCode', 'before');
  const stuck = [create('a'), create('b')].map((reply) => reply.catch(() => 'broken'));
  const held = call(sandbox.url, 'DELETE', '/v2/codes/04-AAAAAAAAAAAAAAAA', undefined, {
    epochSeconds: epochSeconds(),
  }).catch(() => 'broken');
  await hold.reached;
  await eventually(() => expect(sandbox.calls()).toHaveLength(3));
  await sandbox.close();
  expect(await Promise.all(stuck)).toEqual(['broken', 'broken']);
  await held;
  await expect(createCode(sandbox.url, 'c')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});
