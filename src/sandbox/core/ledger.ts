/**
 * The simulated PayPay's ledger: every payment by merchant and merchantPaymentId, with the money taken from the payer
 * and returned. Stores and finds payments; payment-rules.ts decides what may happen to them. It has no clock: callers
 * pass the time, and changes due by then are applied before a payment is returned.
 */
import type { SandboxBehaviour } from './options.ts';
import type { Payment } from './payment.ts';
import { applyDueChanges } from './payment-rules.ts';

export interface Ledger {
  add(payment: Payment): void;
  find(merchantId: string, merchantPaymentId: string, now: number): Payment | undefined;
  findByCode(codeId: string, now: number): Payment | undefined;
  findByPaymentId(merchantId: string, paymentId: string, now: number): Payment | undefined;
  /** Every payment, oldest first. */
  list(now: number): Payment[];
  clear(): void;
}

/** Creates an empty ledger. `behaviour` is read on every call, so that switches take effect immediately. */
export function createLedger(behaviour: SandboxBehaviour): Ledger {
  const payments = new Map<string, Payment>();
  const codes = new Map<string, Payment>();
  const upToDate = (payment: Payment | undefined, now: number): Payment | undefined => {
    if (payment) {
      applyDueChanges(payment, now, behaviour);
    }
    return payment;
  };

  return {
    add(payment) {
      payments.set(keyOf(payment.merchantId, payment.merchantPaymentId), payment);
      codes.set(payment.codeId, payment);
    },
    find: (merchantId, merchantPaymentId, now) =>
      upToDate(payments.get(keyOf(merchantId, merchantPaymentId)), now),
    findByCode: (codeId, now) => upToDate(codes.get(codeId), now),
    findByPaymentId(merchantId, paymentId, now) {
      for (const payment of payments.values()) {
        if (payment.paymentId === paymentId && payment.merchantId === merchantId) {
          return upToDate(payment, now);
        }
      }
      return undefined;
    },
    list(now) {
      for (const payment of payments.values()) {
        applyDueChanges(payment, now, behaviour);
      }
      return [...payments.values()];
    },
    clear() {
      payments.clear();
      codes.clear();
    },
  };
}

function keyOf(merchantId: string, merchantPaymentId: string): string {
  // A stored merchantPaymentId contains no line feed, so the key is unambiguous.
  return `${merchantId}\n${merchantPaymentId}`;
}
