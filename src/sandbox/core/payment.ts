/**
 * The shapes of the simulated PayPay's books: a payment, its code and its refunds. Types only; what may happen to
 * them is in payment-rules.ts, where they are kept in ledger.ts.
 */

/** The statuses that an instant (not pre-authorized) payment can have. */
export type PaymentStatus = 'CREATED' | 'COMPLETED' | 'FAILED' | 'REFUNDED';

export interface Refund {
  readonly merchantRefundId: string;
  status: 'CREATED' | 'REFUNDED';
  readonly amount: number;
  readonly reason?: string;
  /** Epoch seconds as the merchant sent them. */
  readonly requestedAt: number;
  readonly acceptedAt: number;
  /** When PayPay gives the money back. */
  readonly dueAt: number;
}

/** What the merchant asked for when creating the code; echoed back by PayPay. */
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

/** One code and the payment made with it. Times are epoch milliseconds; absent means that it did not happen. */
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
  /** PayPay's own number, given when the payer acts. */
  paymentId?: string;
  completedAt?: number;
  failedAt?: number;
  cancelRequestedAt?: number;
  /** When an accepted cancel of a completed payment is carried out. */
  cancelDueAt?: number;
  readonly refunds: Refund[];
  moneyTaken: number;
  moneyReturned: number;
}
