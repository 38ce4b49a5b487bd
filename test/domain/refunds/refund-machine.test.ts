import { describe, expect, it } from 'vitest';
import type { RefundChange, RefundTotals, RefundUpdate } from '../../../src/domain/refunds/refund.ts';
import {
  cancelledAtProvider,
  decideForeignRefund,
  decideRefund,
  decideRefundUpdate,
  returnDue,
} from '../../../src/domain/refunds/refund-machine.ts';
import { COMMAND, PAID, PAID_AT, paidWith } from '../../support/paid-payment.ts';

const NONE: RefundTotals = { count: 0, succeeded: 0, returnedAttemptIds: [] };
const NOW = new Date(PAID_AT.getTime() + 60_000);
const NEXT = new Date(PAID_AT.getTime() + 120_000);
const FAILURE = { code: 'payer_account_closed', message: 'return the money in cash' };
const CASH = paidWith({ paymentMethodType: 'cash' });

function change(fields: Partial<typeof COMMAND> = {}, payment = PAID, totals = NONE): RefundChange {
  const decision = decideRefund(payment, totals, { ...COMMAND, ...fields }, NOW);
  if (decision.kind === 'refused') {
    throw decision.error;
  }
  return decision.change;
}

function refusal(fields: Partial<typeof COMMAND>, payment = PAID, totals = NONE, now = NOW) {
  const decision = decideRefund(payment, totals, { ...COMMAND, ...fields }, now);
  return decision.kind === 'refused' ? [decision.error.code, decision.error.details] : 'accepted';
}

function update({ intent, refund }: RefundChange, what: RefundUpdate, others = NONE) {
  return decideRefundUpdate(intent, refund, others, what, { now: NOW, nextTryAt: NEXT });
}

const eventsOf = (changed: RefundChange | undefined) =>
  changed?.events.map(({ type, merchantEvent }) => [type, merchantEvent?.type]);

describe('a refund that a merchant requests', () => {
  it('is pending, reserves its amount, and belongs to the paid attempt', () => {
    const { intent, refund, events } = change({ amount: 400 });
    expect(intent.amountRefunded).toBe(400);
    expect(refund).toMatchObject({
      status: 'pending',
      pendingReason: 'provider_processing',
      method: 'provider',
      origin: 'merchant',
      attemptId: 'pa_1',
      providerPaymentId: 'pp_1',
      nextTryAt: NOW,
      endedAt: undefined,
    });
    expect(events.map(({ merchantEvent }) => merchantEvent?.type)).toEqual(['refund.created']);
  });

  it('takes all that is left when it names no amount', () => {
    expect(change({}, paidWith({ amountRefunded: 300 })).refund.money).toEqual({
      amount: 700,
      currency: 'JPY',
    });
  });

  it('is made of the attempt that the intent was paid with, and not of one that the gateway returns', () => {
    const [attempt] = PAID.attempts;
    const twice = attempt && { ...PAID, attempts: [{ ...attempt, id: 'pa_0' }, attempt] };
    const totals = { ...NONE, returnedAttemptIds: ['pa_0'] };
    expect(change({}, twice, totals).refund.attemptId).toBe('pa_1');
  });

  it('of a cash payment has succeeded at once, with the events of both', () => {
    const done = change({ merchantStaffId: 'staff', merchantTerminalId: 'till' }, CASH);
    expect(done.refund).toMatchObject({
      method: 'cash',
      status: 'succeeded',
      endedAt: NOW,
      nextTryAt: undefined,
      attemptId: undefined,
      merchantStaffId: 'staff',
      merchantTerminalId: 'till',
    });
    expect(eventsOf(done)).toMatchObject([
      ['refund_created', 'refund.created'],
      ['refund_succeeded', 'refund.succeeded'],
      ['refunded', 'payment_intent.refunded'],
    ]);
  });

  it('is at most what the caller may refund at once, also when it is all that is left', () => {
    expect(refusal({ amount: 300, maxAmount: 300 })).toBe('accepted');
    for (const amount of [301, undefined]) {
      expect(refusal({ amount, maxAmount: 300 })).toMatchObject([
        'forbidden',
        { reason: 'max_refund_amount', field: 'amount', constraint: 'max_value', max: 300 },
      ]);
    }
  });

  it('of a QR payment may be in cash for whom it is allowed, after the window of the provider too', () => {
    const late = new Date('2028-01-01T00:00:00Z');
    const command = { method: 'cash', mayReturnInCash: true } as const;
    expect(refusal(command, PAID, NONE, late)).toBe('accepted');
    expect(refusal({}, PAID, NONE, late)).toMatchObject([
      'invalid_request',
      {
        field: 'payment_intent_id',
        constraint: 'refund_window_exceeded',
        refunds_until: '2027-01-15T14:59:59Z',
      },
    ]);
  });
});

describe('a refund is refused', () => {
  it.each(['requires_payment_method', 'processing', 'requires_action', 'cancelled', 'expired'] as const)(
    'when the intent is %s',
    (status) => {
      expect(refusal({}, paidWith({ status }))).toMatchObject([
        'invalid_request',
        expect.objectContaining({ constraint: 'unexpected_state', status, allowed: ['succeeded'] }),
      ]);
    },
  );

  it.each([
    ['one yen more than is left', 701, 300, 700],
    ['anything after everything was refunded', undefined, 1000, 0],
    ['nothing', 0, 300, 700],
    ['a negative amount', -1, 300, 700],
  ])('when it is for %s, with what is left', (_, amount, amountRefunded, left) => {
    expect(refusal({ amount }, paidWith({ amountRefunded }))).toMatchObject([
      'invalid_request',
      { field: 'amount', constraint: 'max_value', max: left, amount_refundable: left },
    ]);
  });

  it('when there are fifty already, and not when there are forty-nine', () => {
    expect(refusal({ amount: 1 }, PAID, { ...NONE, count: 49 })).toBe('accepted');
    expect(refusal({ amount: 1 }, PAID, { ...NONE, count: 50 })).toMatchObject([
      'invalid_request',
      { field: 'payment_intent_id', constraint: 'refund_limit_exceeded', max: 50 },
    ]);
  });

  it('when cash is to go back through the provider, and when QR money may not go back in cash', () => {
    expect(refusal({ method: 'provider' }, CASH)).toMatchObject([
      'invalid_request',
      { field: 'method', constraint: 'unsupported', allowed: ['cash'] },
    ]);
    expect(refusal({ method: 'cash' })).toMatchObject(['forbidden', { required_scope: 'refunds:cash' }]);
  });
});

describe('what is learned about a refund', () => {
  const pending = change({ amount: 400 });
  const failed = update(pending, { type: 'failed', failure: FAILURE }) as RefundChange;
  const succeeded = update(pending, { type: 'succeeded' }) as RefundChange;

  it('completes it, with an event, and the intent when all of its money is back', () => {
    expect(succeeded.refund).toMatchObject({ status: 'succeeded', endedAt: NOW, nextTryAt: undefined });
    expect(succeeded.intent.amountRefunded).toBe(400);
    expect(eventsOf(succeeded)).toEqual([['refund_succeeded', 'refund.succeeded']]);
    const last = update(pending, { type: 'succeeded' }, { ...NONE, succeeded: 600 });
    expect(eventsOf(last)).toEqual([
      ['refund_succeeded', 'refund.succeeded'],
      ['refunded', 'payment_intent.refunded'],
    ]);
  });

  it('gives the reservation back when it failed', () => {
    expect(failed.intent.amountRefunded).toBe(0);
    expect(failed.refund).toMatchObject({ status: 'failed', failure: FAILURE, nextTryAt: undefined });
    expect(eventsOf(failed)).toEqual([['refund_failed', 'refund.failed']]);
  });

  it('delays it, with one event for each new reason and none for a repetition', () => {
    const delayed = { type: 'delayed', pendingReason: 'provider_unavailable', errorCode: 'timeout' } as const;
    const once = update(pending, delayed) as RefundChange;
    expect(once.refund).toMatchObject({
      status: 'pending',
      pendingReason: 'provider_unavailable',
      nextTryAt: NEXT,
    });
    expect(eventsOf(once)).toEqual([['refund_delayed', undefined]]);
    expect(eventsOf(update(once, delayed))).toEqual([]);
  });

  it('never changes one that has succeeded', () => {
    const updates: RefundUpdate[] = [
      { type: 'succeeded' },
      { type: 'failed', failure: FAILURE },
      { type: 'delayed', pendingReason: 'provider_unavailable', errorCode: 'timeout' },
    ];
    expect(updates.map((what) => update(succeeded, what))).toEqual([undefined, undefined, undefined]);
  });

  it('completes one that had failed, if its amount was not refunded otherwise meanwhile', () => {
    const late = update(failed, { type: 'succeeded' });
    expect([late?.refund.status, late?.refund.failure, late?.intent.amountRefunded]).toEqual([
      'succeeded',
      undefined,
      400,
    ]);
    const spent = { ...failed, intent: { ...failed.intent, amountRefunded: 601 } };
    expect(update(spent, { type: 'succeeded' })).toBeUndefined();
    expect(update(failed, { type: 'failed', failure: FAILURE })).toBeUndefined();
  });
});

describe('a refund made in the console of the provider', () => {
  const found = {
    id: 're_2',
    refundId: 'console-1',
    money: { amount: 400, currency: 'JPY' },
    status: 'succeeded',
    acceptedAt: NOW,
  } as const;
  const foreign = (fields: object = {}, payment = PAID, totals = NONE, attemptId = 'pa_1') =>
    decideForeignRefund(payment, totals, attemptId, { ...found, ...fields }, NOW);

  it('is added as succeeded and counted', () => {
    const added = foreign();
    expect(added?.intent.amountRefunded).toBe(400);
    expect(added?.refund).toMatchObject({
      origin: 'provider',
      status: 'succeeded',
      providerRefundId: 'console-1',
    });
    expect(eventsOf(added)).toEqual([
      ['refund_created', 'refund.created'],
      ['refund_succeeded', 'refund.succeeded'],
    ]);
    expect(
      eventsOf(foreign({}, paidWith({ amountRefunded: 600 }), { ...NONE, succeeded: 600 })),
    ).toContainEqual(['refunded', 'payment_intent.refunded']);
  });

  it('is not added while it is pending there, while its money is reserved, or for money that the intent does not have', () => {
    expect(foreign({ status: 'pending' })).toBeUndefined();
    expect(foreign({}, paidWith({ amountRefunded: 601 }))).toBeUndefined();
    expect(foreign({}, PAID, NONE, 'pa_other')).toBeUndefined();
    expect(foreign({}, PAID, { ...NONE, returnedAttemptIds: ['pa_1'] })).toBeUndefined();
    expect(foreign({}, paidWith({ status: 'expired' }))).toBeUndefined();
    expect(foreign({}, CASH)).toBeUndefined();
  });

  it('that is a cancel of the whole payment is for what is left, once none of ours is pending', () => {
    const { intent } = paidWith({ amountRefunded: 300 });
    expect(cancelledAtProvider(intent, { ...NONE, succeeded: 300 }).money.amount).toBe(700);
    const pending = cancelledAtProvider(intent, NONE);
    expect(
      decideForeignRefund({ ...PAID, intent }, NONE, 'pa_1', { ...pending, id: 're_2' }, NOW),
    ).toBeUndefined();
  });
});

it("the gateway's refund of money that no intent takes is not counted among those of the intent", () => {
  const due = {
    attemptId: 'pa_2',
    providerPaymentId: 'pp_2',
    money: { amount: 1000, currency: 'JPY' },
    reason: 'second_payment',
  } as const;
  const returned = returnDue(PAID.intent, due, 're_3', NOW);
  expect(returned.refund).toMatchObject({ origin: 'gateway', reason: 'duplicate', status: 'pending' });
  const done = update(returned, { type: 'succeeded' }, { ...NONE, succeeded: 1000 });
  const failed = update(returned, { type: 'failed', failure: FAILURE });
  const sums = [returned, done, failed].map((changed) => changed?.intent.amountRefunded);
  expect(sums).toEqual([0, 0, 0]);
  expect(eventsOf(done)).toEqual([['refund_succeeded', 'refund.succeeded']]);
});
