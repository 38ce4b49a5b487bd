/** The transitions of a payment as pure functions, with time as an argument. */

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

  test('is possible until one millisecond before expiry', () => {
    expect(payPayment({ ...payment }, { ...PAYER, now: EXPIRES - 1 })).toBeUndefined();
    expect(payPayment(payment, { ...PAYER, now: EXPIRES })).toBe('code_expired');
    expect(payPayment(payment, { ...PAYER, now: EXPIRES, force: true })).toBeUndefined();
  });

  test('a deleted code can be paid only with force', () => {
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
  test('is possible once, for a live unpaid code', () => {
    expect(deleteCode(payment, PAYER.now, behaviour)).toBeUndefined();
    expect(deleteCode(payment, PAYER.now, behaviour)).toBe('DYNAMIC_QR_NOT_FOUND');
  });

  test('does not find an expired code', () => {
    expect(deleteCode(payment, EXPIRES, behaviour)).toBe('DYNAMIC_QR_NOT_FOUND');
  });

  test.each([
    ['already_paid', 'DYNAMIC_QR_ALREADY_PAID'],
    ['not_found', 'DYNAMIC_QR_NOT_FOUND'],
  ] as const)('of a paid payment is refused as the switch says: %s', (choice, result) => {
    payPayment(payment, PAYER);
    expect(deleteCode(payment, PAYER.now, { ...behaviour, deletePaidCode: choice })).toBe(result);
  });
});

describe('cancelling', () => {
  test('before payment is accepted, and returns the money as soon as the code is paid', () => {
    expect(cancelPayment(payment, PAYER.now, behaviour)).toBeUndefined();
    expect(payment.status).toBe('CREATED');
    expect(payPayment(payment, PAYER)).toBeUndefined();
    expect(payment).toMatchObject({ status: 'FAILED', moneyTaken: 1000, moneyReturned: 1000 });
  });

  test('is possible until 00:14:59 JST of the next day', () => {
    payPayment(payment, PAYER);
    const late = structuredClone(payment);
    expect(cancelPayment(payment, CANCEL_END - 1, behaviour)).toBeUndefined();
    expect(payment).toMatchObject({ status: 'FAILED', moneyReturned: 1000 });
    expect(cancelPayment(late, CANCEL_END, behaviour)).toBe('ORDER_NOT_REVERSIBLE');
    expect(late).toMatchObject({ status: 'COMPLETED', moneyReturned: 0 });
  });

  test('can be repeated, and returns the money once', () => {
    payPayment(payment, PAYER);
    cancelPayment(payment, PAYER.now, behaviour);
    expect(cancelPayment(payment, CANCEL_END + 1, behaviour)).toBeUndefined();
    expect(payment.moneyReturned).toBe(1000);
  });

  test('is carried out after the configured delay', () => {
    payPayment(payment, PAYER);
    cancelPayment(payment, PAYER.now, { ...behaviour, cancelDelaySeconds: 10 });
    expect(payment).toMatchObject({ status: 'COMPLETED', moneyReturned: 0 });
    applyDueChanges(payment, PAYER.now + 10_000, behaviour);
    expect(payment).toMatchObject({ status: 'FAILED', moneyReturned: 1000 });
  });

  test('is refused once a refund was accepted, so that money is never returned twice', () => {
    payPayment(payment, PAYER);
    refund('rf-1', 400);
    expect(cancelPayment(payment, PAYER.now, behaviour)).toBe('ORDER_NOT_REVERSIBLE');
  });
});

describe('refunding', () => {
  beforeEach(() => {
    payPayment(payment, PAYER);
  });

  test('is accepted immediately and returns the money after a delay', () => {
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
    'of a part leaves the payment as the switch says: %s',
    (status) => {
      behaviour.statusAfterPartialRefund = status;
      refund('rf-1', 400);
      applyDueChanges(payment, PAYER.now + 5_000, behaviour);
      expect(payment).toMatchObject({ status, moneyReturned: 400 });
    },
  );

  test('a second time is refused unless enabled for the merchant', () => {
    refund('rf-1', 400);
    expect(refund('rf-2', 300)).toBe('MERCHANT_MULTIPLE_REFUND_REJECTED');
    behaviour.allowMultipleRefunds = true;
    expect(refund('rf-2', 300)).toMatchObject({ status: 'CREATED' });
  });

  test('never exceeds the amount taken', () => {
    behaviour.allowMultipleRefunds = true;
    expect(refund('rf-1', 1001)).toBe('INVALID_REFUND_AMOUNT');
    refund('rf-1', 400);
    expect(refund('rf-2', 601)).toBe('INVALID_REFUND_AMOUNT');
    expect(refund('rf-2', 600)).toMatchObject({ amount: 600 });
    applyDueChanges(payment, PAYER.now + 5_000, behaviour);
    expect(payment).toMatchObject({ status: 'REFUNDED', moneyReturned: 1000 });
  });

  test('the same amount again is throttled while the first refund is in progress', () => {
    behaviour.allowMultipleRefunds = true;
    refund('rf-1', 400);
    expect(refund('rf-2', 400)).toBe('THROTTLED_MULTIPLE_REFUND_REJECTED');
  });

  test('is limited to a maximum number per payment', () => {
    Object.assign(behaviour, { allowMultipleRefunds: true, maxRefunds: 1 });
    refund('rf-1', 1);
    expect(refund('rf-2', 2)).toBe('REFUND_LIMIT_EXCEEDED');
  });

  test('is possible until the end of the 365th day', () => {
    expect(refund('rf-1', 1, REFUND_END)).toBe('REFUND_WINDOW_EXCEED');
    expect(refund('rf-1', 1, REFUND_END - 1)).toMatchObject({ status: 'CREATED' });
  });

  test('is refused after a cancel, whether carried out or only accepted', () => {
    cancelPayment(payment, PAYER.now, { ...behaviour, cancelDelaySeconds: 10 });
    expect(refund('rf-1', 1000)).toBe('ORDER_NOT_REFUNDABLE');
    applyDueChanges(payment, PAYER.now + 10_000, behaviour);
    expect(refund('rf-1', 1000)).toBe('ORDER_NOT_REFUNDABLE');
  });
});
