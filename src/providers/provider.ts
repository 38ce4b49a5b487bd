/**
 * What the gateway asks of whoever moves the money, in the gateway's own words. One exported value per provider;
 * capabilities a provider does not have are absent members, not stubs that throw. A provider's wire words (status
 * names, result codes, header names) stop inside its folder.
 *
 * Every call resolves to an outcome, never rejects for what happened on the wire: "unknown" is an outcome. The
 * difference that matters is between
 * - `declined`: the provider understood and will not do it; nothing took effect,
 * - `unavailable`: it certainly did nothing, a later try may work (rate limit, maintenance, open circuit),
 * - `unknown`: it may or may not have taken effect (time-out, reset, 5xx, an answer we cannot read).
 */
import type { Money, PaymentMethodType, ProviderName } from '../domain/payment.ts';

export type { PaymentMethodType, ProviderName };

/** How the provider knows the merchant: the decrypted credentials of a payment_processor_config. */
export interface ProviderAccount {
  readonly merchantId: string;
}

/** Why something did not happen, in words fit for a log and, as `code`, for `last_payment_error`. */
export interface OutcomeReason {
  /** Stable snake_case word of ours, for example `insufficient_parameters`, `timeout`, `rate_limited`. */
  readonly code: string;
  /** A sentence for people; holds no secret and no payer data. */
  readonly message: string;
  /** The provider's own request id, for its support desk. */
  readonly providerRequestId?: string;
}

export interface Declined {
  readonly kind: 'declined';
  readonly reason: OutcomeReason;
}
export interface Unavailable {
  readonly kind: 'unavailable';
  readonly reason: OutcomeReason;
  /** How long to wait before another try, when the provider or the circuit breaker said so. */
  readonly retryAfterMs?: number;
}
export interface Unknown {
  readonly kind: 'unknown';
  readonly reason: OutcomeReason;
}

/** Money as the provider reports it. */
export type ProviderMoney = Money;

export interface CreateCodeRequest {
  readonly account: ProviderAccount;
  /** Our id of the attempt; the provider's idempotency key for this payment. */
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
  /** What goes into the QR picture, exactly as the provider gave it. */
  readonly qrContent: string;
  readonly deeplink?: string;
  readonly expiresAt: Date;
}

export type CreateCodeOutcome =
  | CodeCreated
  /** The attempt id is in use at the provider: an earlier create took effect, but its code is not told again. */
  | { readonly kind: 'duplicate'; readonly reason: OutcomeReason }
  | Declined
  | Unavailable
  | Unknown;

export type DeleteCodeOutcome =
  | { readonly kind: 'succeeded' }
  /** No such code any more: expired, deleted before, or paid; only the payment details tell which. */
  | { readonly kind: 'not_found' }
  | { readonly kind: 'already_paid' }
  | Declined
  | Unavailable
  | Unknown;

/** What the provider's own record says about one attempt. */
export type PaymentObservation =
  | {
      /** The money was taken and is still there, wholly or in part. */
      readonly kind: 'succeeded';
      readonly providerPaymentId: string;
      readonly money: ProviderMoney;
      readonly paidAt: Date;
      readonly refundedAmount: number;
    }
  | {
      /** The money was taken and has been given back in full. */
      readonly kind: 'returned';
      readonly providerPaymentId: string;
      readonly money: ProviderMoney;
      readonly paidAt?: Date;
    }
  /** The code exists and nothing was paid, as far as the provider says at this moment. */
  | { readonly kind: 'pending' }
  /** The payment failed, or was cancelled after being taken: no money is held. */
  | { readonly kind: 'failed'; readonly reason: OutcomeReason }
  /** The provider knows no payment for this attempt: not yet, or not any more. */
  | { readonly kind: 'not_found' }
  | Unavailable
  | Unknown;

export type CancelPaymentOutcome =
  /** The provider has taken the wish and will return the money, now or when it is paid later. */
  | { readonly kind: 'accepted' }
  /** Cancel is not possible (any more): refund instead. */
  | Declined
  | Unavailable
  | Unknown;

export interface RefundRequest {
  readonly account: ProviderAccount;
  /** Our id of the refund; the provider's idempotency key. */
  readonly refundId: string;
  readonly providerPaymentId: string;
  readonly money: ProviderMoney;
  readonly reason?: string;
  readonly requestedAt: Date;
}

export type RefundOutcome =
  | { readonly kind: 'succeeded' }
  /** Accepted; the provider is carrying it out. */
  | { readonly kind: 'pending' }
  /** No refund with that id (only from readRefund). */
  | { readonly kind: 'not_found' }
  | Declined
  | Unavailable
  | Unknown;

/** Codes that a payer scans (merchant-presented mode). */
export interface CodePayments {
  createCode(request: CreateCodeRequest): Promise<CreateCodeOutcome>;
  deleteCode(request: { account: ProviderAccount; codeId: string }): Promise<DeleteCodeOutcome>;
  readPayment(request: { account: ProviderAccount; attemptId: string }): Promise<PaymentObservation>;
  /** Gives the money back now, or as soon as it is paid. */
  cancelPayment(request: { account: ProviderAccount; attemptId: string }): Promise<CancelPaymentOutcome>;
  /** Last moment at which cancelPayment may still be used for a payment taken at `paidAt`. */
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

/** An inbound notification as it came in, before anything is believed. */
export interface RawWebhook {
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
  /** The address of the peer of the TCP connection; never a header's claim. */
  readonly peerAddress: string | undefined;
}

/** What a notification claims, translated. A hint: never acted on without reading the payment. */
export interface WebhookHint {
  /** The provider's word for the kind of message, for the inbox and the log. */
  readonly type: string;
  /** Equal for two deliveries of the same message. */
  readonly dedupeKey: string;
  readonly attemptId?: string;
  readonly providerPaymentId?: string;
}

export type WebhookVerification = 'authentic' | 'signature_mismatch' | 'missing_authorization';

export interface Webhooks {
  /** The security scheme of the contract that messages from this provider must satisfy. */
  readonly securityScheme: string;
  /** Checks the configured proof that the provider sent the message: its signature, or the address of its peer. */
  verify(webhook: RawWebhook): WebhookVerification;
  /** Reads what can be read; a body that makes no sense still gives a type and a dedupeKey. Never throws. */
  translate(body: Buffer): WebhookHint;
}

export interface Provider {
  readonly name: ProviderName;
  readonly paymentMethodTypes: readonly PaymentMethodType[];
  /** ISO 4217 codes; absent: every currency. */
  readonly currencies?: readonly string[];
  readonly codes?: CodePayments;
  readonly refunds?: Refunds;
  readonly webhooks?: Webhooks;
  /** Frees sockets. */
  close?(): Promise<void>;
}

/** The configured providers. */
export interface Providers {
  find(name: string): Provider | undefined;
  /** The provider that carries out a payment method. */
  findForMethod(type: PaymentMethodType): Provider | undefined;
  /** The provider whose messages come in under a security scheme of the contract. */
  findForWebhook(securityScheme: string): Provider | undefined;
}
