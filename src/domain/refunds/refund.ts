/**
 * The domain's data types of refunds. Shapes only; the transitions are in refund-machine.ts.
 */
import type { components } from '../../../generated/openapi.d.ts';
import type { Money, PaymentError, PaymentEvent, PaymentIntent, ReturnReason } from '../payment.ts';

type Schemas = components['schemas'];

export type RefundStatus = Schemas['Refund']['status'];
export type RefundReason = Schemas['RefundReason'];
export type RefundMethod = Schemas['Refund']['method'];
/** Who made it: the merchant through the API, the gateway itself, or somebody in the provider's own console. */
export type RefundOrigin = Schemas['Refund']['origin'];
/** Why a refund is still pending. */
export type PendingReason = NonNullable<Schemas['Refund']['pending_reason']>;

/** What the caller says about a refund, for its own records. */
export interface RefundNotes {
  readonly reason: RefundReason | undefined;
  readonly description: string | undefined;
  /** Unique among the merchant's refunds. */
  readonly merchantRefundRefId: string | undefined;
  /** Who returned or ordered it, in the merchant's own terms. */
  readonly merchantStaffId: string | undefined;
  /** At which till. */
  readonly merchantTerminalId: string | undefined;
}

export interface Refund extends RefundNotes {
  /** The provider's idempotency key. */
  readonly id: string;
  readonly intentId: string;
  readonly merchantId: string;
  readonly merchantStoreId: string | undefined;
  /** The attempt whose money it refunds; undefined when the money is returned in cash. */
  readonly attemptId: string | undefined;
  readonly providerPaymentId: string | undefined;
  readonly money: Money;
  readonly origin: RefundOrigin;
  readonly method: RefundMethod;
  /** Set for the gateway's own. */
  readonly returnReason: ReturnReason | undefined;
  /** The provider's id of a refund that was not made through the gateway. */
  readonly providerRefundId: string | undefined;
  readonly status: RefundStatus;
  readonly pendingReason: PendingReason | undefined;
  readonly failure: PaymentError | undefined;
  readonly createdAt: Date;
  /** When it succeeded or failed. */
  readonly endedAt: Date | undefined;
  /** Tries begun, each of which may have reached the provider. */
  readonly tries: number;
  readonly nextTryAt: Date | undefined;
  /** What went wrong at the last try. */
  readonly lastErrorCode: string | undefined;
}

/** What decisions need to know about the other refunds of an intent. */
export interface RefundTotals {
  /** Those that are pending or succeeded, those of the gateway included. */
  readonly count: number;
  /** The amount of the succeeded ones, without those of the gateway. */
  readonly succeeded: number;
  /** The attempts whose money the gateway returns, so that the intent does not have it. */
  readonly returnedAttemptIds: readonly string[];
}

/** A refund in the provider's own record of a payment. */
export interface ProviderRefund {
  /** Ours, or one that the provider's console has chosen. */
  readonly refundId: string;
  readonly money: Money;
  readonly status: 'pending' | 'succeeded';
  readonly acceptedAt: Date | undefined;
}

/** What has been learned about one refund. */
export type RefundUpdate =
  | { readonly type: 'succeeded' }
  /** The provider has refused it, or it is certain that it will not be made. */
  | { readonly type: 'failed'; readonly failure: PaymentError }
  /** Accepted, or not known, or not possible at present: to be tried again. */
  | {
      readonly type: 'delayed';
      readonly pendingReason: PendingReason;
      readonly errorCode: string | undefined;
      /** As the provider has asked for; the usual pause when undefined. */
      readonly retryAfterMs?: number;
    };

/** The new state of a refund and of its intent, with the events to store with it. */
export interface RefundChange {
  readonly intent: PaymentIntent;
  readonly refund: Refund;
  readonly events: readonly RefundEvent[];
}

/** An event of a refund: `object` is what the merchant is informed about, if anything. */
export type RefundEvent = PaymentEvent & {
  readonly merchantEvent?:
    | { readonly type: `refund.${'created' | 'succeeded' | 'failed'}`; readonly refund: Refund }
    | { readonly type: 'payment_intent.refunded'; readonly intent: PaymentIntent };
};
