/**
 * The interface of a payment provider, in the gateway's own terms. One exported value per provider; a capability that a
 * provider lacks is an absent member, not a stub that throws. A provider's wire terms (status names, result codes,
 * header names) do not leave its folder.
 *
 * Every call resolves to an outcome and does not reject for network errors: "unknown" is an outcome. Callers must
 * distinguish
 * - `declined`: the provider understood the request and refused it; nothing took effect,
 * - `unavailable`: nothing took effect and a retry may succeed (rate limit, maintenance, open circuit),
 * - `unknown`: the request may or may not have taken effect (timeout, connection reset, 5xx, unreadable response).
 */
import type { Money, PaymentMethodType, ProviderName } from '../domain/payment.ts';
import type { ProviderRefund } from '../domain/refunds/refund.ts';

export type { PaymentMethodType, ProviderName, ProviderRefund };

/** The merchant's account at the provider: the decrypted credentials of a payment_processor_config. */
export interface ProviderAccount {
  readonly merchantId: string;
}

/** Why a call did not succeed; safe for logs and for `last_payment_error`. */
export interface OutcomeReason {
  /** Stable, in snake_case, for example `timeout`, `not_reachable`, `rate_limit`. */
  readonly code: string;
  /** Human-readable; contains no secrets and no payer data. */
  readonly message: string;
  /** The provider's own request id, for its support. */
  readonly providerRequestId?: string;
}

export interface Declined {
  readonly kind: 'declined';
  readonly reason: OutcomeReason;
}
export interface Unavailable {
  readonly kind: 'unavailable';
  readonly reason: OutcomeReason;
  /** How long to wait before a retry, when the provider or the circuit breaker says so. */
  readonly retryAfterMs?: number;
}
export interface Unknown {
  readonly kind: 'unknown';
  readonly reason: OutcomeReason;
}

/** Money as the provider reports it. */
export type ProviderMoney = Money;

/** A call that has ended, for metrics and for the record of calls. Contains no secrets and no payer data. */
export interface ProviderCall {
  readonly operation: string;
  /** The gateway's id of the attempt or the refund that it was about. */
  readonly objectId: string;
  /** How it ended; one of few words. */
  readonly outcome: string;
  /** The provider's result code. */
  readonly code: string | undefined;
  /** The provider's own request id, for its support. */
  readonly requestId: string | undefined;
  /** Whether the provider is at fault: it did not respond, or could not serve the request. A refusal is no failure. */
  readonly hasFailed: boolean;
  readonly durationMs: number;
}

export interface CreateCodeRequest {
  readonly account: ProviderAccount;
  /** The gateway's id of the attempt; the provider's idempotency key for this payment. */
  readonly attemptId: string;
  readonly amount: number;
  readonly currency: string;
  readonly description?: string;
  readonly storeId?: string;
  readonly terminalId?: string;
  readonly requestedAt: Date;
}

export interface CodeCreated {
  readonly kind: 'action_required';
  readonly codeId: string;
  /** The content of the QR image, exactly as the provider returned it. */
  readonly qrContent: string;
  readonly deeplink?: string;
  readonly expiresAt: Date;
}

export type CreateCodeOutcome =
  | CodeCreated
  /** The attempt id is in use at the provider: an earlier create took effect, but its code is not returned again. */
  | { readonly kind: 'duplicate'; readonly reason: OutcomeReason }
  | Declined
  | Unavailable
  | Unknown;

export type DeleteCodeOutcome =
  | { readonly kind: 'succeeded' }
  /** The code does not exist any more: expired, already deleted, or paid. Only `readPayment` can tell which. */
  | { readonly kind: 'not_found' }
  | { readonly kind: 'already_paid' }
  | Declined
  | Unavailable
  | Unknown;

/** The provider's own record of one attempt. */
export type PaymentObservation =
  | {
      /** The money was taken and has not been refunded in full. */
      readonly kind: 'succeeded';
      readonly providerPaymentId: string;
      readonly money: ProviderMoney;
      readonly paidAt: Date;
      /** The provider's time of its response, by the same clock as `paidAt`; undefined if unknown. */
      readonly answeredAt?: Date;
      readonly refundedAmount: number;
      readonly refunds: readonly ProviderRefund[];
    }
  | {
      /** The money was taken and has been refunded in full. */
      readonly kind: 'returned';
      readonly providerPaymentId: string;
      readonly money: ProviderMoney;
      readonly paidAt?: Date;
      readonly refunds: readonly ProviderRefund[];
    }
  /** The code exists and, according to the provider, is not paid yet. */
  | { readonly kind: 'pending' }
  /** The payment failed, or was cancelled after it was taken: no money is held. */
  | { readonly kind: 'failed'; readonly reason: OutcomeReason }
  /** The provider has no payment for this attempt: not yet, or not any more. */
  | { readonly kind: 'not_found' }
  | Unavailable
  | Unknown;

export type CancelPaymentOutcome =
  /** The provider has accepted the request and returns the money, now or if it is paid later. */
  | { readonly kind: 'accepted' }
  /** The payment cannot be cancelled (any more): refund it instead. */
  | Declined
  | Unavailable
  | Unknown;

export interface RefundRequest {
  readonly account: ProviderAccount;
  /** The gateway's id of the refund; the provider's idempotency key. */
  readonly refundId: string;
  readonly providerPaymentId: string;
  readonly money: ProviderMoney;
  readonly reason?: string;
  readonly requestedAt: Date;
}

/**
 * `declined` is final, and its reason says what staff can do; `unavailable` also stands for what the operator can mend, such as
 * wrong credentials.
 */
export type RefundOutcome =
  | { readonly kind: 'succeeded' }
  /** Accepted, and not completed yet. */
  | { readonly kind: 'pending' }
  /** Nothing took effect: another refund of the payment is being made, and this one may be repeated after it. */
  | { readonly kind: 'other_refund_pending'; readonly reason: OutcomeReason; readonly retryAfterMs: number }
  /** No refund with that id (only from readRefund). */
  | { readonly kind: 'not_found' }
  | Declined
  | Unavailable
  | Unknown;

/** Codes that a payer scans (merchant-presented mode). */
export interface CodePayments {
  createCode(request: CreateCodeRequest): Promise<CreateCodeOutcome>;
  deleteCode(request: {
    account: ProviderAccount;
    attemptId: string;
    codeId: string;
  }): Promise<DeleteCodeOutcome>;
  readPayment(request: { account: ProviderAccount; attemptId: string }): Promise<PaymentObservation>;
  /** Returns the money now, or as soon as it is paid. */
  cancelPayment(request: { account: ProviderAccount; attemptId: string }): Promise<CancelPaymentOutcome>;
  /** The time until which cancelPayment can be used for a payment taken at `paidAt`. */
  cancellableUntil(paidAt: Date): Date;
}

export interface Refunds {
  createRefund(request: RefundRequest): Promise<RefundOutcome>;
  readRefund(request: {
    account: ProviderAccount;
    refundId: string;
    providerPaymentId: string;
  }): Promise<RefundOutcome>;
}

/** An incoming webhook as received, before it is authenticated. */
export interface RawWebhook {
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
  /** The client address: the peer of the connection, or the address that a trusted proxy reported. */
  readonly peerAddress: string | undefined;
}

/** The translated claim of a webhook. Only a hint: the payment is always read before anything is changed. */
export interface WebhookHint {
  /** The provider's name for the kind of webhook, for the inbox and the log. */
  readonly type: string;
  /** Equal for two deliveries of the same webhook. */
  readonly dedupeKey: string;
  readonly attemptId?: string;
  readonly providerPaymentId?: string;
  /** The merchant's account that the webhook is about. */
  readonly account?: ProviderAccount;
  /** The amount that the webhook reports as paid; absent if it reports none, or a failed payment. */
  readonly paid?: ProviderMoney;
}

export interface Webhooks {
  /** The security scheme of the contract that messages from this provider must satisfy. */
  readonly securityScheme: string;
  /** Whether the configured proof shows that the provider sent the message: its signature, or the address of its peer. */
  isAuthentic(webhook: RawWebhook): boolean;
  /** Whether the message carries a signature, right or wrong. */
  hasSignature(webhook: RawWebhook): boolean;
  /** Reads what can be read; an unreadable body still yields a type and a dedupeKey. Never throws. */
  translate(body: Buffer): WebhookHint;
}

/** The breaker that stops the calls to a failing provider for a while, in this process. */
export interface CircuitState {
  /** For all merchants. */
  readonly isOpen: boolean;
  /** Merchants whose calls are stopped. */
  readonly openMerchants: number;
  /** In a row, over all merchants. */
  readonly failures: number;
}

export interface Provider {
  readonly name: ProviderName;
  readonly paymentMethodTypes: readonly PaymentMethodType[];
  /** ISO 4217 codes; absent: every currency. */
  readonly currencies?: readonly string[];
  readonly codes?: CodePayments;
  readonly refunds?: Refunds;
  readonly webhooks?: Webhooks;
  /** Absent: there is no circuit. */
  circuitState?(): CircuitState;
  /** Closes the connections. */
  close?(): Promise<void>;
}

/** The configured providers. */
export interface Providers {
  list(): readonly Provider[];
  find(name: string): Provider | undefined;
  /** The provider that carries out a payment method. */
  findForMethod(type: PaymentMethodType): Provider | undefined;
  /** The provider whose messages come in under a security scheme of the contract. */
  findForWebhook(securityScheme: string): Provider | undefined;
}
