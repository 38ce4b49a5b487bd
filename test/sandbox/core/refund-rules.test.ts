/** The rules of refunds as pure functions, with time as an argument. */

import { beforeEach, describe, expect, test } from 'vitest';
import { createLedger, type Ledger } from '../../../src/sandbox/core/ledger.ts';
import { DEFAULT_BEHAVIOUR, type SandboxBehaviour } from '../../../src/sandbox/core/options.ts';
import type { Payment } from '../../../src/sandbox/core/payment.ts';
import { cancelPayment, payPayment } from '../../../src/sandbox/core/payment-rules.ts';
import { createRandom } from '../../../src/sandbox/core/random.ts';
import { refundableAmount, refundPayment } from '../../../src/sandbox/core/refund-rules.ts';
import { CREATED_AT, makePayment } from '../support/sample-payment.ts';

const PAID_AT = CREATED_AT + 1_000;
const DELAY_MS = 5_000;

let behaviour: SandboxBehaviour;
let ledger: Ledger;
let payment: Payment;

beforeEach(() => {
  behaviour = { ...DEFAULT_BEHAVIOUR };
  ledger = createLedger(behaviour);
  payment = addPaid('inv-1');
});

function addPaid(merchantPaymentId: string, paidAt = PAID_AT): Payment {
  const paid: Payment = { ...makePayment(), merchantPaymentId, refunds: [] };
  payPayment(paid, { now: paidAt, paymentId: `04-${merchantPaymentId}`, force: true });
  ledger.add(paid);
  return paid;
}

const refund = (merchantRefundId: string, amount: number, now = PAID_AT, of = payment) =>
  refundPayment(of, { merchantRefundId, amount, requestedAt: 0, origin: 'api' }, now, behaviour);
const waitUntil = (now: number) => ledger.applyDue(payment, now);

test('a refund is accepted immediately, and returns the money after a delay', () => {
  expect(refund('rf-1', 1000)).toMatchObject({ status: 'CREATED', amount: 1000 });
  waitUntil(PAID_AT + DELAY_MS - 1);
  expect(payment).toMatchObject({ status: 'COMPLETED', moneyReturned: 0 });
  waitUntil(PAID_AT + DELAY_MS);
  expect(payment).toMatchObject({
    status: 'REFUNDED',
    moneyReturned: 1000,
    refunds: [{ status: 'REFUNDED' }],
  });
});

test.each(['REFUNDED', 'COMPLETED'] as const)(
  'a refund of a part leaves the payment as the switch says: %s',
  (status) => {
    behaviour.statusAfterPartialRefund = status;
    refund('rf-1', 400);
    waitUntil(PAID_AT + DELAY_MS);
    expect(payment).toMatchObject({ status, moneyReturned: 400 });
  },
);

test('several refunds are allowed, unless the merchant has no permission for them', () => {
  refund('rf-1', 400);
  expect(refund('rf-2', 300)).toMatchObject({ status: 'CREATED' });
  behaviour.allowMultipleRefunds = false;
  expect(refund('rf-3', 200)).toBe('MERCHANT_MULTIPLE_REFUND_REJECTED');
});

test('the sum of the refunds never exceeds the payment', () => {
  expect(refund('rf-1', 1001)).toBe('INVALID_REFUND_AMOUNT');
  refund('rf-1', 400);
  expect(refund('rf-2', 601)).toBe('INVALID_REFUND_AMOUNT');
  expect(refund('rf-2', 600)).toMatchObject({ amount: 600 });
  expect(refund('rf-3', 1)).toBe('INVALID_REFUND_AMOUNT');
  waitUntil(PAID_AT + DELAY_MS);
  expect(payment).toMatchObject({ status: 'REFUNDED', moneyReturned: 1000 });
});

test('whatever is refunded and cancelled, the ledger adds up', () => {
  const random = createRandom(7);
  for (let round = 0; round < 300; round += 1) {
    const one = addPaid(`round-${round}`);
    let now = PAID_AT;
    for (let step = 0; step < 8; step += 1) {
      now += Math.floor(random() * 10_000);
      if (random() < 0.1) {
        cancelPayment(one, now, behaviour);
      } else {
        refund(`rf-${step}`, 1 + Math.floor(random() * 600), now, one);
      }
      ledger.applyDue(one, now);
      const carriedOut = one.refunds.filter(({ status }) => status === 'REFUNDED');
      const sum = carriedOut.reduce((total, { amount }) => total + amount, 0);
      expect(one.moneyReturned).toBe(one.status === 'FAILED' ? one.moneyTaken : sum);
      expect(one.refunds.reduce((total, { amount }) => total + amount, 0)).toBeLessThanOrEqual(1000);
      expect(refundableAmount(one)).toBeGreaterThanOrEqual(0);
    }
  }
});

test('a payment has at most 50 refunds', () => {
  for (let count = 1; count <= 50; count += 1) {
    expect(refund(`rf-${count}`, count % 19 === 0 ? 20 : count % 19)).toMatchObject({ status: 'CREATED' });
    waitUntil(PAID_AT + DELAY_MS);
  }
  expect(refund('rf-51', 1)).toBe('REFUND_LIMIT_EXCEEDED');
});

describe('during another refund of the payment', () => {
  beforeEach(() => {
    Object.assign(behaviour, { refundDelaySeconds: 300 });
    refund('rf-1', 400);
  });

  test('the same amount is throttled for one minute, another is not', () => {
    expect(refund('rf-2', 400, PAID_AT + 59_999)).toBe('THROTTLED_MULTIPLE_REFUND_REJECTED');
    expect(refund('rf-2', 399, PAID_AT)).toMatchObject({ status: 'CREATED' });
    expect(refund('rf-3', 200, PAID_AT + 60_000)).toMatchObject({ status: 'CREATED' });
  });

  test('every amount is throttled for one minute, if the switch says so', () => {
    behaviour.throttledRefunds = 'any';
    expect(refund('rf-2', 399, PAID_AT + 59_999)).toBe('THROTTLED_MULTIPLE_REFUND_REJECTED');
    expect(refund('rf-2', 399, PAID_AT + 60_000)).toMatchObject({ status: 'CREATED' });
  });

  test('nothing is throttled once the other has been carried out', () => {
    Object.assign(behaviour, { throttledRefunds: 'any', refundDelaySeconds: 0 });
    const other = addPaid('inv-2');
    refund('rf-1', 400, PAID_AT, other);
    ledger.applyDue(other, PAID_AT);
    expect(refund('rf-2', 400, PAID_AT, other)).toMatchObject({ status: 'CREATED' });
  });
});

describe('the refund window', () => {
  test.each([
    ['a payment at noon', '2026-01-01T12:00:00+09:00', '2027-01-01T23:59:59.999+09:00'],
    ['the first moment of a day in Japan', '2026-01-01T00:00:00+09:00', '2027-01-01T23:59:59.999+09:00'],
    ['the last second of a day in Japan', '2026-01-01T23:59:59+09:00', '2027-01-01T23:59:59.999+09:00'],
    [
      'the first second of the next day in Japan, still the day before in UTC',
      '2026-01-01T15:00:00Z',
      '2027-01-02T23:59:59.999+09:00',
    ],
    ['a day before 29 February', '2027-06-01T12:00:00+09:00', '2028-05-31T23:59:59.999+09:00'],
    ['29 February', '2028-02-29T12:00:00+09:00', '2029-02-28T23:59:59.999+09:00'],
  ])('after %s ends with the last second of the 365th day', (_, paid, end) => {
    const one = addPaid('inv-2', Date.parse(paid));
    const last = Date.parse(end);
    expect(refund('rf-1', 1, last, one)).toMatchObject({ status: 'CREATED' });
    expect(refund('rf-2', 2, last + 1, one)).toBe('REFUND_WINDOW_EXCEED');
  });

  test('ends earlier when the gift voucher of the payment expires', () => {
    payment.voucherExpiresAt = PAID_AT + 3_600_000;
    expect(refund('rf-1', 1, PAID_AT + 3_599_999)).toMatchObject({ status: 'CREATED' });
    expect(refund('rf-2', 2, PAID_AT + 3_600_000)).toBe('REFUND_WINDOW_EXCEED');
  });
});

describe('a refund is refused', () => {
  test.each([
    ['of a payer who has closed the account', { payerState: 'cancelled' }, 'CANCELED_USER'],
    ['of a payer who is not active', { payerState: 'inactive' }, 'USER_STATE_IS_NOT_ACTIVE'],
    ['of an order that PayPay no longer keeps', { isUnavailable: true }, 'ORDER_NO_LONGER_AVAILABLE'],
  ] as const)('%s', (_, change, result) => {
    Object.assign(payment, change);
    expect(refund('rf-1', 1)).toBe(result);
    expect(payment.refunds).toEqual([]);
  });

  test('after a cancel, whether carried out or only accepted', () => {
    cancelPayment(payment, PAID_AT, { ...behaviour, cancelDelaySeconds: 10 });
    expect(refund('rf-1', 1000)).toBe('ORDER_NOT_REFUNDABLE');
    waitUntil(PAID_AT + 10_000);
    expect(refund('rf-1', 1000)).toBe('ORDER_NOT_REFUNDABLE');
    expect(refundableAmount(payment)).toBe(0);
  });

  test.each([
    ['2026-01-02T00:59:59+09:00', 1, 5, false],
    ['2026-01-02T01:00:00+09:00', 1, 5, true],
    ['2026-01-02T04:59:59+09:00', 1, 5, true],
    ['2026-01-02T05:00:00+09:00', 1, 5, false],
    ['2026-01-02T22:59:59+09:00', 23, 2, false],
    ['2026-01-02T23:00:00+09:00', 23, 2, true],
    ['2026-01-02T01:59:59+09:00', 23, 2, true],
    ['2026-01-02T02:00:00+09:00', 23, 2, false],
    ['2026-01-02T00:00:00+09:00', 0, 0, false],
  ])(
    'in the hours of the night that the switches name: %s, pause from %i to %i: %s',
    (at, from, to, isRefused) => {
      Object.assign(behaviour, { refundPauseFromHour: from, refundPauseToHour: to });
      expect(refund('rf-1', 1, Date.parse(at)) === 'MAINTENANCE_MODE').toBe(isRefused);
    },
  );
});

describe('with holdRefundsAboveSales', () => {
  const payOut = () => {
    for (const each of ledger.list(PAID_AT)) {
      each.paidOut = each.moneyTaken - each.moneyReturned;
    }
  };

  beforeEach(() => {
    behaviour.holdRefundsAboveSales = true;
  });

  test('a refund of no more than the sales that are not paid out is carried out', () => {
    expect(ledger.readSales('m')).toBe(1000);
    refund('rf-1', 1000);
    waitUntil(PAID_AT + DELAY_MS);
    expect(payment).toMatchObject({ status: 'REFUNDED', moneyReturned: 1000 });
    expect(ledger.readSales('m')).toBe(0);
  });

  test('a larger refund is held, and carried out when sales of the merchant cover it', () => {
    payOut();
    refund('rf-1', 600);
    waitUntil(PAID_AT + 86_400_000);
    expect(payment).toMatchObject({ moneyReturned: 0, refunds: [{ status: 'CREATED' }] });
    addPaid('inv-2');
    waitUntil(PAID_AT + 86_400_000);
    expect(payment).toMatchObject({ moneyReturned: 600, refunds: [{ status: 'REFUNDED' }] });
    expect(ledger.readSales('m')).toBe(400);
  });

  test("another merchant's sales do not count", () => {
    payOut();
    ledger.add({ ...addPaid('inv-2'), merchantId: 'other', merchantPaymentId: 'inv-3' });
    payOut();
    const foreign: Payment = { ...makePayment(), merchantId: 'other', merchantPaymentId: 'inv-4' };
    payPayment(foreign, { now: PAID_AT, paymentId: '04-4', force: true });
    ledger.add(foreign);
    refund('rf-1', 600);
    waitUntil(PAID_AT + DELAY_MS);
    expect([ledger.readSales('m'), ledger.readSales('other'), payment.moneyReturned]).toEqual([0, 1000, 0]);
  });

  test('sales pay for the refunds of the oldest payment first, whichever is read', () => {
    const second = addPaid('inv-2');
    payOut();
    refund('rf-1', 600);
    refund('rf-2', 600, PAID_AT, second);
    addPaid('inv-3');
    ledger.applyDue(second, PAID_AT + DELAY_MS);
    expect([payment.moneyReturned, second.moneyReturned]).toEqual([600, 0]);
  });

  test('switching it off carries out what was held', () => {
    payOut();
    refund('rf-1', 600);
    behaviour.holdRefundsAboveSales = false;
    waitUntil(PAID_AT + DELAY_MS);
    expect(payment.moneyReturned).toBe(600);
  });
});
