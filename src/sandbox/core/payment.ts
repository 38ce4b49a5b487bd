/**
 * The records of the simulated PayPay: a payment, its code and its refunds. Types only; the transitions are in
 * payment-rules.ts, the storage is in ledger.ts.
 */

/** The statuses of an instant (not pre-authorized) payment. */
export type PaymentStatus = 'CREATED' | 'COMPLETED' | 'FAILED' | 'REFUNDED';

export interface Refund {
  readonly merchantRefundId: string;
  status: 'CREATED' | 'REFUNDED';
  readonly amount: number;
  readonly reason?: string;
  /** Epoch seconds, as sent by the merchant. */
  readonly requestedAt: number;
  readonly acceptedAt: number;
  /** When PayPay returns the money. */
  readonly dueAt: number;
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
}
