import { describe, expect, it } from 'vitest';
import { isWindowOver, refundsUntil } from '../../../src/domain/refunds/refund-window.ts';
import { paidWith } from '../../support/paid-payment.ts';

const paidAt = (jst: string) => paidWith({ succeededAt: new Date(`${jst}+09:00`) }).intent;
const at = (jst: string) => new Date(`${jst}+09:00`);

describe('the refund window', () => {
  it.each([
    ['on an ordinary day', '2026-01-15T12:00:00', '2027-01-15'],
    ['at 23:59:59', '2026-01-15T23:59:59', '2027-01-15'],
    ['at 23:59:59.999', '2026-01-15T23:59:59.999', '2027-01-15'],
    ['at 00:00:00, which is another day', '2026-01-16T00:00:00', '2027-01-16'],
    ['the day before the 29th of February lies in its window', '2027-02-28T12:00:00', '2028-02-28'],
    ['so that the window contains the 29th of February', '2027-03-01T12:00:00', '2028-02-29'],
    ['on the 29th of February', '2028-02-29T12:00:00', '2029-02-28'],
    ['on the last day of a year before a leap year', '2027-12-31T23:59:59', '2028-12-30'],
  ])('of a payment %s ends with the 365th day after it in Japan', (_, paid, lastDay) => {
    const intent = paidAt(paid);
    expect(refundsUntil(intent)).toEqual(at(`${lastDay}T23:59:59`));
    expect(isWindowOver(intent, at(`${lastDay}T23:59:59`))).toBe(false);
    expect(isWindowOver(intent, at(`${lastDay}T23:59:59.999`))).toBe(false);
    expect(isWindowOver(intent, new Date(at(`${lastDay}T23:59:59`).getTime() + 1_000))).toBe(true);
  });

  it('does not exist for cash, nor for a payment that has not succeeded', () => {
    const cash = paidWith({ paymentMethodType: 'cash' }).intent;
    const unpaid = paidWith({ status: 'expired', succeededAt: undefined }).intent;
    expect([refundsUntil(cash), refundsUntil(unpaid)]).toEqual([undefined, undefined]);
    expect(isWindowOver(cash, at('2099-01-01T00:00:00'))).toBe(false);
  });
});
