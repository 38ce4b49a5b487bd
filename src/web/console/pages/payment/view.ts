/**
 * What the page of a payment shows.
 */
import type { PaymentIntent } from '../../../../domain/payment.ts';
import type { RefundMethod } from '../../../../domain/refunds/refund.ts';
import type { HistoryPage } from '../../../../services/operator/payment/history.ts';
import type { LoadedPayment } from '../../../../services/operator/payment/load-payment.ts';
import type { AttemptReading } from '../../../../services/operator/payment/refresh-payment.ts';
import type { Done } from '../../texts/payment/acts.ts';

/** The forms of acts; reading from the provider has no fields. */
export type ActName = 'refund' | 'cancel' | 'capture' | 'note';

/** A form that was refused: shown open, with what was entered. */
export interface RefusedForm {
  readonly act: ActName;
  readonly problem: string;
  readonly form: URLSearchParams;
}

/** The acts that the operator may do, and that the status of the payment allows. */
export interface OfferedActs {
  readonly refresh: boolean;
  readonly note: boolean;
  readonly cancel: boolean;
  readonly capture: boolean;
  readonly refund:
    | {
        readonly refundable: number;
        /** The most at once; undefined: no limit. */
        readonly maxAmount: number | undefined;
        /** The first is the usual one. */
        readonly methods: readonly RefundMethod[];
      }
    | undefined;
  readonly redeliver: boolean;
  readonly replay: boolean;
}

export interface PaymentView extends Omit<LoadedPayment, 'history'> {
  readonly history: HistoryPage;
  readonly acts: OfferedActs;
  /** The pages that the operator may open. */
  readonly links: { readonly merchant: boolean; readonly deliveries: boolean };
  /** The provider's ids of requests about each attempt, latest first. */
  readonly requestIds: ReadonlyMap<string, readonly string[]>;
  /** The operators who made refunds, by the refund. */
  readonly refunders: ReadonlyMap<string, string>;
  /** Names the forms of this page, so that each makes one refund or capture, however often it is sent. */
  readonly formId: string;
  readonly done?: Done | undefined;
  readonly refused?: RefusedForm | undefined;
  /** The provider's record, which was just read. */
  readonly readings?: readonly AttemptReading[] | undefined;
}

export function pathOf({ id }: PaymentIntent): string {
  return `/payments/${id}`;
}
