/** The transitions of a payment as pure functions, with time as an argument. */

import { beforeEach, describe, expect, test } from 'vitest';
import { DEFAULT_BEHAVIOUR, type SandboxBehaviour } from '../../../src/sandbox/core/options.ts';
import type { Payment } from '../../../src/sandbox/core/payment.ts';
import {
  applyDueCancel,
  cancelPayment,
  declinePayment,
  deleteCode,
  payPayment,
} from '../../../src/sandbox/core/payment-rules.ts';
import { refundPayment } from '../../../src/sandbox/core/refund-rules.ts';
import { CREATED_AT, EXPIRES_AT, makePayment } from '../support/sample-payment.ts';

const PAYER = { now: CREATED_AT + 1_000, paymentId: '04000000000000000001', force: false };
const CANCEL_END = Date.parse('2026-01-02T00:15:00+09:00');

let payment: Payment;
let behaviour: SandboxBehaviour;

beforeEach(() => {
  behaviour = { ...DEFAULT_BEHAVIOUR };
  payment = makePayment();
});

describe('paying', () => {
  test('takes the whole amount once', () => {
    expect(payPayment(payment, PAYER)).toBeUndefined();
    expect(payment).toMatchObject({ status: 'COMPLETED', moneyTaken: 1000, completedAt: PAYER.now });
    expect(payPayment(payment, { ...PAYER, force: true })).toBe('already_paid');
    expect(payment.moneyTaken).toBe(1000);
  });

  test('is possible until one millisecond before expiry', () => {
    expect(payPayment({ ...payment }, { ...PAYER, now: EXPIRES_AT - 1 })).toBeUndefined();
    expect(payPayment(payment, { ...PAYER, now: EXPIRES_AT })).toBe('code_expired');
    expect(payPayment(payment, { ...PAYER, now: EXPIRES_AT, force: true })).toBeUndefined();
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
    expect(deleteCode(payment, EXPIRES_AT, behaviour)).toBe('DYNAMIC_QR_NOT_FOUND');
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
    applyDueCancel(payment, PAYER.now + 10_000);
    expect(payment).toMatchObject({ status: 'FAILED', moneyReturned: 1000 });
  });

  test('is refused when PayPay no longer keeps the order', () => {
    payPayment(payment, PAYER);
    payment.isUnavailable = true;
    expect(cancelPayment(payment, PAYER.now, behaviour)).toBe('ORDER_NO_LONGER_AVAILABLE');
    expect(payment).toMatchObject({ status: 'COMPLETED', moneyReturned: 0 });
  });

  test('is refused once a refund was accepted, so that money is never returned twice', () => {
    payPayment(payment, PAYER);
    refundPayment(
      payment,
      { merchantRefundId: 'rf-1', amount: 400, requestedAt: 0, origin: 'api' },
      PAYER.now,
      behaviour,
    );
    expect(cancelPayment(payment, PAYER.now, behaviour)).toBe('ORDER_NOT_REVERSIBLE');
  });
});
