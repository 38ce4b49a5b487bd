/**
 * What staff read when PayPay refuses a refund.
 */
import { describe, expect, it } from 'vitest';
import { COUNTED_FAILURES } from '../../src/lib/metrics/refunds.ts';
import { REFUND_FAILURE_CODES, refundFailureOf } from '../../src/providers/paypay/refund-failures.ts';

const REASON = { code: 'invalid_params', message: 'Invalid parameters received', providerRequestId: 'r1' };
const IN_CASH = /Return the money in cash\./;
const CHECK_FIRST = /Check the payment in PayPay for Business before you return money in cash\.$/;

describe('the failure of a refund', () => {
  it.each([
    'MERCHANT_MULTIPLE_REFUND_REJECTED',
    'CANCELED_USER',
    'USER_STATE_IS_NOT_ACTIVE',
    'REFUND_WINDOW_EXCEED',
    'REFUND_LIMIT_EXCEEDED',
    'ORDER_NO_LONGER_AVAILABLE',
  ])('%s has staff return the money in cash, because PayPay certainly keeps it', (code) => {
    expect(refundFailureOf(code, REASON).message).toMatch(IN_CASH);
  });

  it.each(['RESOURCE_NOT_FOUND', 'ORDER_NOT_REFUNDABLE', 'UNACCEPTABLE_OP', 'INVALID_PARAMS', undefined])(
    '%s has staff look at PayPay first, because the money may be back already',
    (code) => {
      const { message } = refundFailureOf(code, REASON);
      expect(message).toMatch(CHECK_FIRST);
      expect(message).not.toMatch(IN_CASH);
    },
  );

  it('names a reason that is not listed, and keeps the id of the request for support', () => {
    expect(refundFailureOf('INVALID_PARAMS', REASON)).toEqual({
      code: 'provider_refused',
      message: expect.stringContaining('invalid_params'),
      providerRequestId: 'r1',
    });
  });

  it('has a code that the metrics count by name', () => {
    expect([...COUNTED_FAILURES].sort()).toEqual([...REFUND_FAILURE_CODES].sort());
  });
});
