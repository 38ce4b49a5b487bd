/** Faults of refunds: what a client sees, and whether the refund took effect, perhaps after the client gave up. */

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { FaultKind } from '../../../src/sandbox/faults/faults.ts';
import { type Sandbox, startSandbox } from '../../../src/sandbox/sandbox.ts';
import { eventually } from '../../support/eventually.ts';
import { createManualClock, type ManualClock } from '../support/manual-clock.ts';
import { API_KEY, API_SECRET, type ApiReply, call, createCode } from '../support/paypay-client.ts';

let clock: ManualClock;
let sandbox: Sandbox;
let paymentId: string;

beforeEach(async () => {
  clock = createManualClock('2026-01-01T12:00:00+09:00');
  sandbox = await startSandbox({ credentials: [{ apiKey: API_KEY, apiSecret: API_SECRET }], clock });
  await createCode(sandbox.url, 'inv-1', 1000, epochSeconds());
  const paid = await sandbox.pay({ merchantPaymentId: 'inv-1' });
  paymentId = paid.isAccepted ? String(paid.payment.paymentId) : '';
});
afterEach(() => sandbox.close());

const epochSeconds = () => Math.floor(clock.now().getTime() / 1000);
const refunds = () => sandbox.ledger()[0]?.refunds ?? [];
const moneyReturned = () => sandbox.ledger()[0]?.moneyReturned;

const refund = (id = 're_1', signal?: AbortSignal): Promise<ApiReply> =>
  call(
    sandbox.url,
    'POST',
    '/v2/refunds',
    { merchantRefundId: id, paymentId, amount: { amount: 400, currency: 'JPY' }, requestedAt: 1 },
    { epochSeconds: epochSeconds(), ...(signal && { signal }) },
  );
const read = (id = 're_1'): Promise<ApiReply> =>
  call(sandbox.url, 'GET', `/v2/refunds/${id}?paymentId=${paymentId}`, undefined, {
    epochSeconds: epochSeconds(),
  });

describe.each(['before', 'after'] as const)('a refund with a fault %s the effect', (when) => {
  const expectEffect = () => expect(refunds()).toHaveLength(when === 'after' ? 1 : 0);

  /** Whatever happened to the first request, the same id leads to one refund. */
  async function expectOneRefund(): Promise<void> {
    expect(await refund()).toMatchObject({ status: 200, data: { merchantRefundId: 're_1' } });
    clock.advance(5_000);
    expect((await read()).data).toMatchObject({ status: 'REFUNDED', amount: { amount: 400 } });
    expect([refunds().length, moneyReturned()]).toEqual([1, 400]);
  }

  test.each([
    ['error', 500],
    ['bad_gateway', 502],
    ['maintenance', 503],
    ['rate_limit', 429],
  ] satisfies [FaultKind, number][])('%s returns %i, and a repetition refunds once', async (kind, status) => {
    sandbox.faults.add({ operation: 'refund', kind, when });
    expect((await refund()).status).toBe(status);
    expectEffect();
    await expectOneRefund();
  });

  test('reset breaks the connection, and a repetition refunds once', async () => {
    sandbox.faults.add({ operation: 'refund', kind: 'reset', when });
    await expect(refund()).rejects.toMatchObject({ code: 'ECONNRESET' });
    expectEffect();
    await expectOneRefund();
  });

  test('hang never responds, and a repetition refunds once', async () => {
    sandbox.faults.add({ operation: 'refund', kind: 'hang', when });
    const gaveUp = new AbortController();
    const reply = refund('re_1', gaveUp.signal);
    await eventually(() => expect(sandbox.calls().filter(({ fault }) => fault === 'hang')).toHaveLength(1));
    await eventually(expectEffect);
    gaveUp.abort();
    await expect(reply).rejects.toMatchObject({ name: 'AbortError' });
    await expectOneRefund();
  });
});

describe('a refund that takes effect late', () => {
  test('is carried out although the client gave up before it was accepted', async () => {
    const hold = sandbox.faults.hold('refund', 'before');
    const gaveUp = new AbortController();
    const reply = refund('re_1', gaveUp.signal);
    await hold.reached;
    gaveUp.abort();
    await expect(reply).rejects.toMatchObject({ name: 'AbortError' });
    expect((await read()).code).toBe('NO_SUCH_REFUND_ORDER');
    hold.release();
    await eventually(() => expect(refunds()).toHaveLength(1));
    clock.advance(5_000);
    expect((await read()).data).toMatchObject({ status: 'REFUNDED' });
  });

  test('after the delay of a slow call is dated then, and later ones count it in the sum', async () => {
    sandbox.faults.add({ operation: 'refund', kind: 'slow', delayMs: 40_000 });
    const gaveUp = new AbortController();
    const reply = refund('re_1', gaveUp.signal);
    await clock.someoneSleeps(40_000);
    gaveUp.abort();
    await expect(reply).rejects.toMatchObject({ name: 'AbortError' });
    expect((await refund('re_2')).status).toBe(200);
    clock.advance(40_000);
    await eventually(() => expect(refunds()).toHaveLength(2));
    expect(refunds()[1]?.acceptedAt).toBe(clock.now().getTime());
    expect(await refund('re_3')).toMatchObject({ status: 400 });
    clock.advance(60_000);
    expect(await refund('re_3')).toMatchObject({ codeId: '00200015' });
  });
});

describe('refund details', () => {
  test.each([
    ['error', 500],
    ['bad_gateway', 502],
    ['maintenance', 503],
  ] satisfies [FaultKind, number][])('fail with %s once, and change nothing', async (kind, status) => {
    await refund();
    sandbox.faults.add({ operation: 'refundDetails', kind });
    expect((await read()).status).toBe(status);
    expect((await read()).data).toMatchObject({ status: 'CREATED' });
    expect(refunds()).toHaveLength(1);
  });

  test.each([
    ['other_refund', { merchantRefundId: 'somebody-elses-refund' }],
    ['other_amount', { amount: { amount: 401 } }],
    ['unknown_status', { status: 'PONDERING' }],
  ] as const)('are false with %s, and the ledger stays correct', async (wrong, data) => {
    await refund();
    sandbox.faults.add({ operation: 'refundDetails', kind: 'wrong_answer', wrong });
    expect((await read()).data).toMatchObject(data);
    expect((await read()).data).toMatchObject({ merchantRefundId: 're_1', amount: { amount: 400 } });
  });
});
