/**
 * The records of the simulated PayPay: a payment, its code and its refunds. Types only; the transitions are in
 * payment-rules.ts, the storage is in ledger.ts.
 */

/** The statuses of an instant (not pre-authorized) payment. */
export type PaymentStatus = 'CREATED' | 'COMPLETED' | 'FAILED' | 'REFUNDED';

export interface Refund {
  /** The merchant's id or, if it was made in PayPay's console, an id of PayPay's own. */
  readonly merchantRefundId: string;
  /** Who made it: a call of the API, or the merchant's staff in PayPay's console. */
  readonly origin: 'api' | 'console';
  status: 'CREATED' | 'REFUNDED';
  readonly amount: number;
  readonly reason?: string;
  /** Epoch seconds, as sent by the merchant. */
  readonly requestedAt: number;
  readonly acceptedAt: number;
  /** When PayPay returns the money, unless it holds the refund. */
  readonly dueAt: number;
  /** Stays CREATED until a tester releases it, whatever the time. */
  readonly isHeld?: boolean;
}

/** The merchant's request to create the code; PayPay echoes it in its responses. */
export interface CodeRequest {
  readonly merchantPaymentId: string;
  readonly amount: number;
  readonly requestedAt: number;
  readonly orderDescription?: string;
  readonly orderItems?: readonly Record<string, unknown>[];
  readonly storeInfo?: string;
  readonly storeId?: string;
  readonly terminalId?: string;
  readonly redirectUrl?: string;
  readonly redirectType?: string;
}

/** The state of the payer's PayPay account. */
export type PayerState = 'active' | 'inactive' | 'cancelled';

/** One code and the payment made with it. Times are epoch milliseconds; an absent time has not occurred. */
export interface Payment {
  readonly merchantId: string;
  readonly merchantPaymentId: string;
  readonly amount: number;
  status: PaymentStatus;
  readonly codeId: string;
  readonly url: string;
  readonly deeplink: string;
  readonly request: CodeRequest;
  readonly createdAt: number;
  readonly expiresAt: number;
  deletedAt?: number;
  /** PayPay's own id, assigned when the payer pays or declines. */
  paymentId?: string;
  completedAt?: number;
  failedAt?: number;
  cancelRequestedAt?: number;
  /** When an accepted cancel of a completed payment is carried out. */
  cancelDueAt?: number;
  readonly refunds: Refund[];
  moneyTaken: number;
  moneyReturned: number;
  /** How much of the money PayPay has paid out to the merchant; nothing when absent. */
  paidOut?: number;
  /** Active when absent. */
  payerState?: PayerState;
  /** When a gift voucher expires with which the payment was made; absent when there is none. */
  voucherExpiresAt?: number;
  /** PayPay no longer keeps the order, and refuses whatever is asked of it except the payment details. */
  isUnavailable?: boolean;
  /** Refund requests so far; counted only for magic amounts that depend on it. */
  refundRequests?: number;
}
