/**
 * The simulated PayPay's ledger: every payment by merchant and merchantPaymentId, with the money taken from the payer
 * and returned. Stores and finds payments; payment-rules.ts and refund-rules.ts decide what may happen to them. It has
 * no clock: callers pass the time, and changes due by then are applied before a payment is returned.
 */
import type { SandboxBehaviour } from './options.ts';
import type { Payment } from './payment.ts';
import { applyDueCancel } from './payment-rules.ts';
import { applyDueRefunds } from './refund-rules.ts';

export interface Ledger {
  /** Adds a payment, or registers the paymentId that one has been given. */
  add(payment: Payment): void;
  find(merchantId: string, merchantPaymentId: string, now: number): Payment | undefined;
  findByCode(codeId: string, now: number): Payment | undefined;
  findByPaymentId(merchantId: string, paymentId: string, now: number): Payment | undefined;
  /** Applies what is due to a payment that the caller has just changed. */
  applyDue(payment: Payment, now: number): Payment;
  /** Every payment, oldest first. */
  list(now: number): Payment[];
  /** The merchant's sales that PayPay has not paid out, less what was returned. */
  readSales(merchantId: string): number;
  clear(): void;
}

/** Creates an empty ledger. `behaviour` is read on every call, so that switches take effect immediately. */
export function createLedger(behaviour: SandboxBehaviour): Ledger {
  const payments = new Map<string, Payment>();
  const codes = new Map<string, Payment>();
  const paymentIds = new Map<string, Payment>();
  const all = (): Iterable<Payment> => payments.values();

  const applyDue = (payment: Payment, now: number): Payment => {
    // All payments of a merchant draw on the same sales, so the oldest comes first, whichever is read.
    applyDueTo(behaviour.holdRefundsAboveSales ? all() : [payment], all, now, behaviour);
    return payment;
  };
  const upToDate = (payment: Payment | undefined, now: number): Payment | undefined =>
    payment && applyDue(payment, now);

  return {
    add(payment) {
      payments.set(keyOf(payment.merchantId, payment.merchantPaymentId), payment);
      codes.set(payment.codeId, payment);
      if (payment.paymentId !== undefined) {
        paymentIds.set(keyOf(payment.merchantId, payment.paymentId), payment);
      }
    },
    find: (merchantId, merchantPaymentId, now) =>
      upToDate(payments.get(keyOf(merchantId, merchantPaymentId)), now),
    findByCode: (codeId, now) => upToDate(codes.get(codeId), now),
    findByPaymentId: (merchantId, paymentId, now) =>
      upToDate(paymentIds.get(keyOf(merchantId, paymentId)), now),
    applyDue,
    list(now) {
      applyDueTo(all(), all, now, behaviour);
      return [...all()];
    },
    readSales: (merchantId) => sumSales(all(), merchantId),
    clear() {
      payments.clear();
      codes.clear();
      paymentIds.clear();
    },
  };
}

function applyDueTo(
  affected: Iterable<Payment>,
  all: () => Iterable<Payment>,
  now: number,
  behaviour: SandboxBehaviour,
): void {
  for (const payment of affected) {
    applyDueCancel(payment, now);
    applyDueRefunds(payment, now, behaviour, () => sumSales(all(), payment.merchantId));
  }
}

function sumSales(payments: Iterable<Payment>, merchantId: string): number {
  let sales = 0;
  for (const payment of payments) {
    const { moneyTaken, moneyReturned, paidOut = 0 } = payment;
    sales += payment.merchantId === merchantId ? moneyTaken - moneyReturned - paidOut : 0;
  }
  return sales;
}

function keyOf(merchantId: string, id: string): string {
  // A stored id contains no line feed, so the key is unambiguous.
  return `${merchantId}\n${id}`;
}
