/**
 * The states of the payment page.
 */

/**
 * - `ready`: there is no live QR; one can be requested, and the script does so at once
 * - `scan`: a QR is live
 * - `processing`: the outcome at the provider is not known yet
 * - `failed`: the last attempt failed; the payer decides whether to try again
 * - `paid`, `cancelled`, `expired`: the payment has ended
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
  | 'cash';
