/**
 * The shapes of the simulated PayPay's books: a payment, its code and its refunds. Types only; what may happen to
 * them is in payment-rules.ts, where they are kept in ledger.ts.
 */

/** The statuses that an instant (not pre-authorized) payment can have. */
export type PaymentStatus = 'CREATED' | 'COMPLETED' | 'FAILED' | 'REFUNDED';

export interface Refund {
  merchantRefundId: string;
  status: 'CREATED' | 'REFUNDED';
  amount: number;
  reason?: string;
  /** Epoch seconds as the merchant sent them. */
  requestedAt: number;
  acceptedAt: number;
  /** When PayPay gives the money back. */
  dueAt: number;
}

/** What the merchant asked for when creating the code; echoed back by PayPay. */
export interface CodeRequest {
  merchantPaymentId: string;
  amount: number;
  requestedAt: number;
  orderDescription?: string;
  orderItems?: readonly Record<string, unknown>[];
  storeInfo?: string;
  storeId?: string;
  terminalId?: string;
  redirectUrl?: string;
  redirectType?: string;
}

/** One code and the payment made with it. Times are epoch milliseconds; absent means that it did not happen. */
export interface Payment {
  merchantId: string;
  merchantPaymentId: string;
  amount: number;
  status: PaymentStatus;
  codeId: string;
  url: string;
  deeplink: string;
  request: CodeRequest;
  createdAt: number;
  expiresAt: number;
  deletedAt?: number;
  /** PayPay's own number, given when the payer acts. */
  paymentId?: string;
  completedAt?: number;
  failedAt?: number;
  cancelRequestedAt?: number;
  /** When an accepted cancel of a completed payment is carried out. */
  cancelDueAt?: number;
  refunds: Refund[];
  moneyTaken: number;
  moneyReturned: number;
}
