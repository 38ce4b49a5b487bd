/**
 * Refunds at PayPay: whatever happens to a call, its refund is made once, or not at all and says so.
 */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { expectSums, type RefundRuns, startRefundRuns } from '../../support/refund-runs.ts';
import { requestRefund } from '../../support/refunds.ts';

/** A claim outlives every try. */
const CLAIM_SECONDS = 160;
let runs: RefundRuns;

beforeAll(async () => {
  runs = await startRefundRuns();
});
afterAll(() => runs.gateway.close());
beforeEach(() => runs.calls.splice(0));
afterEach(async () => {
  runs.gateway.sandbox.faults.clear();
  await expectSums(runs.gateway);
});

const ended = async (id: string) => {
  const { status, pending_reason: reason, failure_code: failure } = await runs.find(id);
  return [status, reason, failure].filter((part) => part !== null);
};

/** PayPay has made exactly this refund, and the gateway knows. */
async function expectMadeOnce({ id, intentId }: { id: string; intentId: string }): Promise<void> {
  expect(await ended(id)).toEqual(['succeeded']);
  expect((await runs.ledger(intentId)).refunds.map(({ merchantRefundId }) => merchantRefundId)).toEqual([id]);
}

describe('a request whose response is lost', () => {
  it('after it took effect: the refund is read back, and not requested again', async () => {
    const refund = await runs.newRefund(400);
    runs.gateway.sandbox.faults.add({ operation: 'refund', kind: 'reset', when: 'after' });
    await runs.run();
    expect(await ended(refund.id)).toEqual(['pending', 'provider_unavailable']);
    await runs.run(60);
    expect(runs.calls).toEqual([`create ${refund.id}`, `read ${refund.id}`]);
    await expectMadeOnce(refund);
  });

  it('before it took effect: it is requested again with the same id', async () => {
    const refund = await runs.newRefund();
    runs.gateway.sandbox.faults.add({ operation: 'refund', kind: 'reset', when: 'before' });
    await runs.run();
    expect(await ended(refund.id)).toEqual(['pending', 'provider_unavailable']);
    await runs.run(60);
    expect(runs.calls).toEqual([`create ${refund.id}`, `read ${refund.id}`, `create ${refund.id}`]);
    await expectMadeOnce(refund);
    expect(await runs.merchantEvents(refund.intentId)).toEqual([
      'refund.created',
      'refund.succeeded',
      'payment_intent.refunded',
    ]);
  });

  it('again and again: the refund is made once', async () => {
    const refund = await runs.newRefund(400);
    for (const when of ['before', 'after', 'before', 'after'] as const) {
      runs.gateway.sandbox.faults.add({ operation: 'refund', kind: 'reset', when });
      runs.gateway.sandbox.faults.add({ operation: 'refundDetails', kind: 'reset' });
    }
    for (let tries = 0; tries < 12; tries += 1) {
      await runs.run(1_000);
    }
    await expectMadeOnce(refund);
  });
});

describe('a process that dies', () => {
  const die = () => Promise.reject(new Error('the process died'));

  it('between the claim and the call: another makes the refund once the claim has ended, and not before', async () => {
    const refund = await runs.newRefund(400);
    expect(await runs.run(0, { readPayment: die })).toMatchObject({ taken: 1, failed: 1 });
    expect(await runs.run(CLAIM_SECONDS - 20)).toMatchObject({ taken: 0 });
    expect(runs.calls).toEqual([]);
    await runs.run(20);
    await expectMadeOnce(refund);
  });

  it('between the call and the outcome: another reads what became of it', async () => {
    const refund = await runs.newRefund(400);
    await runs.run(0, {
      createRefund: async (request, real) => {
        await real(request);
        return die();
      },
    });
    expect(await ended(refund.id)).toEqual(['pending', 'provider_processing']);
    await runs.run(CLAIM_SECONDS);
    expect(runs.calls).toEqual([`create ${refund.id}`, `read ${refund.id}`]);
    await expectMadeOnce(refund);
  });

  it('or only stops for a while: its late result does not undo what another one has learned', async () => {
    const refund = await runs.newRefund(400);
    const declined = { kind: 'declined', reason: { code: 'payer_account_closed', message: 'm' } } as const;
    await runs.run(0, {
      isPaused: true,
      createRefund: async (request, real) => {
        // Meanwhile its lease and its claim end, and another process has the refund accepted, but not completed.
        await runs.clock.advance(CLAIM_SECONDS * 1_000);
        await runs.run(0, {
          readRefund: () => Promise.resolve({ kind: 'not_found' }),
          createRefund: async () => {
            await real(request);
            return { kind: 'pending' };
          },
        });
        return declined;
      },
      readRefund: () => Promise.resolve({ kind: 'not_found' }),
    });
    expect(await ended(refund.id)).toEqual(['pending', 'provider_processing']);
    expect(await runs.amountRefunded(refund.intentId)).toBe(400);
    await runs.run(60);
    await expectMadeOnce(refund);
  });
});

describe('a refund that PayPay refuses', () => {
  it.each([
    ['MERCHANT_MULTIPLE_REFUND_REJECTED', 'several_refunds_not_allowed'],
    ['CANCELED_USER', 'payer_account_closed'],
    ['USER_STATE_IS_NOT_ACTIVE', 'payer_account_inactive'],
    ['REFUND_WINDOW_EXCEED', 'refund_window_exceeded'],
    ['REFUND_LIMIT_EXCEEDED', 'refund_limit_exceeded'],
    ['ORDER_NO_LONGER_AVAILABLE', 'payment_not_available'],
    ['ORDER_NOT_REFUNDABLE', 'not_refundable'],
    ['INVALID_REFUND_AMOUNT', 'provider_refused'],
  ] as const)('with %s fails as %s, and its money can be refunded again', async (result, code) => {
    const { id, intentId } = await runs.newRefund(400);
    runs.gateway.sandbox.faults.add({ operation: 'refund', kind: 'refuse', result });
    await runs.run();
    const refund = await runs.find(id);
    expect([refund.status, refund.failure_code]).toEqual(['failed', code]);
    expect(refund.failure_message).toMatch(/cash/);
    expect(await runs.amountRefunded(intentId)).toBe(0);
    expect(await runs.merchantEvents(intentId)).toEqual(['refund.created', 'refund.failed']);
    const again = await requestRefund(runs.gateway, runs.merchant, { id: intentId }, { amount: 1000 });
    expect(again.status).toBe(201);
    await runs.run();
    expect(await ended(again.body.id)).toEqual(['succeeded']);
  });

  it('gives its reservation back in the transaction that marks it failed and writes the event', async () => {
    const { id, intentId } = await runs.newRefund(400);
    runs.gateway.sandbox.faults.add({ operation: 'refund', kind: 'refuse', result: 'CANCELED_USER' });
    await runs.run();
    const { rows } = await runs.gateway.database.db.raw(
      `select distinct transaction from (
         select xmin::text as transaction from refunds where id = :id
         union all select xmin::text from payment_intents where id = :intentId
         union all select xmin::text from payment_events where intent_id = :intentId and merchant_event = 'refund.failed'
       ) as rows`,
      { id, intentId },
    );
    expect(rows).toHaveLength(1);
  });

  it('because an earlier request took effect has succeeded', async () => {
    const refund = await runs.newRefund(400);
    await runs.run(0, {
      createRefund: async (request, real) => {
        await real(request);
        return { kind: 'declined', reason: { code: 'several_refunds_not_allowed', message: 'm' } };
      },
    });
    await expectMadeOnce(refund);
  });

  it('because its order is too old to be kept fails, although neither it nor its payment can be read', async () => {
    const { id, intentId } = await runs.newRefund(400);
    const { merchantPaymentId } = await runs.ledger(intentId);
    await runs.gateway.sandbox.backOffice.change({ merchantPaymentId, isAvailable: false });
    const unreadable = {
      kind: 'unknown',
      reason: { code: 'order_no_longer_available', message: 'm' },
    } as const;
    await runs.run(0, { readPayment: () => Promise.resolve(unreadable) });
    expect(await ended(id)).toEqual(['failed', 'payment_not_available']);
  });

  it('and makes after all: it has succeeded once a read shows it, unless its money was refunded otherwise', async () => {
    const [late, spent] = [await runs.newRefund(400), await runs.newRefund(400)];
    const requests: (() => Promise<unknown>)[] = [];
    await runs.run(0, {
      createRefund: (request, real) => {
        requests.push(() => real(request));
        return Promise.resolve({ kind: 'declined', reason: { code: 'not_refundable', message: 'm' } });
      },
    });
    expect([await ended(late.id), await ended(spent.id)]).toEqual(
      Array(2).fill(['failed', 'not_refundable']),
    );
    const other = await requestRefund(
      runs.gateway,
      runs.merchant,
      { id: spent.intentId },
      { amount: 700, merchant_refund_ref_id: 'other' },
    );
    await Promise.all(requests.map((execute) => execute()));
    // Another refund reads the payment.
    await requestRefund(runs.gateway, runs.merchant, { id: late.intentId }, { amount: 100 });
    await runs.run();
    expect(await ended(late.id)).toEqual(['succeeded']);
    expect(await runs.amountRefunded(late.intentId)).toBe(500);
    // PayPay has made the late one, so it refuses the other; then the late one fits again.
    expect(await ended(other.body.id)).toEqual(['failed', 'provider_refused']);
    expect([await ended(spent.id), await runs.amountRefunded(spent.intentId)]).toEqual([['succeeded'], 400]);
  });
});
