/**
 * The domain's data types: payment intent, attempt and what belongs to them. Shapes and simple predicates only; the
 * transitions are in payment-machine.ts and attempt-updates.ts.
 */
import type { components } from '../../generated/openapi.d.ts';

export type PaymentIntentStatus = components['schemas']['PaymentIntentStatus'];
export type PaymentMethodType = components['schemas']['PaymentMethodType'];
/** Providers whose API moves the money; cash needs no attempt. */
export type AttemptProvider = components['schemas']['Provider'];
export type ProviderName = AttemptProvider | 'CASH';

/** An amount in the smallest unit of its currency. */
export interface Money {
  readonly amount: number;
  readonly currency: string;
}

/** Why an attempt failed; safe to show to the merchant and the payer. */
export interface PaymentError {
  readonly code: string;
  readonly message: string;
}

export interface PaymentIntent {
  readonly id: string;
  readonly merchantId: string;
  readonly merchantStoreId: string | undefined;
  readonly merchantTerminalId: string | undefined;
  readonly merchantRefId: string;
  readonly description: string | undefined;
  /** Where the payment page leads the payer back to after the end. */
  readonly returnUrl: string | undefined;
  readonly amount: number;
  readonly currency: string;
  readonly paymentMethodTypes: readonly PaymentMethodType[];
  readonly status: PaymentIntentStatus;
  readonly paymentMethodType: PaymentMethodType | undefined;
  /** The provider's number of the payment, which the payer sees in its app. Unset until it is paid, and of cash. */
  readonly providerPaymentId: string | undefined;
  readonly amountCaptured: number | undefined;
  /** The sum of its pending and succeeded refunds, without those of the gateway. */
  readonly amountRefunded: number;
  readonly lastPaymentError: PaymentError | undefined;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly succeededAt: Date | undefined;
  readonly cancelledAt: Date | undefined;
  readonly expiredAt: Date | undefined;
}

/**
 * The status of an attempt. The first four are live: an intent has at most one live attempt.
 * - `creating`: a code was or will be requested; the outcome is not known. Next: live, failed, abandoning.
 * - `live`: the code is known and can be paid. Next: succeeded, failed, closing, lapsed.
 * - `closing`: the code is being withdrawn, which is not confirmed yet. Next: succeeded, failed, lapsed.
 * - `abandoning`: a code may exist that was never received; the provider is being asked to return any money paid with
 *   it. Next: abandoned, lapsed.
 * - `succeeded`: the provider took the money.
 * - `failed`: no code was created, or the payment failed.
 * - `lapsed`: the code is dead and was not paid.
 * - `abandoned`: the provider has accepted to return any money paid with the code.
 */
export type AttemptStatus =
  | 'creating'
  | 'live'
  | 'closing'
  | 'abandoning'
  | 'succeeded'
  | 'failed'
  | 'lapsed'
  | 'abandoned';

export interface PaymentAttempt {
  /** The provider's idempotency key (PayPay: merchantPaymentId). */
  readonly id: string;
  readonly intentId: string;
  readonly merchantId: string;
  readonly provider: AttemptProvider;
  /** The merchant's id at the provider. */
  readonly providerMerchantId: string;
  readonly amount: number;
  readonly currency: string;
  readonly status: AttemptStatus;
  /** Create calls started; incremented before each call. */
  readonly createCalls: number;
  readonly codeId: string | undefined;
  readonly qrContent: string | undefined;
  readonly deeplink: string | undefined;
  readonly codeExpiresAt: Date | undefined;
  readonly providerPaymentId: string | undefined;
  readonly paidAt: Date | undefined;
  readonly failure: PaymentError | undefined;
  readonly createdAt: Date;
  readonly endedAt: Date | undefined;
  /** When the provider's record was last read. */
  readonly checkedAt: Date | undefined;
  /** Reads of the provider's record since the status last changed. */
  readonly checks: number;
  /** When to read the provider's record again; undefined when the attempt needs no further reads. */
  readonly nextCheckAt: Date | undefined;
}

/** An intent with all its attempts, oldest first: the input of every decision. */
export interface Payment {
  readonly intent: PaymentIntent;
  readonly attempts: readonly PaymentAttempt[];
}

/** Why the gateway returns the money of a payment without being asked. */
export type ReturnReason =
  | 'paid_after_cancel'
  | 'paid_after_expiry'
  | 'second_payment'
  | 'paid_after_abandon';

/** Money that must be returned to the payer. */
export interface RefundDue {
  readonly attemptId: string;
  readonly providerPaymentId: string;
  readonly money: Money;
  readonly reason: ReturnReason;
}

/** What has been learned about one attempt. */
export type AttemptUpdate =
  | { readonly type: 'create_begun' }
  | { readonly type: 'code_created'; readonly code: Code }
  /** It is certain that no code was created. */
  | { readonly type: 'code_refused'; readonly reason: PaymentError }
  /** It is not known whether a code was created. */
  | { readonly type: 'create_unanswered'; readonly reason: PaymentError }
  /** A code was created, but its content was lost and cannot be retrieved. */
  | { readonly type: 'code_unseen' }
  | { readonly type: 'abandon_accepted' }
  | { readonly type: 'close_begun' }
  /** The provider reports no payment; `deletion` is the outcome of deleting the code immediately before. */
  | { readonly type: 'unpaid'; readonly deletion: 'done' | 'not_found' | 'none' }
  | { readonly type: 'payment_found'; readonly found: FoundPayment }
  | { readonly type: 'payment_failed'; readonly reason: PaymentError }
  /** The provider's record could not be read, or is inconclusive. */
  | { readonly type: 'status_unreadable'; readonly reason: PaymentError };

export interface Code {
  readonly codeId: string;
  readonly qrContent: string;
  readonly deeplink: string | undefined;
  readonly expiresAt: Date;
}

export interface FoundPayment {
  readonly providerPaymentId: string;
  readonly money: Money;
  readonly paidAt: Date;
  /** `paidAt` converted to our clock, if known. Only this value may be compared with our times. */
  readonly paidAtOurTime?: Date;
}

/** The new state of a payment, with the events and refunds to store with it. */
export interface Change {
  readonly payment: Payment;
  readonly events: readonly PaymentEvent[];
  readonly refunds: readonly RefundDue[];
}

/** Every event type that is stored; `created` is written by the statement that inserts the intent. */
export type PaymentEventType =
  | 'created'
  | 'confirmed'
  | 'cancelled'
  | 'captured'
  | 'expired'
  | 'succeeded'
  | 'create_begun'
  | 'code_created'
  | 'code_refused'
  | 'code_unseen'
  | 'close_begun'
  | 'lapsed'
  | 'abandoned'
  | 'payment_failed'
  | 'outcome_unknown'
  | 'refund_due'
  | 'refund_created'
  | 'refund_delayed'
  | 'refund_succeeded'
  | 'refund_failed'
  | 'refunded';

/** Something that happened to an intent; immutable. */
export interface PaymentEvent {
  readonly type: PaymentEventType;
  readonly attemptId?: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

/** A change that makes no refund due. */
export function changed(payment: Payment, events: readonly PaymentEvent[]): Change {
  return { payment, events, refunds: [] };
}

const TERMINAL: ReadonlySet<PaymentIntentStatus> = new Set(['succeeded', 'cancelled', 'expired']);
const LIVE: ReadonlySet<AttemptStatus> = new Set(['creating', 'live', 'closing', 'abandoning']);

export function isTerminal(intent: PaymentIntent): boolean {
  return TERMINAL.has(intent.status);
}

export function isLive(attempt: PaymentAttempt): boolean {
  return LIVE.has(attempt.status);
}

/** The live attempt, if there is one. */
export function findLiveAttempt(payment: Payment): PaymentAttempt | undefined {
  return payment.attempts.find(isLive);
}

/** The attempt whose money the intent has taken. The gateway returns the money of others that succeeded. */
export function findAcceptedAttempt({
  intent: { paymentMethodType, succeededAt },
  attempts,
}: Payment): PaymentAttempt | undefined {
  return paymentMethodType === 'qr_mpm'
    ? attempts.find(({ paidAt }) => paidAt?.getTime() === succeededAt?.getTime())
    : undefined;
}

/** A payer who scans a code just before its expiry cannot finish in time, so showing it ends this long before. */
const SHOWN_MARGIN_MS = 10_000;

/** The time until which the attempt's code is shown; undefined while it has none. */
export function shownUntil({ codeExpiresAt, createdAt }: PaymentAttempt): Date | undefined {
  if (!codeExpiresAt) {
    return undefined;
  }
  // The sandbox makes codes that live for seconds. Those are shown for nine tenths of their life.
  const lifeMs = Math.max(codeExpiresAt.getTime() - createdAt.getTime(), 0);
  return new Date(codeExpiresAt.getTime() - Math.min(SHOWN_MARGIN_MS, lifeMs / 10));
}

/** Whether the attempt's code can be shown and paid at `now`. */
export function isShowable(attempt: PaymentAttempt, now: Date): boolean {
  const until = shownUntil(attempt);
  return attempt.status === 'live' && until !== undefined && until > now;
}
