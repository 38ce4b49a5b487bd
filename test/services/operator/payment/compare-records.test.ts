/**
 * PayPay's record of an attempt against ours.
 */
import { describe, expect, it } from 'vitest';
import type { PaymentAttempt } from '../../../../src/domain/payment.ts';
import { pendingRefund } from '../../../../src/domain/refunds/new-refund.ts';
import type { Refund } from '../../../../src/domain/refunds/refund.ts';
import {
  compareRecords,
  type ReadRecord,
} from '../../../../src/services/operator/payment/compare-records.ts';
import { attemptsToRead } from '../../../../src/services/operator/payment/refresh-payment.ts';
import { PAID, PAID_AT } from '../../../support/paid-payment.ts';

const ATTEMPT = PAID.attempts[0] as PaymentAttempt;
const MONEY = { amount: 1000, currency: 'JPY' };
const RECORD = {
  kind: 'succeeded',
  providerPaymentId: 'pp_1',
  money: MONEY,
  paidAt: PAID_AT,
  refundedAmount: 0,
  refunds: [],
} as const satisfies ReadRecord;

const refundOf = (fields: Partial<Refund> = {}): Refund => ({
  ...pendingRefund(PAID.intent, 're_1', 300, PAID_AT),
  attemptId: 'pa_1',
  ...fields,
});
const made = (amount = 300, status: 'pending' | 'succeeded' = 'succeeded', refundId = 're_1') => ({
  refundId,
  money: { amount, currency: 'JPY' },
  status,
  acceptedAt: PAID_AT,
});
const different = (refunds: readonly Refund[], record: ReadRecord, attempt = ATTEMPT) =>
  compareRecords(attempt, refunds, record)
    .filter(({ isDifferent }) => isDifferent)
    .map(({ name, refundId }) => refundId ?? name);

describe('both records', () => {
  it('agree on a payment, on one that waits, and on one that nobody paid', () => {
    expect(different([], RECORD)).toEqual([]);
    const live = { ...ATTEMPT, status: 'live', paidAt: undefined, providerPaymentId: undefined } as const;
    expect(different([], { kind: 'pending' }, live)).toEqual([]);
    expect(different([], { kind: 'not_found' }, { ...live, status: 'lapsed' })).toEqual([]);
  });

  it('differ in amount, number and time of a payment', () => {
    const record = {
      ...RECORD,
      money: { ...MONEY, amount: 900 },
      providerPaymentId: 'pp_2',
      paidAt: new Date(0),
    };
    expect(different([], record)).toEqual(['amount', 'payment_id', 'paid_at', 'held']);
  });

  it('differ when only one of them has a payment', () => {
    expect(different([], { kind: 'not_found' })).toContain('status');
    expect(different([], RECORD, { ...ATTEMPT, status: 'lapsed' })).toContain('status');
  });

  it('agree while a refund is pending or has failed, and when both have made it', () => {
    expect(different([refundOf()], RECORD)).toEqual([]);
    expect(different([refundOf({ status: 'failed' })], RECORD)).toEqual([]);
    const both = { ...RECORD, refundedAmount: 300, refunds: [made()] };
    expect(different([refundOf({ status: 'succeeded' })], both)).toEqual([]);
    expect(different([refundOf()], { ...RECORD, refunds: [made(300, 'pending')] })).toEqual([]);
  });

  it('differ in a refund that only one has, or that has another amount', () => {
    const record = { ...RECORD, refundedAmount: 300, refunds: [made(300, 'succeeded', 'foreign')] };
    expect(different([], record)).toEqual(['refunded', 'held', 'foreign']);
    const other = { ...RECORD, refundedAmount: 200, refunds: [made(200)] };
    expect(different([refundOf({ status: 'succeeded' })], other)).toEqual(['refunded', 'held', 're_1']);
  });

  it('agree on a payment that was cancelled in PayPay for Business, once its refund is recorded', () => {
    const cancelled = refundOf({
      status: 'succeeded',
      origin: 'provider',
      providerRefundId: 'cancelled',
      money: MONEY,
    });
    expect(different([cancelled], { kind: 'failed', reason: { code: 'x', message: 'x' } })).not.toContain(
      'status',
    );
  });
});

describe('the attempts to read', () => {
  it('are the newest five, those that took money first', () => {
    const attempts = Array.from({ length: 9 }, (_, index): PaymentAttempt => {
      const ended = { ...ATTEMPT, id: `pa_${index}`, status: 'lapsed', paidAt: undefined } as const;
      return index === 1 ? { ...ATTEMPT, id: 'pa_1' } : ended;
    });
    const chosen = attemptsToRead({ ...PAID, attempts });
    expect(chosen.map(({ id }) => id)).toEqual(['pa_1', 'pa_5', 'pa_6', 'pa_7', 'pa_8']);
  });
});
