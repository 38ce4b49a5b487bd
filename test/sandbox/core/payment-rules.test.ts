/** The rules of a payment's life, with time as an argument and nothing else around. */

import { beforeEach, describe, expect, test } from 'vitest';
import { DEFAULT_BEHAVIOUR, type SandboxBehaviour } from '../../../src/sandbox/core/options.ts';
import type { Payment } from '../../../src/sandbox/core/payment.ts';
import {
  applyDueChanges,
  cancelPayment,
  declinePayment,
  deleteCode,
  payPayment,
  refundPayment,
} from '../../../src/sandbox/core/payment-rules.ts';

const CREATED = Date.parse('2026-01-01T12:00:00+09:00');
const EXPIRES = CREATED + 300_000;
const PAYER = { now: CREATED + 1_000, paymentId: '04000000000000000001', force: false };
const CANCEL_END = Date.parse('2026-01-02T00:15:00+09:00');
const REFUND_END = Date.parse('2027-01-02T00:00:00+09:00');

let payment: Payment;
let behaviour: SandboxBehaviour;

beforeEach(() => {
  behaviour = { ...DEFAULT_BEHAVIOUR };
  payment = {
    merchantId: 'm',
    merchantPaymentId: 'inv-1',
    amount: 1000,
    status: 'CREATED',
    codeId: '04-AAAAAAAAAAAAAAAA',
    url: '',
    deeplink: '',
    request: { merchantPaymentId: 'inv-1', amount: 1000, requestedAt: 0 },
    createdAt: CREATED,
    expiresAt: EXPIRES,
    refunds: [],
    moneyTaken: 0,
    moneyReturned: 0,
  };
});

const refund = (merchantRefundId: string, amount: number, now = PAYER.now) =>
  refundPayment(payment, { merchantRefundId, amount, requestedAt: 0 }, now, behaviour);

describe('paying', () => {
  test('takes the whole amount once', () => {
    expect(payPayment(payment, PAYER)).toBeUndefined();
    expect(payment).toMatchObject({ status: 'COMPLETED', moneyTaken: 1000, completedAt: PAYER.now });
    expect(payPayment(payment, { ...PAYER, force: true })).toBe('already_paid');
    expect(payment.moneyTaken).toBe(1000);
  });

  test('ends with the code: one millisecond before expiry works, expiry itself does not', () => {
    expect(payPayment({ ...payment }, { ...PAYER, now: EXPIRES - 1 })).toBeUndefined();
    expect(payPayment(payment, { ...PAYER, now: EXPIRES })).toBe('code_expired');
    expect(payPayment(payment, { ...PAYER, now: EXPIRES, force: true })).toBeUndefined();
  });

  test('a deleted code is paid only by force', () => {
    deleteCode(payment, PAYER.now, behaviour);
    expect(payPayment(payment, PAYER)).toBe('code_deleted');
    expect(payPayment(payment, { ...PAYER, force: true })).toBeUndefined();
  });

  test('a declined payment stays failed and takes nothing', () => {
    expect(declinePayment(payment, PAYER)).toBeUndefined();
    expect(payment).toMatchObject({ status: 'FAILED', moneyTaken: 0, failedAt: PAYER.now });
    expect(payPayment(payment, { ...PAYER, force: true })).toBe('payment_failed');
  });
});

describe('deleting a code', () => {
  test('works once, on a live unpaid code', () => {
    expect(deleteCode(payment, PAYER.now, behaviour)).toBeUndefined();
    expect(deleteCode(payment, PAYER.now, behaviour)).toBe('DYNAMIC_QR_NOT_FOUND');
  });

  test('finds no expired code', () => {
    expect(deleteCode(payment, EXPIRES, behaviour)).toBe('DYNAMIC_QR_NOT_FOUND');
  });

  test.each([
    ['already_paid', 'DYNAMIC_QR_ALREADY_PAID'],
    ['not_found', 'DYNAMIC_QR_NOT_FOUND'],
  ] as const)('of a paid payment answers %s when switched so', (choice, result) => {
    payPayment(payment, PAYER);
    expect(deleteCode(payment, PAYER.now, { ...behaviour, deletePaidCode: choice })).toBe(result);
  });
});

describe('cancelling', () => {
  test('before payment is accepted and strikes when somebody pays: completed, failed, money back', () => {
    expect(cancelPayment(payment, PAYER.now, behaviour)).toBeUndefined();
    expect(payment.status).toBe('CREATED');
    expect(payPayment(payment, PAYER)).toBeUndefined();
    expect(payment).toMatchObject({ status: 'FAILED', moneyTaken: 1000, moneyReturned: 1000 });
  });

  test('works until 00:14:59 Japanese time of the next day', () => {
    payPayment(payment, PAYER);
    const late = structuredClone(payment);
    expect(cancelPayment(payment, CANCEL_END - 1, behaviour)).toBeUndefined();
    expect(payment).toMatchObject({ status: 'FAILED', moneyReturned: 1000 });
    expect(cancelPayment(late, CANCEL_END, behaviour)).toBe('ORDER_NOT_REVERSIBLE');
    expect(late).toMatchObject({ status: 'COMPLETED', moneyReturned: 0 });
  });

  test('may be repeated, and returns the money once', () => {
    payPayment(payment, PAYER);
    cancelPayment(payment, PAYER.now, behaviour);
    expect(cancelPayment(payment, CANCEL_END + 1, behaviour)).toBeUndefined();
    expect(payment.moneyReturned).toBe(1000);
  });

  test('is carried out later when switched so', () => {
    payPayment(payment, PAYER);
    cancelPayment(payment, PAYER.now, { ...behaviour, cancelDelaySeconds: 10 });
    expect(payment).toMatchObject({ status: 'COMPLETED', moneyReturned: 0 });
    applyDueChanges(payment, PAYER.now + 10_000, behaviour);
    expect(payment).toMatchObject({ status: 'FAILED', moneyReturned: 1000 });
  });

  test('is refused once a refund was accepted, so that money never goes back twice', () => {
    payPayment(payment, PAYER);
    refund('rf-1', 400);
    expect(cancelPayment(payment, PAYER.now, behaviour)).toBe('ORDER_NOT_REVERSIBLE');
  });
});

describe('refunding', () => {
  beforeEach(() => {
    payPayment(payment, PAYER);
  });

  test('is accepted at once and returns the money after a delay', () => {
    expect(refund('rf-1', 1000)).toMatchObject({ status: 'CREATED', amount: 1000 });
    expect(payment).toMatchObject({ status: 'COMPLETED', moneyReturned: 0 });
    applyDueChanges(payment, PAYER.now + 5_000, behaviour);
    expect(payment).toMatchObject({
      status: 'REFUNDED',
      moneyReturned: 1000,
      refunds: [{ status: 'REFUNDED' }],
    });
  });

  test.each(['REFUNDED', 'COMPLETED'] as const)(
    'of a part leaves the payment %s when switched so',
    (status) => {
      behaviour.statusAfterPartialRefund = status;
      refund('rf-1', 400);
      applyDueChanges(payment, PAYER.now + 5_000, behaviour);
      expect(payment).toMatchObject({ status, moneyReturned: 400 });
    },
  );

  test('a second time is refused unless the merchant has it enabled', () => {
    refund('rf-1', 400);
    expect(refund('rf-2', 300)).toBe('MERCHANT_MULTIPLE_REFUND_REJECTED');
    behaviour.allowMultipleRefunds = true;
    expect(refund('rf-2', 300)).toMatchObject({ status: 'CREATED' });
  });

  test('never promises more than was taken', () => {
    behaviour.allowMultipleRefunds = true;
    expect(refund('rf-1', 1001)).toBe('INVALID_REFUND_AMOUNT');
    refund('rf-1', 400);
    expect(refund('rf-2', 601)).toBe('INVALID_REFUND_AMOUNT');
    expect(refund('rf-2', 600)).toMatchObject({ amount: 600 });
    applyDueChanges(payment, PAYER.now + 5_000, behaviour);
    expect(payment).toMatchObject({ status: 'REFUNDED', moneyReturned: 1000 });
  });

  test('the same sum again while the first is in progress is throttled', () => {
    behaviour.allowMultipleRefunds = true;
    refund('rf-1', 400);
    expect(refund('rf-2', 400)).toBe('THROTTLED_MULTIPLE_REFUND_REJECTED');
  });

  test('has a greatest number', () => {
    Object.assign(behaviour, { allowMultipleRefunds: true, maxRefunds: 1 });
    refund('rf-1', 1);
    expect(refund('rf-2', 2)).toBe('REFUND_LIMIT_EXCEEDED');
  });

  test('works until the end of the 365th day', () => {
    expect(refund('rf-1', 1, REFUND_END)).toBe('REFUND_WINDOW_EXCEED');
    expect(refund('rf-1', 1, REFUND_END - 1)).toMatchObject({ status: 'CREATED' });
  });

  test('is refused after a cancel, carried out or only accepted', () => {
    cancelPayment(payment, PAYER.now, { ...behaviour, cancelDelaySeconds: 10 });
    expect(refund('rf-1', 1000)).toBe('ORDER_NOT_REFUNDABLE');
    applyDueChanges(payment, PAYER.now + 10_000, behaviour);
    expect(refund('rf-1', 1000)).toBe('ORDER_NOT_REFUNDABLE');
  });
});
