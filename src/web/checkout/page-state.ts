/**
 * The states of the payment page.
 */

/**
 * - `ready`: there is no live QR; one can be requested, and the script does so at once
 * - `scan`: a QR is live
 * - `processing`: the outcome at the provider is not known yet
 * - `failed`: the last attempt failed; the payer decides whether to try again
 * - `paid`, `cancelled`, `expired`: the payment has ended
 * - `refund_pending`, `partly_refunded`, `refunded`: it was paid, and a refund is being made, or was
 * - `cash`: this payment cannot be paid by QR
 */
export type PageState =
  | 'ready'
  | 'scan'
  | 'processing'
  | 'failed'
  | 'paid'
  | 'cancelled'
  | 'expired'
  | 'refund_pending'
  | 'partly_refunded'
  | 'refunded'
  | 'cash';

/** The states of a payment that was made, which show its receipt. */
export const RECEIPTS: ReadonlySet<PageState> = new Set([
  'paid',
  'refund_pending',
  'partly_refunded',
  'refunded',
]);

/** The states of a payment that ended without being made. */
export const CLOSED: ReadonlySet<PageState> = new Set(['cancelled', 'expired']);
