/** A payment as the ledger has it, for tests of the rules. */
import type { Payment } from '../../../src/sandbox/core/payment.ts';

export const CREATED_AT = Date.parse('2026-01-01T12:00:00+09:00');
export const EXPIRES_AT = CREATED_AT + 300_000;

/** An unpaid code of 1,000 yen. */
export function makePayment(): Payment {
  return {
    merchantId: 'm',
    merchantPaymentId: 'inv-1',
    amount: 1000,
    status: 'CREATED',
    codeId: '04-AAAAAAAAAAAAAAAA',
    url: '',
    deeplink: '',
    request: { merchantPaymentId: 'inv-1', amount: 1000, requestedAt: 0 },
    createdAt: CREATED_AT,
    expiresAt: EXPIRES_AT,
    refunds: [],
    moneyTaken: 0,
    moneyReturned: 0,
  };
}
